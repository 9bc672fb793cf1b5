#!/usr/bin/env bats
# What is written about sandbox agrees with what it is: options, JSON members,
# groups, shipped policies, and files that other programs read.

setup() {
	load ../common
	common_setup
	MAN1=$ROOT/doc/sandbox.1
	MAN5=$ROOT/doc/sandbox.policy.5
	BASH_COMPLETION=$ROOT/contrib/completion/sandbox.bash
	ZSH_COMPLETION=$ROOT/contrib/completion/_sandbox
}
teardown() { common_teardown; }

# The text of a man page with its hyphens plain and its fonts gone.
man_text() { sed 's/\\-/-/g; s/\\f[BIRP]//g; s/\\~/ /g; s/\\(dq/"/g' "$1"; }

long_options() { # of what is read
	grep -oE -- '(^|[^[:alnum:]_-])--[a-z][a-z-]*' |
		grep -oE -- '--[a-z-]+' | sort -u
}

help_long() { sandbox --help | long_options; }
help_short() {
	sandbox --help | grep -oE '^ +-[A-Za-z]' | tr -d ' ' | sort -u
}

documents() { # name, then its text
	printf '%s\n' "$MAN1" README.md "$BASH_COMPLETION" "$ZSH_COMPLETION"
}

text_of() {
	case $1 in
	*.1 | *.5) man_text "$1" ;;
	*) cat "$1" ;;
	esac
}

# accepted OPTION...: is the policy put in force?  Then the command that is not
# there gives 127; else it is 125.
accepted() {
	local status=0
	sandbox "$@" -- "$T/not-there" || status=$?
	[ "$status" = 127 ]
}

@test "--help lists options at all" {
	[ "$(help_long | wc -l)" -ge 8 ]
	[ "$(help_short | wc -l)" -ge 6 ]
}

@test "every option of --help is in the man page and completions" {
	local missing='' doc option
	for doc in $(documents | grep -vx README.md); do
		for option in $(help_long) $(help_short); do
			text_of "$doc" |
				grep -qE -- "(^|[^[:alnum:]-])$option([^[:alnum:]-]|\$)" ||
				missing+="$doc: $option"$'\n'
		done
	done
	is "options without a word" "$missing" ""
}

@test "no document names an option that is not there" {
	local surplus='' doc option
	help_long >"$T/known"
	for doc in $(documents) doc/learning.md doc/systemd.md \
		doc/ci-and-agents.md; do
		for option in $(text_of "$doc" | long_options); do
			grep -qxF -- "$option" "$T/known" ||
				surplus+="$doc: $option"$'\n'
		done
	done
	is "options that do not exist" "$surplus" ""
}

@test "the man pages format without a warning" {
	command -v groff >/dev/null || command -v man >/dev/null ||
		skip "neither groff nor man is installed"
	local page
	for page in "$MAN1" "$MAN5"; do
		if command -v groff >/dev/null; then
			run groff -man -ww -Tutf8 -z "$page"
			is "groff on $page" "$output" ""
		fi
		if command -v man >/dev/null; then
			LC_ALL=C.UTF-8 MANWIDTH=80 run --separate-stderr \
				man --warnings -l "$page"
			is "status of man" "$status" 0
			is "man on $page" "$stderr" ""
			has "the page" "$output" "NAME"
		fi
	done
}

@test "the exit statuses of exitcode.h are in the man page" {
	local name number
	for name in DENIED SANDBOX NOEXEC NOTFOUND; do
		number=$(sed -n "s/^\tEXITCODE_$name = \([0-9]*\).*/\1/p" \
			src/base/exitcode.h)
		[ -n "$number" ]
		man_text "$MAN1" | grep -qx "\.B $number"
		grep -q "$number" README.md
	done
}

