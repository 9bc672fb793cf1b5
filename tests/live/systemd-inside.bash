# What the tests of systemd.bats have in a booted systemd (tests/with-systemd);
# sourced by each of their scripts.
set -euo pipefail

LOGS=/var/log/daemon
mkdir $LOGS
chmod 1777 $LOGS
cp "$SANDBOX" /usr/local/bin/sandbox
cp "$HELPERS/daemon" /usr/local/bin/daemon
chmod 755 /usr/local/bin/sandbox /usr/local/bin/daemon
mkdir -p /etc/sandbox
cp -r policies/. /etc/sandbox
chown -R root:root /etc/sandbox
chmod -R u=rwX,go=rX /etc/sandbox
cat >/etc/sandbox/mkdirless.ini <<'INI'
[policy]
default = allow
[deny]
syscalls = mkdir mkdirat
INI
# A build with ASan: its leak checker uses calls of its own at the end.
systemctl set-environment ASAN_OPTIONS=detect_leaks=0

# How sandbox can stand in front of a service.
# shellcheck disable=SC2034
MODES=("" "-t" "--trace=ptrace"
	"--in-place" "--in-place -t" "--in-place --trace=ptrace")

fail() {
	printf '%s (mode "%s")\n' "$1" "${mode-}"
	systemctl status "$unit" || true
	cat "$LOGS/$unit" 2>/dev/null || true
	journalctl --sync
	journalctl --no-pager -n 30 -u "$unit" || true
	exit 1
}

is() { # is WHAT GOT WANTED
	[ "$2" = "$3" ] || fail "$1: got '$2', wanted '$3'"
}

matches() { # matches WHAT TEXT PATTERN
	[[ $2 =~ $3 ]] || fail "$1: '$2' does not match '$3'"
}

# service WORDS... <<more settings: the daemon behind sandbox, in $mode, as a
# new unit whose name is in $unit.
count=0
service() {
	count=$((count + 1))
	unit=s$count
	{
		cat <<-UNIT
		[Service]
		Type=notify
		TimeoutStartSec=10
		TimeoutStopSec=10
		ExecStart=/usr/local/bin/sandbox -p mkdirless $mode -- /usr/local/bin/daemon $LOGS/$unit $*
		UNIT
		cat
	} >/etc/systemd/system/$unit.service
	systemctl daemon-reload
}

start() {
	systemctl start "$unit" || fail "did not start"
}

stop() {
	systemctl stop "$unit" || fail "did not stop"
}

property() {
	systemctl show -P "$1" "$unit"
}

property_is() { # property_is NAME WANTED
	is "$1" "$(property "$1")" "$2"
}

status_is() { # status_is PATTERN
	[[ $(property StatusText) =~ ^$1$ ]]
}

restarted() {
	[ "$(property NRestarts)" -ge 1 ]
}

times() { # how often a line stands in the daemon's log
	grep -cx -- "$1" "$LOGS/$unit" || true
}

wait_until() { # wait_until COMMAND...
	local end=$((SECONDS + 20))
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || fail "waited in vain for: $*"
		sleep 0.05
	done
}

traced() { # is there a report in this mode?
	[[ $mode == *-t* ]]
}

in_place() {
	[[ $mode == *--in-place* ]]
}

# dropin UNIT: sandbox in front of it in $mode, as systemd-dropin has it; without
# its --in-place if that is not in $mode.
dropin() {
	local place=' --in-place'
	if in_place; then
		place=
	fi
	# shellcheck disable=SC2086
	/usr/local/bin/sandbox systemd-dropin "$1" -p service -p outer \
		${mode#--in-place} | sed "s/${place:-^$}//" \
		>"/etc/systemd/system/$1.service.d/sandbox.conf"
	systemctl daemon-reload
}

# entries JQ-FILTER: of the journal's entries of denied calls of $unit.
entries() {
	journalctl --sync
	journalctl -o json -u "$unit" MESSAGE_ID=ff3a9ddc21574bf1a0ed45eb20c3af0f |
		jq -rs "$1"
}
