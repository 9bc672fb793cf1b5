/* The cache's folder and its entries, file by file; what becomes of a wrong
 * proposal is in tests/cli/cache.bats. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "base/util.h"
#include "filter/cache.h"
#include "filter/compile.h"
#include "filter/gate.h"
#include "load_fixture.h"

#define FOLDER "cache/sandbox"

static const struct digest key = {"010203ff000000000000000000000000"};
static const struct answers plain = {.watch = WATCH_NONE};

static struct program some_program(size_t n)
{
	struct program program = {0};

	for (size_t i = 0; i < n; i++)
		program_append(&program,
			       (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
							    (uint32_t)i));
	return program;
}

static void store(const struct digest *k, size_t n)
{
	struct program program = some_program(n);

	assert_true(cache_store(FOLDER, k, &program));
	program_free(&program);
}

/* How many instructions are there; 0: none that are used. */
static size_t loaded(const struct digest *k)
{
	struct program program, wanted;
	bool found = cache_load(FOLDER, k, &program);
	size_t n = program.n;

	assert_int_equal(found, n > 0);
	wanted = some_program(n);
	if (n)
		assert_memory_equal(program.insns, wanted.insns,
				    n * sizeof(*program.insns));
	program_free(&wanted);
	program_free(&program);
	return n;
}

static char *only_entry(void)
{
	DIR *dir = opendir(FOLDER);
	struct dirent *item;
	char *path = NULL;

	assert_non_null(dir);
	while ((item = readdir(dir))) {
		if (*item->d_name == '.')
			continue;
		assert_null(path);
		path = xasprintf("%s/%s", FOLDER, item->d_name);
	}
	closedir(dir);
	assert_non_null(path);
	return path;
}

static int enter(void **state)
{
	return scratch_enter(state) || mkdir("cache", 0700);
}

#define in_folder(test)                                                        \
	cmocka_unit_test_setup_teardown(test, enter, scratch_leave)

static void what_is_stored_is_loaded(void **state)
{
	struct digest other = key;
	struct program program = some_program(PROGRAM_MAX + 1);

	(void)state;
	other.text[31] = '1';
	assert_int_equal(loaded(&key), 0);
	store(&key, 7);
	assert_int_equal(loaded(&key), 7);
	assert_int_equal(loaded(&other), 0);
	store(&key, 1);
	store(&other, PROGRAM_MAX);
	assert_int_equal(loaded(&key), 1);
	assert_int_equal(loaded(&other), PROGRAM_MAX);
	assert_false(cache_store(FOLDER, &key, &program));
	assert_int_equal(loaded(&key), 1);
	program_free(&program);
}

/* An entry is its instructions.  The length must be a program's, what they are is
 * the proof's business. */
static void form(void **state)
{
	struct program program = some_program(PROGRAM_MAX + 1);
	struct stat st;
	char *path;

	(void)state;
	store(&key, 5);
	path = only_entry();
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 5 * 8);
	for (size_t n = 0; n <= 7 * 8; n++) {
		write_bytes(path, program.insns, n);
		assert_int_equal(loaded(&key), n % 8 ? 0 : n / 8);
	}
	write_bytes(path, program.insns, PROGRAM_MAX * 8);
	assert_int_equal(loaded(&key), PROGRAM_MAX);
	write_bytes(path, program.insns, (PROGRAM_MAX + 1) * 8);
	assert_int_equal(loaded(&key), 0);
	program_free(&program);
	free(path);
}

static void whose_it_is(void **state)
{
	static const struct {
		mode_t entry, folder;
		size_t n;
	} cases[] = {
		{0600, 0700, 3}, {0644, 0755, 3}, {0400, 0500, 3},
		{0620, 0700, 0}, {0602, 0700, 0}, {0666, 0700, 0},
		{0600, 0720, 0}, {0600, 0702, 0}, {0600, 01777, 0},
	};
	char *path;

	(void)state;
	store(&key, 3);
	path = only_entry();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(chmod(path, cases[i].entry), 0);
		assert_int_equal(chmod(FOLDER, cases[i].folder), 0);
		assert_int_equal(loaded(&key), cases[i].n);
		assert_int_equal(chmod(FOLDER, 0700), 0);
	}
	assert_int_equal(chmod(path, 0600), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 12345, 0), 0);
		assert_int_equal(loaded(&key), 0);
		assert_int_equal(chown(path, 0, 12345), 0);
		assert_int_equal(loaded(&key), 3);
		assert_int_equal(chown(FOLDER, 12345, 0), 0);
		assert_int_equal(loaded(&key), 0);
	}
	free(path);
}

/* Nothing is written into a folder that is not ours alone, nor through a link,
 * and no attempt leaves a trace. */
