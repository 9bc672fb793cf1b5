#include "formats/settings.h"

#include "base/nearest.h"
#include "base/util.h"
#include "tables/errname.h"

static int parse_kernel(const char *value)
{
	cleanup_free char *major = xstrdup(value);
	char *dot = strchr(major, '.');
	unsigned long long a, b;

	if (!dot)
		return -1;
	*dot = '\0';
	return parse_u64(major, &a) && parse_u64(dot + 1, &b) &&
			       a <= UINT8_MAX && b <= UINT8_MAX
		       ? KERNEL(a, b)
		       : -1;
}

static const struct row {
	const char *key, *expected;
	enum setting_id id; /* SET_COUNT: not in the layer's table */
	int stand_in;       /* after a mistake: what causes no further one */
	int (*parse)(const char *value); /* or NULL; -1: wrong */
	struct {
		const char *word; /* of two for one value the first is shown */
		int value;
	} choices[5]; /* up to a NULL */
} rows[] = {
	{.key = "description", .id = SET_COUNT},
	{.key = "include", .id = SET_COUNT},
	{.key = "quiet", .id = SET_COUNT},
	{.key = "architectures", .id = SET_ARCHITECTURES,
	 .stand_in = (1 << ABI_COUNT) - 1},
	{"errno", "an errno by name (EPERM) or number (1-511)", SET_ERRNO, 1,
	 errno_parse, {}},
	{"kernel", "a Linux release, MAJOR.MINOR, such as 5.2", SET_KERNEL, 0,
	 parse_kernel, {}},
	{"default", "allow, deny, kill or log", SET_DEFAULT, ACTION_KILL, NULL,
	 {{"allow", ACTION_ALLOW}, {"deny", ACTION_DENY},
	  {"kill", ACTION_KILL}, {"log", ACTION_LOG}}},
	{"foreign", "kill or deny", SET_FOREIGN, ACTION_KILL, NULL,
	 {{"kill", ACTION_KILL}, {"deny", ACTION_DENY}}},
	{"final", "yes, no or all", SET_FINAL, FINAL_NO, NULL,
	 {{"yes", FINAL_YES}, {"no", FINAL_NO}, {"all", FINAL_ALL}}},
	{"privileges", "keep or drop", SET_PRIVILEGES, 0, NULL,
	 {{"keep", 1}, {"drop", 0}}},
	{"speculation", "allow, mitigate or default", SET_SPECULATION, 0, NULL,
	 {{"allow", 1}, {"mitigate", 0}, {"default", 0}}},
};
_Static_assert(ERRNO_LAST == 511, "the text of errno has it");

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

bool setting_is_key(const char *key)
{
	return find_row(key) != NULL;
}

const char *setting_key(enum setting_id id)
{
	return row_of(id)->key;
}

static char *list_abis(int mask)
{
	char *list = NULL;

	for (int abi = 0; abi < ABI_COUNT; abi++)
		if (mask >> abi & 1)
			reprint(&list, "%s%s%s", list ? list : "",
				list ? " " : "", abis[abi].name);
	return list ? list : xstrdup("");
}

char *setting_text(enum setting_id id, int value)
{
	const struct row *row = row_of(id);
	size_t i = 0;

	if (id == SET_ERRNO)
		return xstrdup(errno_text(value));
	if (id == SET_KERNEL)
		return xasprintf("%d.%d", value >> 8, value & 0xff);
	if (id == SET_ARCHITECTURES)
		return list_abis(value);
	while (row->choices[i].value != value)
		i++;
	return xstrdup(row->choices[i].word);
}

/* ------------------------------------------------------------------ reading */

/* The value, or -1 with the reason in diags; so the next. */
static int parse_value(const struct row *row, const char *value,
		       struct source at, struct diags *diags)
{
	int parsed = row->parse ? row->parse(value) : -1;
	const char *near = NULL;

