/* A policy file: its form, then its meaning, as with -p. */
#include <string.h>

#include "base/util.h"
#include "formats/ini.h"
#include "formats/load.h"
#include "fuzz.h"
#include "model/decide.h"

static void check_words(const struct ini_item *item)
{
	struct ini_word word = {0};
	size_t before = 0;

	while (ini_next_word(item, &word)) {
		MUST(word.len > 0 && word.line >= item->line);
		MUST(word.line == ini_place(item, (size_t)(word.text -
							   item->value)).line);
		MUST(word.text >= item->value + before);
		MUST(word.text + word.len <= item->value + item->len);
		before = (size_t)(word.text - item->value) + word.len;
	}
}

static void check_form(const struct ini_file *ini)
{
	int last = 0;

	for (size_t i = 0; i < ini->n_items; i++) {
		const struct ini_item *item = &ini->items[i];

		MUST(item->line > last);
		last = item->line;
		MUST(strlen(item->value) == item->len);
		for (size_t at = 0; at <= item->len; at++) {
			struct ini_piece place = ini_place(item, at);

			MUST(place.line >= item->line && place.column >= 0);
		}
		check_words(item);
	}
}

static void read_form(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct ini_file ini = {0};
	struct diags diags = DIAGS_INIT;
	int result = ini_read(&ini, text, size, "fuzz.ini", &diags);

	MUST((result < 0) == (diags.n > 0));
	check_form(&ini);
	ini_free(&ini);
	diags_free(&diags);
	free(text);
}

static void use(const struct policy *policy)
{
	struct decision decision = {0};

	for (uint32_t nr = 0; nr < 480; nr += 3) {
		decide_call(policy, abis[ABI_X86].audit_arch, nr, &decision);
		MUST(decision.n && !decision.clauses[decision.n - 1].cond);
		decide_call(policy, abis[ABI_X86_64].audit_arch, nr, &decision);
		MUST(decision.n && !decision.clauses[decision.n - 1].cond);
	}
	decision_free(&decision);
}

/* As little I/O as may be: one file, in a folder of its own. */
static void read_meaning(const uint8_t *data, size_t size)
{
	static char *path;
	struct policy_request request = {.policies = (const char **)&path,
					 .n = 1};
	struct diags diags = DIAGS_INIT;
	struct policy *policy;

	if (!path)
		path = xasprintf("%s/fuzz.ini", fuzz_folder());
	fuzz_write(path, data, size);
	policy = policy_load(&request, &diags);
	MUST((policy == NULL) == (diags.n > 0));
	if (policy)
		use(policy);
	policy_free(policy);
	diags_free(&diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_form(data, size);
	read_meaning(data, size);
	return 0;
}
