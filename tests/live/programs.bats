#!/usr/bin/env bats
# Real programs with many threads and signals run to their end under a tracer,
# and the counts are exact: what the program counts itself.

# bats file_tags=both-tracers

setup() {
	load ../common
	common_setup
	policy p.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = getppid
	mkdir = EPERM
	INI
	[ "$(uname -m)" = x86_64 ] && NUMBER=110 || NUMBER=173
}
teardown() { common_teardown; }

need() { # need PROGRAM...
	local program
	for program; do
		# works, not only there (a shim, a wrapper)
		command -v "$program" >/dev/null &&
			"$program" --version >/dev/null 2>&1 ||
			"$program" version >/dev/null 2>&1 ||
			skip "$program is not installed"
	done
}

# ------------------------------------------------------- threads and signals

# Every call got its errno or was interrupted: nothing is lost, nothing ran.
alarms() { # alarms restart|interrupt
	traced "$HELPERS/alarms" "$1" 10000 64 500 "$NUMBER"
	is status "$status" 0
	read -r _ refused _ interrupted _ other _ signals <<<"$output"
	is signals "$signals" yes
	is other "$other" 0
	is calls $((refused + interrupted)) 32000
	# EINTR is no answer of ours: counted apart, or not heard of at all
	is hits "$(row getppid .hits)" "$refused"
	[ "$(json '.totals.interrupted // 0')" -le "$interrupted" ]
}

@test "64 threads under a 10 kHz timer, SA_RESTART" {
	alarms restart
	is interrupted "$interrupted" 0
}

@test "64 threads under a 10 kHz timer without SA_RESTART: EINTR is counted apart" {
	alarms interrupt
	# ptrace answers a call before the signal is looked at
	if ! by_notify; then
		is interrupted "$interrupted" 0
	fi
}

@test "Ctrl-Z and Ctrl-C in the middle of denied calls" {
	cat >"$T/dialogue" <<-END
	< prompt\$
	> $SANDBOX -p $POLICY $TRACE -q -r $REPORT --format=json -- sh -c 'echo rea""dy; exec $HELPERS/storm 8 0 100000000 $NUMBER'\\n
	< ready
	. 3
	> \\032
	< Stopped
	< prompt\$
	> fg\\n
	. 3
	> \\003
	< prompt\$
	> echo "status \$?"\\n
	< status 130
	> exit\\n
	END
	capture env PS1='prompt$ ' "$HELPERS/pty" "$T/dialogue" \
		bash --norc --noprofile -i </dev/null
	is status "$status" 0
	is exit "$(json .exit.signal)" SIGINT
	[ "$(row getppid .hits)" -gt 100 ]
}

# ------------------------------------------------------------------ languages

@test "Python: threads, an interval timer, subprocesses" {
	need python3
	cat >"$T/program.py" <<-'PY'
	import os, signal, subprocess, sys, threading
	seen = 0
	def alarm(*_):
	    global seen
	    seen += 1
	signal.signal(signal.SIGALRM, alarm)
	signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
	answers = []
	def work(n):
	    for i in range(500):
	        try:
	            os.mkdir(sys.argv[1])
	        except OSError as error:
	            answers.append(type(error))
	threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
	for t in threads: t.start()
	for t in threads: t.join()
	signal.setitimer(signal.ITIMER_REAL, 0)
	child = subprocess.run([sys.argv[2], "getppid", "x7"], capture_output=True)
	print(answers.count(PermissionError), answers.count(InterruptedError),
	      seen > 0, child.returncode)
	PY
	traced python3 "$T/program.py" "$MARKER" "$HELPERS/syscalls"
	is status "$status" 0
	# Python's handlers interrupt calls, and its mkdir is not made again
	read -r refused interrupted rest <<<"$output"
	is rest "$rest" "True 0"
	is calls $((refused + interrupted)) 8000
	is mkdir "$(row mkdir .hits)" "$refused"
	is child "$(row getppid '[.processes[] | select(.comm == "syscalls") |
		.hits] | add')" 7
	[ ! -e "$MARKER" ]
}

@test "Node: calls of the main thread, the pool and workers" {
	need node
	cat >"$T/program.js" <<-'JS'
	const fs = require('fs'), path = process.argv[2];
	const { Worker, isMainThread, workerData } = require('worker_threads');
	const count = (n, where) => {
	  let refused = 0;
	  for (let i = 0; i < n; i++)
	    try { fs.mkdirSync(where); } catch (e) { refused += e.code === 'EPERM'; }
	  return refused;
	};
	if (!isMainThread) {
	  require('worker_threads').parentPort.postMessage(count(100, workerData));
	} else {
	  let refused = count(100, path);
	  const pool = Array.from({ length: 300 }, () =>
	    fs.promises.mkdir(path).catch(e => { refused += e.code === 'EPERM'; }));
	  const workers = Array.from({ length: 4 }, () => new Promise(done =>
	    new Worker(__filename, { workerData: path })
	      .on('message', n => { refused += n; }).on('exit', done)));
	  Promise.all([...pool, ...workers]).then(() => console.log(refused));
	}
	JS
	traced node "$T/program.js" "$MARKER"
	is status "$status" 0
	is output "$output" 800
	is mkdir "$(row mkdir .hits)" 800
	[ ! -e "$MARKER" ]
}