@test "every member of a JSON report is in the man page" {
	command -v jq >/dev/null || skip "jq is not installed"
	local member missing=''
	sandbox -p policies/no-write.ini -r "$REPORT" --format json -- \
		sh -c 'echo hello' >/dev/null 2>&1 || true
	sandbox -c -r "$T/count.json" --format json -- true >/dev/null 2>&1
	capture sandbox --deny mkdir --fail-denied -r "$T/fail.json" \
		--format json -- mkdir "$MARKER"
	grep -q fail_denied "$T/fail.json"
	jq -r '.. | objects | keys[]' "$REPORT" "$T/count.json" \
		"$T/fail.json" |
		sort -u >"$T/members"
	grep -qx denied "$T/members"
	grep -qx counts "$T/members"
	while read -r member; do
		man_text "$MAN1" | sed -n '/^\.SH JSON/,/^\.SH SIGNALS/p' |
			grep -qE "(^|[^a-z_])$member([^a-z_]|\$)" ||
			missing+="$member "
	done <"$T/members"
	is "members without a word" "$missing" ""
}

@test "groups named in the documents exist" {
	local group wrong=''
	cat README.md doc/HACKING.md "$BASH_COMPLETION" "$ZSH_COMPLETION" \
		"$MAN5" | sed 's/\\-/-/g' |
		grep -oE '(^|[^[:alnum:]_$"{])@[a-z][a-z-]*' |
		grep -oE '@[a-z-]+' | sort -u | grep -vx '@web' >"$T/groups"
	[ "$(wc -l <"$T/groups")" -ge 15 ]
	while read -r group; do
		accepted --deny "$group" || wrong+="$group "
	done <"$T/groups"
	is "groups that do not exist" "$wrong" ""
}

@test "every shipped policy begins with a comment that says what matters" {
	local file part head
	for file in policies/*.ini policies/include/*.ini; do
		head=$(sed '/^[^;#]/,$d; /^$/,$d' "$file")
		has "the first line of $file" "$(head -n 1 "$file")" \
			"^[;#] $(basename "$file" .ini): "
		for part in "Who it is for:" "What stays open:"; do
			has "$file" "$head" "$part"
		done
		has "$file" "$head" "What it (stops|allows):"
		case $file in
		*/include/ordinary.ini | */include/files.ini | */include/terminal.ini) ;;
		*) has "$file" "$head" "What breaks:" ;;
		esac
	done
}