static void where_nothing_is_stored(void **state)
{
	struct program program = some_program(2);

	(void)state;
	assert_int_equal(mkdir(FOLDER, 0777) | chmod(FOLDER, 0777), 0);
	assert_false(cache_store(FOLDER, &key, &program));
	assert_int_equal(rmdir(FOLDER), 0);
	assert_int_equal(mkdir("elsewhere", 0700), 0);
	assert_int_equal(symlink("../elsewhere", FOLDER), 0);
	assert_false(cache_store(FOLDER, &key, &program));
	assert_false(cache_load(FOLDER, &key, &program));
	assert_int_equal(rmdir("elsewhere"), 0);
	assert_int_equal(unlink(FOLDER), 0);
	write_text(FOLDER, "");
	assert_false(cache_store(FOLDER, &key, &program));
	assert_false(cache_store("/proc/self/no/such", &key, &program));
	program_free(&program);
}

static void the_oldest_go(void **state)
{
	struct digest k = key;

	(void)state;
	for (int i = 0; i < CACHE_ENTRIES + 10; i++) {
		snprintf(k.text, sizeof(k.text), "%032x", (unsigned)i);
		store(&k, 2);
		if (i == 9) /* Linux before 6.13 tells file times by ticks */
			usleep(20000);
	}
	for (int i = 0; i < CACHE_ENTRIES + 10; i++) {
		snprintf(k.text, sizeof(k.text), "%032x", (unsigned)i);
		assert_int_equal(loaded(&k), i < 10 ? 0 : 2);
	}
}

/* A reader beside fifty writers finds a whole entry or none. */
static void many_at_once(void **state)
{
	enum { WRITERS = 50 };
	int status, failed = 0;
	char *path;

	(void)state;
	for (int i = 0; i < WRITERS; i++)
		if (fork() == 0) {
			store(&key, 100);
			_exit(loaded(&key) != 100);
		}
	for (int i = 0; i < 1000; i++) {
		size_t n = loaded(&key);

		assert_true(n == 0 || n == 100);
	}
	while (wait(&status) > 0)
		failed += status != 0;
	assert_int_equal(failed, 0);
	path = only_entry();
	free(path);
}

static void folder_is(const char *xdg, const char *home, const char *wanted)
{
	char *got;

	xdg ? setenv("XDG_CACHE_HOME", xdg, 1) : unsetenv("XDG_CACHE_HOME");
	home ? setenv("HOME", home, 1) : unsetenv("HOME");
	got = cache_folder();
	if (geteuid() == 0)
		wanted = "/var/cache/sandbox";
	if (wanted)
		assert_string_equal(got, wanted);
	else
		assert_null(got);
	free(got);
}

/* In a child, as an ordinary user, whoever runs the tests. */
static void folder(void **state)
{
	int status = -1;

	(void)state;
	folder_is("/x", "/h", "/x/sandbox");
	if (fork() == 0) {
		if (geteuid() == 0 && setresuid(65534, 65534, 65534) < 0)
			_exit(1);
		folder_is("/x", "/h", "/x/sandbox");
		folder_is(NULL, "/h", "/h/.cache/sandbox");
		folder_is("", "/h", "/h/.cache/sandbox");
		folder_is("x", "/h", NULL);
		folder_is(NULL, NULL, NULL);
		folder_is(NULL, "", NULL);
		folder_is(NULL, "h", NULL);
		_exit(0);
	}
	assert_true(wait(&status) > 0);
	assert_int_equal(status, 0);
}

/* ------------------------------------------------------------- the key */

static struct digest key_for(const char *text)
{
	struct policy *policy = load_text(text);
	struct digest k = cache_key(policy, &plain, 0);

	policy_free(policy);
	return k;
}