@test "Go: goroutines, whose scheduler preempts by signals" {
	need go
	cat >"$T/program.go" <<-'GO'
	package main

	import (
		"fmt"
		"os"
		"sync"
		"sync/atomic"
		"syscall"
	)

	func main() {
		var refused, interrupted int64
		var group sync.WaitGroup
		for i := 0; i < 64; i++ {
			group.Add(1)
			go func() {
				defer group.Done()
				for j := 0; j < 500; j++ {
					switch syscall.Mkdir(os.Args[1], 0755) {
					case syscall.EPERM:
						atomic.AddInt64(&refused, 1)
					case syscall.EINTR:
						atomic.AddInt64(&interrupted, 1)
					}
				}
			}()
		}
		group.Wait()
		fmt.Println(refused, interrupted)
	}
	GO
	sed -i 's/^\t//' "$T/program.go"
	GOFLAGS='' GO111MODULE=off GOCACHE=$T/cache HOME=$T \
		go build -o "$T/program" "$T/program.go"
	policy go.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = mkdir mkdirat
	INI
	traced "$T/program" "$MARKER"
	is status "$status" 0
	read -r refused interrupted <<<"$output"
	is calls $((refused + interrupted)) 32000
	is hits "$(json .totals.hits)" "$refused"
	[ ! -e "$MARKER" ]
}

@test "Java: threads and a garbage collector" {
	need java javac
	cat >"$T/Program.java" <<-'JAVA'
	import java.nio.file.*;
	import java.util.concurrent.*;
	import java.util.concurrent.atomic.*;
	public class Program {
	  public static void main(String[] args) throws Exception {
	    AtomicInteger refused = new AtomicInteger();
	    ExecutorService pool = Executors.newFixedThreadPool(16);
	    for (int i = 0; i < 16; i++)
	      pool.execute(() -> {
	        for (int j = 0; j < 100; j++)
	          try { Files.createDirectory(Paths.get(args[0])); }
	          catch (Exception e) { refused.incrementAndGet(); }
	      });
	    pool.shutdown();
	    pool.awaitTermination(60, TimeUnit.SECONDS);
	    System.gc();
	    System.out.println(refused);
	  }
	}
	JAVA
	javac -d "$T" "$T/Program.java"
	traced java -XX:-UsePerfData -cp "$T" Program "$MARKER"
	is status "$status" 0
	is output "$output" 1600
	is mkdir "$(row mkdir .hits)" 1600
	[ ! -e "$MARKER" ]
}

# ------------------------------------------------- tracers inside the sandbox

# notify leaves ptrace to CMD; a process has one tracer, so that ptrace does not.
no_tracer_inside() { # no_tracer_inside CMD...
	traced "$@"
	has stderr "$stderr$output" 'Operation not permitted|EPERM'
	[ ! -e "$MARKER" ]
}

@test "strace inside" {
	need strace
	if ! by_notify; then
		no_tracer_inside strace -o "$T/strace" \
			"$HELPERS/syscalls" mkdir "$MARKER" 0755
		return
	fi
	traced strace -f -o "$T/strace" sh -c \
		"'$HELPERS/syscalls' mkdir '$MARKER' 0755 x5 , getpid"
	is status "$status" 0
	has output "$output" '^mkdir = -1 EPERM'
	# it sees the answers, and the calls run on
	is seen "$(grep -c 'mkdir(.* = -1 EPERM' "$T/strace")" 5
	has end "$(<"$T/strace")" 'exited with 0'
	is hits "$(row mkdir .hits)" 5
	[ ! -e "$MARKER" ]

	# what strace itself takes away or puts in its place never arrives
	traced strace -o /dev/null -e inject=mkdir:error=EXDEV \
		"$HELPERS/syscalls" mkdir "$MARKER" 0755 , getppid
	has output "$output" '^mkdir = -1 EXDEV'
	is hits "$(json '[.denied[] | select(.syscall == "mkdir")] | length')" 0
	traced strace -f --seccomp-bpf -c -o /dev/null -e trace=mkdir \
		"$HELPERS/syscalls" mkdir "$MARKER" 0755 x9
	is status "$status" 0
	is hits "$(row mkdir .hits)" 9
	[ ! -e "$MARKER" ]
}

@test "gdb inside" {
	need gdb
	cat >"$T/gdb" <<-'GDB'
	set debuginfod enabled off
	set startup-with-shell off
	catch syscall mkdir
	run
	continue
	delete
	continue
	GDB
	if ! by_notify; then
		no_tracer_inside gdb -nx -batch -x "$T/gdb" --args \
			"$HELPERS/syscalls" mkdir "$MARKER" 0755
		return
	fi
	traced gdb -nx -batch -x "$T/gdb" --args \
		"$HELPERS/syscalls" mkdir "$MARKER" 0755 x3
	has call "$output" 'Catchpoint 1 \(call to syscall mkdir\)'
	has answer "$output" 'Catchpoint 1 \(returned from syscall mkdir\)'
	has mkdir "$output" '^mkdir = -1 EPERM'
	has end "$output" 'exited normally'
	is hits "$(row mkdir .hits)" 3
	[ ! -e "$MARKER" ]
}

@test "a sandbox inside, with the other mechanism" {
	# one listener and one tracer have room in one process
	inner=ptrace
	by_notify || inner=notify
	policy inner.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = rmdir
	INI
	inner_policy=$POLICY
	policy outer.ini <<-'INI'
	[policy]
	default = allow
	[deny]
	syscalls = link
	INI
	traced "$SANDBOX" -p "$inner_policy" "--trace=$inner" -q -r "$T/inner" \
		--format=json -- "$HELPERS/syscalls" link /nosuch "$MARKER" x3 , \
		rmdir / x2
	if by_notify; then
		is status "$status" 0
		is output "$output" "$(printf '%s\n' 'link = -1 EPERM' \
			'rmdir = -1 EPERM')"
		is outer "$(row link .hits)" 3
		is inner "$(jq '.denied[] | select(.syscall == "rmdir") | .hits' \
			"$T/inner")" 2
	else
		# the outer one refuses every listener inside
		is status "$status" 125
		has stderr "$stderr" 'listener'
	fi
	[ ! -e "$MARKER" ]
}
