#include "formats/settings.h"

#include <stdlib.h>

#include "base/nearest.h"
#include "base/util.h"
#include "tables/errname.h"

struct choice {
	const char *word; /* NULL: the end; of two words for one value the
	                     first is shown */
	int value;
};

struct row;

/* The value of the text, or -1 with the reason in diags. */
typedef int parse_fn(const struct row *row, const struct ini_item *item,
		     struct source at, struct diags *diags);

struct row {
	const char *key;
	parse_fn *parse; /* NULL: not a setting of the layer's table */
	enum setting_id id;
	bool is_list;   /* may go on in indented lines */
	bool may_repeat;
	int stand_in;   /* after a mistake: what causes no further one */
	const struct choice *choices;
};

static const struct choice default_choices[] = {
	{"allow", ACTION_ALLOW}, {"deny", ACTION_DENY}, {"kill", ACTION_KILL},
	{"log", ACTION_LOG},     {NULL, 0},
};
static const struct choice foreign_choices[] = {
	{"kill", ACTION_KILL}, {"deny", ACTION_DENY}, {NULL, 0},
};
static const struct choice final_choices[] = {
	{"yes", 1}, {"no", 0}, {NULL, 0},
};
static const struct choice privileges_choices[] = {
	{"keep", 1}, {"drop", 0}, {NULL, 0},
};
static const struct choice speculation_choices[] = {
	{"allow", 1}, {"mitigate", 0}, {"default", 0}, {NULL, 0},
};

/* "allow, deny, kill or log" */
static char *list_choices(const struct choice *choices)
{
	char *text = xstrdup(choices[0].word);

	for (const struct choice *c = choices + 1; c->word; c++)
		reprint(&text, "%s%s%s", text, c[1].word ? ", " : " or ",
			c->word);
	return text;
}

static int parse_choice(const struct row *row, const struct ini_item *item,
			struct source at, struct diags *diags)
{
	cleanup_free char *words = NULL;

	for (const struct choice *c = row->choices; c->word; c++)
		if (streq(c->word, item->value))
			return c->value;
	words = list_choices(row->choices);
	diag_add(diags, at, "'%s' is %s, not '%.60s'", row->key, words,
		 item->value);
	return -1;
}

static int parse_errno(const struct row *row, const struct ini_item *item,
		       struct source at, struct diags *diags)
{
	int err = errno_parse(item->value);
	const char *near;

	if (err >= 0)
		return err;
	near = errno_suggest(item->value);
	if (near)
		diag_add(diags, at, "unknown errno '%s' (did you mean '%s'?)",
			 item->value, near);
	else
		diag_add(diags, at, "'%s' is an errno by name (EPERM) or "
			 "number (1-%d), not '%.60s'", row->key, ERRNO_LAST,
			 item->value);
	return -1;
}

static int parse_kernel(const struct row *row, const struct ini_item *item,
			struct source at, struct diags *diags)
{
	cleanup_free char *major = xstrdup(item->value);
	char *dot = strchr(major, '.');
	unsigned long long a, b;

	if (dot) {
		*dot = '\0';
		if (parse_u64(major, &a) && parse_u64(dot + 1, &b) &&
		    a <= UINT8_MAX && b <= UINT8_MAX)
			return KERNEL(a, b);
	}
	diag_add(diags, at, "'%s' is a Linux release, MAJOR.MINOR, such as 5.2, "
		 "not '%.60s'", row->key, item->value);
	return -1;
}

static int refuse_abi(const char *name, struct source at, struct diags *diags)
{
	cleanup_free char *known = xstrdup("native");

	for (int i = 0; i < ABI_COUNT; i++)
		reprint(&known, "%s %s", known, abis[i].name);
	diag_add(diags, at, "unknown architecture '%s' (known: %s)", name,
		 known);
	return -1;
}

static int parse_architectures(const struct row *row,
			       const struct ini_item *item, struct source at,
			       struct diags *diags)
{
	struct ini_word word = {0};
	int set = 0, ret = 0;

	(void)row;
	while (ini_next_word(item, &word)) {
		cleanup_free char *name = xstrndup(word.text, word.len);
		int abi = streq(name, "native") ? ABI_NATIVE
						: abi_by_name(name);

		at.line = word.line;
		if (abi < 0)
			ret = refuse_abi(name, at, diags);
		else
			set |= 1 << abi;
	}
	return ret < 0 ? -1 : set;
}

#define CHOICE(name, setting, fallback)                                        \
	{                                                                      \
		.key = #name, .parse = parse_choice, .id = setting,            \
		.choices = name##_choices, .stand_in = fallback                \
	}