static bool same(struct digest a, struct digest b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

#define BASE                                                                   \
	"[policy]\ndefault = allow\n[deny]\nread = if count > 5\n"             \
	"write = always\n"

static void texts_with_one_effect_have_one_key(void **state)
{
	(void)state;
	assert_true(same(key_for(BASE), key_for("; hello\n" BASE)));
	assert_true(same(key_for(BASE),
			 key_for("[policy]\ndescription = x\ndefault = allow\n"
				 "[deny]\nwrite = always\n\n"
				 "read = if count > 5 ; or so\n")));
}

/* No two of these may have one key; the first is the base of the others. */
static const struct variant {
	const char *settings, *section, *read, *rest;
} variants[] = {
	{"default = allow", "deny", "if count > 5", "write = always"},
	{"default = log", "deny", "if count > 5", "write = always"},
	{"default = allow\nerrno = EIO", "deny", "if count > 5",
	 "write = always"},
	{"default = allow\nforeign = deny", "deny", "if count > 5",
	 "write = always"},
	{"default = allow\nfinal = yes", "deny", "if count > 5",
	 "write = always"},
	{"default = allow\nfinal = all", "deny", "if count > 5",
	 "write = always"},
	{"default = allow\nquiet = write", "deny", "if count > 5",
	 "write = always"},
	{"default = allow\nquiet = read", "deny", "if count > 5",
	 "write = always"},
	{"default = allow\nkernel = 5.4", "deny", "if count > 5",
	 "write = always"},
	{"default = allow\narchitectures = x86_64 x86", "deny", "if count > 5",
	 "write = always"},
	{"default = allow", "kill", "if count > 5", "write = always"},
	{"default = allow", "log", "if count > 5", "write = always"},
	{"default = allow", "allow", "only if count > 5", "write = always"},
	{"default = deny", "allow", "if count > 5", "write = always"},
	{"default = deny", "allow", "only if count > 5", "write = always"},
	{"default = allow", "deny", "always", "write = always"},
	{"default = allow", "deny", "EIO if count > 5", "write = always"},
	{"default = allow", "deny", "if count > 6", "write = always"},
	{"default = allow", "deny", "if count >= 5", "write = always"},
	{"default = allow", "deny", "if count & 7 > 5", "write = always"},
	{"default = allow", "deny", "if fd > 5", "write = always"},
	{"default = allow", "deny", "if not count > 5", "write = always"},
	{"default = allow", "deny", "if count > 5 and fd == 1",
	 "write = always"},
	{"default = allow", "deny", "if count > 5 or fd == 1",
	 "write = always"},
	{"default = allow", "deny", "if count > 5", ""},
	{"default = allow", "deny", "if count > 5", "write = EIO"},
	{"default = allow", "deny", "if count > 5", "write = EAGAIN"},
	{"default = allow", "deny", "if count > 5", "readv = always"},
	{"default = allow", "deny", "if count > 5", "600 = always"},
	{"default = allow", "deny", "if count > 5", "601 = always"},
	{"default = allow", "deny", "if count > 5", "@write = always"},
};

static void what_counts_changes_the_key(void **state)
{
	struct digest keys[ARRAY_SIZE(variants)];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(variants); i++) {
		const struct variant *v = &variants[i];
		cleanup_free char *text = xasprintf(
			"[policy]\n%s\n[%s]\nread = %s\n%s\n", v->settings,
			v->section, v->read, v->rest);

		keys[i] = key_for(text);
		if (i == 0)
			assert_true(same(keys[0], key_for(BASE)));
		for (size_t j = 0; j < i; j++)
			if (same(keys[i], keys[j]))
				fail_msg("%zu and %zu have one key:\n%s", i, j,
					 text);
	}
}

static void the_way_it_runs_changes_the_key(void **state)
{
	const struct answers traced = {.watch = WATCH_PTRACE};
	const struct answers counted = {.watch = WATCH_PTRACE, .count = true};
	const struct answers lenient = {.watch = WATCH_PTRACE,
					.permissive = true};
	struct policy *policy = load_text(BASE);
	struct digest keys[] = {
		cache_key(policy, &plain, 0),
		cache_key(policy, &plain, GATE_EXECVE),
		cache_key(policy, &plain, GATE_EXIT_GROUP),
		cache_key(policy, &traced, 0),
		cache_key(policy, &counted, 0),
		cache_key(policy, &lenient, 0),
		{{0}},
	};

	(void)state;
	assert_true(same(keys[0], cache_key(policy, &plain, 0)));
	policy->tracer_rules = ADD_NO_LISTENER;
	keys[6] = cache_key(policy, &plain, 0);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		for (size_t j = 0; j < i; j++)
			assert_false(same(keys[i], keys[j]));
	policy_free(policy);
}

static void the_digest_is_of_rules_not_of_how_they_run(void **state)
{
	static const char *const texts[] = {
		BASE, "# a comment\n" BASE, BASE "getpid = always\n"};
	struct digest digests[3];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct policy *policy = load_text(texts[i]);

		digests[i] = policy_digest(policy);
		policy->tracer_rules = ADD_NO_LISTENER;
		assert_true(same(digests[i], policy_digest(policy)));
		policy_free(policy);
	}
	assert_int_equal(strspn(digests[0].text, "0123456789abcdef"),
			 DIGEST_SIZE - 1);
	assert_true(same(digests[0], digests[1]));
	assert_false(same(digests[0], digests[2]));
}

/* The order of layers is the order of their say. */
static void the_order_of_files_changes_the_key(void **state)
{
	struct digest k[2];

	(void)state;
	write_text("a.ini", BASE);
	write_text("b.ini", "[policy]\ndefault = allow\n[allow]\nread = always\n");
	for (int i = 0; i < 2; i++) {
		struct policy *policy =
			i ? must_load(NULL, NULL, NAMES("a.ini", "b.ini"))
			  : must_load(NULL, NULL, NAMES("b.ini", "a.ini"));

		k[i] = cache_key(policy, &plain, 0);
		policy_free(policy);
	}
	assert_false(same(k[0], k[1]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_folder(what_is_stored_is_loaded),
		in_folder(form),
		in_folder(whose_it_is),
		in_folder(where_nothing_is_stored),
		in_folder(the_oldest_go),
		in_folder(many_at_once),
		cmocka_unit_test(folder),
		in_folder(texts_with_one_effect_have_one_key),
		in_folder(what_counts_changes_the_key),
		in_folder(the_way_it_runs_changes_the_key),
		in_folder(the_digest_is_of_rules_not_of_how_they_run),
		in_folder(the_order_of_files_changes_the_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