@test "every shipped policy is accepted, pieces inside another" {
	local file
	printf '[policy]\ndefault = deny\n' >"$T/base.ini"
	for file in policies/*.ini; do
		accepted -p "$file" || { echo "$file"; return 1; }
		has "README's table" "$(cat README.md)" \
			"^\| .$(basename "$file"). \|"
	done
	for file in policies/include/*.ini; do
		run ! accepted -p "$file"
		has "$file alone" "$output" "default"
		accepted -p "$T/base.ini" -p "$file" || { echo "$file"; return 1; }
	done
}

@test "what doc/coming-from.md shows is what commands print" {
	export SANDBOX_POLICY_PATH=$PWD/policies
	strace -f -o "$T/app.log" sqlite3 :memory: 'select 1' >/dev/null
	sandbox convert --from strace "$T/app.log" | head -n 10 >"$T/head"
	sed -n '/^; Learned by/,/^default = deny/p' doc/coming-from.md |
		diff - "$T/head"
	echo 'type=SECCOMP msg=audit(1.2:3): arch=c000003e syscall=83 code=0' \
		>"$T/audit.log"
	cp policies/hello.ini "$T/"
	(cd "$T" && sandbox amend --open write-files hello.ini audit.log) \
		>"$T/diff" 2>"$T/said" || true
	cat "$T/said" >>"$T/diff"
	sed -n '/^--- hello.ini/,/^sandbox: amend/p' doc/coming-from.md |
		diff - "$T/diff"
	# the commands of the Docker part that run nothing
	cp /usr/share/containers/seccomp.json "$T/"
	awk '/^## Docker/ { docker = 1 } /^## bwrap/ { docker = 0 }
		/^```/ { shown = 0 } docker && /^\$ sandbox explain/ { shown = 1 }
		shown' doc/coming-from.md >"$T/shown"
	ln -s "$SANDBOX" "$T/sandbox"
	(cd "$T" && export PATH=$T:$PATH && sed -n 's/^\$ //p' shown |
		while read -r line; do
			printf '$ %s\n' "$line"
			sh -c "$line" 2>&1 >out || true
			cat out
		done) >"$T/printed"
	diff "$T/shown" "$T/printed"
	# the systemd part
	sed -n '/^\$ cat web.service/,/^\$/{/^\$/d;p}' doc/coming-from.md \
		>"$T/web.service"
	sed -n '/^\$ sandbox explain web/,/^```/{/^```/d;p}' doc/coming-from.md \
		>"$T/shown"
	(cd "$T" && export PATH=$T:$PATH && sed -n 's/^\$ //p' shown |
		while read -r line; do
			printf '$ %s\n' "$line"
			sh -c "$line"
		done) >"$T/printed"
	diff "$T/shown" "$T/printed"
	sed -n '/^# The filter of web.ini/,/^```/{/^```/d;p}' doc/coming-from.md \
		>"$T/shown"
	(cd "$T" && sandbox convert --from systemd web.service >web.ini &&
		sandbox convert --to systemd web.ini 2>/dev/null) | head -n 7 |
		diff "$T/shown" -
	capture sandbox -p "$T/web.service" -t -- nice -n -1 true
	sed -n '/^nice: cannot/,/^```/{/^```/d;p}' doc/coming-from.md >"$T/shown"
	diff <(sed -E 's,nice\[[0-9]+\],nice[],; s,[0-9]+\.[0-9]+ s,0 s,g; s, +, ,g' \
		"$T/shown") <(sed -E "s,$T/,,g
		s,nice\[[0-9]+\],nice[],; s,[0-9]+\.[0-9]+ s,0 s,g; s, +, ,g" \
		"$T/stderr")
}

@test "the policies in README and doc/learning.md load" {
	local doc
	for doc in README.md doc/learning.md; do
		awk '/^```ini/ { on = 1; next } /^```/ { on = 0 } on' "$doc" \
			>"$T/doc.ini"
		grep -q '^default = deny' "$T/doc.ini"
		accepted -p "$T/doc.ini"
	done
}

@test "doc/ci-and-agents.md: the table is what its script prints, the policy loads" {
	local doc=$ROOT/doc/ci-and-agents.md
	awk '/^\$ sh powers.sh/ { on = 0 } on; /^\$ cat powers.sh/ { on = 1 }' "$doc" \
		>"$T/powers.sh"
	awk '/^```/ { on = 0 } on; /^\$ sh powers.sh/ { on = 1 }' "$doc" >"$T/table"
	mkdir "$T/bin"
	ln -s "$SANDBOX" "$T/bin/sandbox"
	export SANDBOX_POLICY_PATH=$POLICIES
	cd "$T"
	PATH=$T/bin:$PATH capture sh powers.sh
	is table "$output" "$(cat table)"
	awk '/^```ini/ { on = 1; next } /^```/ { on = 0 } on' "$doc" >ci.ini
	accepted -p ci.ini
}

@test "every systemd-dropin command in the documents works" {
	local unit=$T/nginx.service options n=0
	printf '[Service]\nExecStart=/bin/true\n' >"$unit"
	cp policies/service.ini "$T/web.ini"
	export SANDBOX_POLICY_PATH=$ROOT/policies:$T
	while read -r options; do
		n=$((n + 1))
		# shellcheck disable=SC2086
		capture sandbox systemd-dropin "$unit" $options
		is "$options: $output: status" "$status" 0
	done < <(cat README.md doc/*.md "$MAN1" | sed 's/\\-/-/g' |
		sed -n 's/.*sandbox systemd-dropin nginx \(.*\) >.*/\1/p')
	[ "$n" -ge 5 ]
}

@test "check finds neither mistake nor hole in the examples of the man page" {
	local file
	man_text "$MAN5" | sed -n '/^\.SH EXAMPLES/,/^\.SH LIMITS/p' |
		awk -v to="$T/example" '/^\.fi/ { on = 0 } on { print > file }
			/^\.nf/ { on = 1; n++; file = to n ".ini" }'
	export SANDBOX_POLICY_PATH=$ROOT/policies
	for file in "$T"/example*.ini; do
		capture sandbox check "$file"
		is "$(cat "$file"): $output: status" "$status" 0
	done
	is "the last example" "$(grep -c '^default' "$T/example11.ini")" 1
}