static const struct row rows[] = {
	{.key = "description", .id = SET_COUNT},
	{.key = "include", .id = SET_COUNT, .may_repeat = true},
	{.key = "errno", .parse = parse_errno, .id = SET_ERRNO, .stand_in = 1},
	{.key = "kernel", .parse = parse_kernel, .id = SET_KERNEL},
	{.key = "architectures", .parse = parse_architectures,
	 .id = SET_ARCHITECTURES, .is_list = true,
	 .stand_in = 1 << ABI_NATIVE},
	CHOICE(default, SET_DEFAULT, ACTION_KILL),
	CHOICE(foreign, SET_FOREIGN, ACTION_KILL),
	CHOICE(final, SET_FINAL, 0),
	CHOICE(privileges, SET_PRIVILEGES, 0),
	CHOICE(speculation, SET_SPECULATION, 0),
};

static const struct row *find_row(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (streq(rows[i].key, key))
			return &rows[i];
	return NULL;
}

static const struct row *row_of(enum setting_id id)
{
	size_t i = 0;

	while (rows[i].id != id)
		i++;
	return &rows[i];
}

const char *setting_key(enum setting_id id)
{
	return row_of(id)->key;
}

static char *abi_list(int mask)
{
	char *list = xstrdup("");

	for (int abi = 0; abi < ABI_COUNT; abi++)
		if (mask >> abi & 1)
			reprint(&list, "%s%s%s", list, *list ? " " : "",
				abis[abi].name);
	return list;
}

char *setting_text(enum setting_id id, int value)
{
	const struct choice *choice = row_of(id)->choices;
	char buf[16];

	if (id == SET_ERRNO)
		return xstrdup(errno_name(value, buf));
	if (id == SET_KERNEL)
		return xasprintf("%d.%d", value >> 8, value & 0xff);
	if (id == SET_ARCHITECTURES)
		return abi_list(value);
	while (choice->value != value)
		choice++;
	return xstrdup(choice->word);
}

bool setting_is_key(const char *key)
{
	return find_row(key) != NULL;
}

static int refuse_key(const char *key, struct source at, struct diags *diags)
{
	struct nearest near = nearest_to(key);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		nearest_offer(&near, rows[i].key);
	if (near.name)
		diag_add(diags, at, "unknown key '%s' in [policy] (did you "
			 "mean '%s'?)", key, near.name);
	else
		diag_add(diags, at, "unknown key '%s' in [policy]", key);
	return -1;
}

int item_second_line(const struct ini_item *item)
{
	for (size_t i = 0; i < item->n_pieces; i++)
		if (item->pieces[i].line != item->line)
			return item->pieces[i].line;
	return 0;
}

/* The form that every key of the section shares. */
static int check_item(const struct row *row, const struct ini_item *item,
		      const struct ini_item *before, struct source at,
		      struct diags *diags)
{
	int second = item_second_line(item);

	if (before && !row->may_repeat) {
		diag_add(diags, at, "'%s' is already set on line %d", row->key,
			 before->line);
		return -1;
	}
	if (second && !row->is_list) {
		at.line = second;
		diag_add(diags, at, "'%s' takes one line, and this indented "
			 "line continues it: remove the blanks before it",
			 row->key);
		return -1;
	}
	if (item->len == 0) {
		diag_add(diags, at, "'%s' has no value", row->key);
		return -1;
	}
	return 0;
}

static int read_item(struct layer *layer, const struct row *row,
		     const struct ini_item *item, struct source at,
		     struct diags *diags)
{
	struct setting *setting = &layer->settings[row->id];
	int value;

	if (streq(row->key, "description"))
		layer->description = xstrdup(item->value);
	if (!row->parse)
		return 0;
	value = row->parse(row, item, at, diags);
	setting->at = (struct source){layer->file, item->line};
	setting->value = value < 0 ? row->stand_in : value;
	return value < 0 ? -1 : 0;
}

static void stand_in(struct layer *layer, const struct row *row, int line)
{
	struct setting *setting = &layer->settings[row->id];

	if (row->parse && !setting->at.file)
		*setting = (struct setting){row->stand_in, {layer->file, line}};
}

int settings_read(struct layer *layer, const struct ini_file *ini,
		  const char *file, struct diags *diags)
{
	const struct ini_item *seen[ARRAY_SIZE(rows)] = {0};
	int ret = 0;

	for (size_t i = 0; i < ini->n_items; i++) {
		const struct ini_item *item = &ini->items[i];
		struct source at = {file, item->line};
		const struct row *row = find_row(item->key);

		if (!streq(item->section, "policy"))
			continue;
		if (!row) {
			ret = refuse_key(item->key, at, diags);
			continue;
		}
		if (check_item(row, item, seen[row - rows], at, diags) < 0) {
			stand_in(layer, row, item->line);
			ret = -1;
		} else {
			ret |= read_item(layer, row, item, at, diags);
		}
		if (!seen[row - rows])
			seen[row - rows] = item;
	}
	return ret;
}