	for (size_t i = 0; !row->parse && row->choices[i].word; i++)
		if (streq(row->choices[i].word, value))
			return row->choices[i].value;
	if (parsed >= 0)
		return parsed;
	if (row->id == SET_ERRNO)
		near = errno_suggest(value);
	return near ? diag_add(diags, at, "unknown errno '%s' (did you mean "
			       "'%s'?)", value, near)
		    : diag_add(diags, at, "'%s' is %s, not '%.60s'", row->key,
			       row->expected, value);
}

static int parse_architectures(const struct ini_item *item,
			       enum abi_id machine, struct source at,
			       struct diags *diags)
{
	struct ini_word word = {0};
	int set = 0, ret = 0;

	while (ini_next_word(item, &word)) {
		cleanup_free char *name = xstrndup(word.text, word.len);
		int abi = streq(name, "native") ? (int)machine
						: abi_by_name(name);
		cleanup_free char *known = list_abis(-1);

		at.line = word.line;
		if (abi < 0)
			ret = diag_add(diags, at, "unknown architecture '%s' "
				       "(known: native %s)", name, known);
		else
			set |= 1 << abi;
	}
	return ret < 0 ? -1 : set;
}

static void refuse_key(const char *key, struct source at, struct diags *diags)
{
	struct nearest near = nearest_to(key);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		nearest_offer(&near, rows[i].key);
	if (near.name)
		diag_add(diags, at, "unknown key '%s' in [policy] (did you "
			 "mean '%s'?)", key, near.name);
	else
		diag_add(diags, at, "unknown key '%s' in [policy]", key);
}

int item_second_line(const struct ini_item *item)
{
	for (size_t i = 0; i < item->n_pieces; i++)
		if (item->pieces[i].line != item->line)
			return item->pieces[i].line;
	return 0;
}

/* The form that every key of the section shares; before: the line that has it
 * already, or 0. */
static int check_item(const struct ini_item *item, int before,
		      struct source at, struct diags *diags)
{
	int second = item_second_line(item);
	bool is_list = streq(item->key, "quiet");

	if (before && !is_list && !streq(item->key, "include"))
		return diag_add(diags, at, "'%s' is already set on line %d",
				item->key, before);
	if (second && !is_list && !streq(item->key, "architectures")) {
		at.line = second;
		return diag_add(diags, at, "'%s' takes one line, and this "
				"indented line continues it: remove the blanks "
				"before it", item->key);
	}
	if (item->len == 0)
		return diag_add(diags, at, "'%s' has no value", item->key);
	return 0;
}

static void read_item(struct layer *layer, enum abi_id machine,
		      const struct row *row, int before,
		      const struct ini_item *item, struct source at,
		      struct diags *diags)
{
	struct setting *setting = &layer->settings[row->id];
	bool sound = check_item(item, before, at, diags) == 0;
	int value = -1;

	if (sound && streq(row->key, "description"))
		layer->description = xstrdup(item->value);
	if (row->id == SET_COUNT)
		return;
	if (sound)
		value = row->id == SET_ARCHITECTURES
				? parse_architectures(item, machine, at, diags)
				: parse_value(row, item->value, at, diags);
	if (sound || !before)
		*setting = (struct setting){value < 0 ? row->stand_in : value,
					    {layer->file, item->line}};
}

void settings_read(struct layer *layer, enum abi_id machine,
		   const struct ini_file *ini, struct diags *diags)
{
	int seen[ARRAY_SIZE(rows)] = {0}; /* the line of each row's first */

	for (size_t i = 0; i < ini->n_items; i++) {
		const struct ini_item *item = &ini->items[i];
		struct source at = {layer->file, item->line};
		const struct row *row = find_row(item->key);

		if (!streq(item->section, "policy"))
			continue;
		if (!row) {
			refuse_key(item->key, at, diags);
			continue;
		}
		read_item(layer, machine, row, seen[row - rows], item, at,
			  diags);
		if (!seen[row - rows])
			seen[row - rows] = item->line;
	}
}