@test "HACKING names every layer, in the order of the house" {
	local rooms
	rooms=$(sed -n 's/^| `\([a-z]*\)` |.*/\1/p' doc/HACKING.md)
	is "the table" "$rooms" "base
arch
tables
model
formats
filter
review
service
launch
watch
tally
report
learn
run
commands
front"
	is "the folders" "$(ls src | sort)" "$(sort <<<"$rooms")"
}

@test "the systemd examples pass systemd-analyze verify" {
	command -v systemd-analyze >/dev/null ||
		skip "systemd-analyze is not installed"
	local units=$T/units unit
	mkdir -p "$units/example-daemon.service.d"
	printf '[Service]\nType=notify\nExecStart=/bin/false\n' \
		>"$units/example-daemon.service"
	cp contrib/systemd/sandbox.conf "$units/example-daemon.service.d/"
	cp contrib/systemd/sandbox@.service "$units/"
	cp contrib/systemd/sandbox@.service "$units/sandbox@x.service"
	# Only what the example names need not be installed here.
	sed -i "s,=/usr/local/bin/sandbox .*,=/bin/true,
		s,/usr/local/bin/sandbox,/bin/true," \
		"$units"/*.service "$units"/*/*.conf
	for unit in example-daemon sandbox@x; do
		run systemd-analyze --man=no verify "$units/$unit.service"
		is "verify $unit" "$status:$output" "0:"
	done
}

# completes WORD...: what bash offers for the last word, one a line.
completes() {
	bash -c '
		source "$1"; shift
		COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
		_sandbox
		printf "%s\n" "${COMPREPLY[@]}"' _ "$BASH_COMPLETION" "$@"
}

@test "bash completion: options, policies, formats, the command" {
	mkdir "$T/named"
	touch "$T/named/web-server.ini"
	export SANDBOX_POLICY_PATH=$T/named
	is "an option" "$(completes sandbox --rep)" "--report"
	is "a policy by name" "$(completes sandbox -p web-s)" "web-server"
	is "a format" "$(completes sandbox -p x --format te)" "text"
	is "a format behind =" "$(completes sandbox --format = jsonl)" "jsonl"
	is "a tracer" "$(completes sandbox --trace = p)" "ptrace"
	has "a command" "$(completes sandbox -p x -- mkdi)" "^mkdir$"
	has "a command without --" "$(completes sandbox -t -p x mkdi)" \
		"^mkdir$"
	is "an option of the command is not ours" \
		"$(completes sandbox -p x -- ls --rep)" ""
	has "a word of ours" "$(completes sandbox expl)" "^explain$"
	has "words of ours first" "$(completes sandbox "" | head -n 1)" "^check$"
	has "then options" "$(completes sandbox "")" "^--deny$"
	hasnt "no programs, which none would run" "$(completes sandbox "")" \
		"^mkdir$"
	is "no program without a policy" "$(completes sandbox mkdi)" ""
	has "a program with one" "$(completes sandbox -p x mkdi)" "^mkdir$"
	[ "$(completes sandbox -p x "" | wc -l)" -lt 60 ]
	is "its option" "$(completes sandbox show --pf)" "--pfc"
	is "not another's" "$(completes sandbox groups --pf)" ""
	is "its policy" "$(completes sandbox show web-s)" "web-server"
	is "its format" "$(completes sandbox show x --format = j)" "json"
	is "with a policy it is CMD" \
		"$(completes sandbox -p x show --pf)" ""
}

@test "the commands of --help are in the man page, README and completions" {
	local verb doc missing=''
	sandbox --help | sed -n 's/^  \([a-z]*\)  *[A-Z[].*/\1/p; s/^  \(features\) .*/\1/p' \
		>"$T/verbs"
	[ "$(wc -l <"$T/verbs")" -ge 6 ]
	while read -r verb; do
		man_text "$MAN1" | grep -qE "^\.B $verb( |\$)" ||
			missing+="$MAN1: $verb "
		grep -qE "^\| .sandbox $verb" README.md ||
			missing+="README.md: $verb "
		for doc in "$BASH_COMPLETION" "$ZSH_COMPLETION"; do
			grep -qw "$verb" "$doc" || missing+="$doc: $verb "
		done
	done <"$T/verbs"
	is "commands without a word" "$missing" ""
}
