# Longer runs of the programs that shipped policies are for.  NAME_work CMD...
# runs NAME with CMD... in front of it (sandbox and its options, or nothing) in
# the folder $T, and fails if the program does not do what it should.
# shellcheck shell=bash

# A port below those that the kernel gives to clients.
free_port() {
	local port
	while port=$((20000 + RANDOM % 12000)); do
		(: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

# An ordinary user's program: "$PLAIN" CMD... (PostgreSQL refuses to be root).
plain_user() {
	PLAIN=()
	[ "$(id -u)" != 0 ] || PLAIN=(setpriv --reuid 65534 --regid 65534
		--clear-groups)
}

open_folder() { # FOLDER: nobody's, and the way to it is open to everybody
	local up=$1
	mkdir -p "$1"
	until [ "$up" = / ]; do
		chmod a+x "$up" 2>/dev/null || true
		up=${up%/*}
		up=${up:-/}
	done
	[ "$(id -u)" != 0 ] || chown 65534:65534 "$1"
}

# --------------------------------------------------------------------- servers

nginx_config() { # PORT; $T/nginx has its files
	local user='' dir=$T/nginx
	open_folder "$dir"
	mkdir -p "$dir/www" "$dir/logs" "$dir/tmp"
	chmod 777 "$dir/tmp"
	[ "$(id -u)" != 0 ] || user="user nobody $(id -gn 65534);"
	echo "small" >"$dir/www/small"
	head -c 3000000 /dev/zero >"$dir/www/big"
	cat >"$dir/nginx.conf" <<-CONF
	daemon off; $user
	pid $dir/pid; error_log $dir/logs/error.log;
	worker_processes 2; worker_cpu_affinity auto; worker_priority 1;
	events { worker_connections 128; }
	http {
		access_log $dir/logs/access.log;
		sendfile on; gzip on; open_file_cache max=10;
		client_body_temp_path $dir/tmp/a; proxy_temp_path $dir/tmp/b;
		fastcgi_temp_path $dir/tmp/c; uwsgi_temp_path $dir/tmp/d;
		scgi_temp_path $dir/tmp/e;
		proxy_cache_path $dir/tmp/cache keys_zone=one:1m;
		server {
			listen 127.0.0.1:$1; listen unix:$dir/tmp/socket;
			root $dir/www; client_max_body_size 9m;
			location /list/ { alias $dir/www/; autoindex on; }
			location /tcp/ { proxy_pass http://127.0.0.1:$1/; }
			location /unix/ { proxy_cache one; proxy_cache_valid 1m;
				proxy_pass http://unix:$dir/tmp/socket:/; }
		}
	}
	CONF
}

nginx_work() {
	local port dir=$T/nginx url front
	port=$(free_port) url=http://127.0.0.1:$port
	nginx_config "$port"
	"$@" nginx -c "$dir/nginx.conf" >"$dir/out" 2>&1 3>&- &
	front=$!
	PIDS+=("$front")
	wait_for curl -sf "$url/small"
	ab -q -n 3000 -c 8 "$url/small" >"$dir/ab" 2>&1
	grep -q '^Failed requests: *0$' "$dir/ab"
	ab -q -k -n 60 -c 4 "$url/big" >"$dir/ab" 2>&1
	grep -q '^Failed requests: *0$' "$dir/ab"
	curl -sS --compressed "$url/list/" | grep -q big
	curl -sS -r 5-99 "$url/big" | cmp -n 95 - /dev/zero
	curl -sS -o "$dir/got" -d "@$dir/www/big" "$url/tcp/small"
	curl -sSf -o "$dir/got" "$url/tcp/big" "$url/nothing" || true
	[ "$(curl -sS "$url/unix/small" "$url/unix/small" | sort -u)" = small ]
	# log rotation
	mv "$dir/logs/access.log" "$dir/logs/old"
	kill -USR1 "$(cat "$dir/pid")"
	wait_for [ -e "$dir/logs/access.log" ]
	curl -sSf "$url/small"
	wait_for [ -s "$dir/logs/access.log" ]
	# a reload while somebody is served
	ab -q -n 2000 -c 4 "$url/small" >"$dir/ab" 2>&1 &
	kill -HUP "$(cat "$dir/pid")"
	wait $!
	grep -q '^Failed requests: *0$' "$dir/ab"
	curl -sSf "$url/small"
	kill -QUIT "$(cat "$dir/pid")"
	wait "$front"
}

redis_start() { # DIR PORT CMD...
	local dir=$1 port=$2
	shift 2
	mkdir -p "$dir"
	"$@" redis-server --dir "$dir" --port "$port" --bind 127.0.0.1 \
		--unixsocket "$dir/socket" --io-threads 2 --save '3600 1' \
		--appendonly "${AOF:-no}" "${@:$#+1}" >"$dir/out" 2>&1 3>&- &
	front=$!
	PIDS+=("$front")
	wait_for redis-cli -p "$port" ping
}

redis_is() { # PORT SECTION LINE
	redis-cli -p "$1" info "$2" | tr -d '\r' | grep -qx "$3"
}

redis_work() {
	local port front cli
	port=$(free_port) cli="redis-cli -p $port"
	redis_start "$T/redis" "$port" "$@"
	redis-benchmark -p "$port" -q -n 1000 -r 500 -c 20 \
		-t set,get,incr,lpush,rpop,sadd,hset,zadd,mset >"$T/benchmark"
	redis-benchmark -s "$T/redis/socket" -q -n 2000 -P 8 -t set,get \
		>"$T/benchmark"
	$cli save
	$cli bgsave
	wait_for redis_is "$port" persistence rdb_bgsave_in_progress:0
	$cli config set appendonly yes
	wait_for redis_is "$port" persistence aof_rewrite_in_progress:0
	redis-benchmark -p "$port" -q -n 1000 -r 500 -t set >"$T/benchmark"
	$cli bgrewriteaof
	wait_for redis_is "$port" persistence aof_rewrite_in_progress:0
	$cli eval 'return redis.call("set", "a", 7)' 0
	$cli debug sleep 0.01
	$cli flushall async
	$cli set a 8
	$cli shutdown || true
	wait "$front"
	# what the append-only file says, it knows again
	AOF=yes redis_start "$T/redis" "$port" "$@"
	[ "$($cli get a)" = 8 ]
	$cli shutdown || true
	wait "$front"
}

pg_find() { # the folder of its programs, or the reason why there is none
	PG=$(dirname "$(realpath "$(command -v initdb || echo /x/x)")")
	[ -x "$PG/initdb" ] || PG=$(echo /usr/lib/postgresql/*/bin)
	[ -x "$PG/initdb" ] && command -v psql >/dev/null
}

pg() { # STATEMENT...
	psql -qtAX -h "$T/pg" -p "$PORT" -U nobody postgres "${@/#/-c}"
}

pg_start() { # CMD...
	"${PLAIN[@]}" "$@" "$PG/postgres" -D "$T/pg/data" -p "$PORT" -k "$T/pg" \
		-h 127.0.0.1 -c synchronous_commit=off >>"$T/pg.log" 2>&1 3>&- &
	front=$!
	PIDS+=("$front")
	wait_for pg 'select 1'
}

postgresql_work() {
	local PORT front bench=(-n -h 127.0.0.1 -U nobody)
	plain_user
	PORT=$(free_port)
	open_folder "$T/pg"
	"${PLAIN[@]}" "$@" "$PG/initdb" -N -D "$T/pg/data" -U nobody \
		-A trust \
		>"$T/pg.log"
	pg_start "$@"
	bench+=(-p "$PORT")
	"$PG/pgbench" "${bench[@]}" -q -i -s 1 postgres 2>"$T/bench"
	"$PG/pgbench" "${bench[@]}" -c 4 -j 2 -t 150 postgres >"$T/bench" 2>&1
	grep -q 'actually processed: 600/600' "$T/bench"
	"$PG/pgbench" "${bench[@]}" -C -S -c 2 -t 30 postgres >"$T/bench" 2>&1
	pg 'vacuum full pgbench_accounts' 'vacuum (parallel 2) pgbench_accounts' \
		analyze checkpoint
	# workers, shared memory, temporary files
	pg 'set parallel_setup_cost = 0' 'set parallel_tuple_cost = 0' \
		'set min_parallel_table_scan_size = 0' 'set work_mem = 64' \
		"select count(*) from pgbench_accounts" \
		'create table s as select aid from pgbench_accounts order by 0 - aid' \
		'create index on s(aid)'
	# code compiled into memory, where the server can
	[ "$(pg 'set jit_above_cost = 0' 'set jit_optimize_above_cost = 0' \
		'select sum(aid + bid * 2) > 0 from pgbench_accounts')" = t ]
	# other programs, and signals
	pg "copy s to program 'cat >$T/pg/copy'" "copy s to '$T/pg/copy2'" \
		"copy s from '$T/pg/copy'" 'select lo_creat(-1)' \
		'select pg_reload_conf()' 'select pg_notify($$a$$, $$b$$)'
	pg 'select pg_sleep(60)' >"$T/bench" 2>&1 &
	wait_for eval "pg 'select pg_cancel_backend(pid) from pg_stat_activity
		where query ~ \$\$^select pg_sleep\$\$' | grep -q t"
	! wait $!
	"$PG/pg_dump" -h 127.0.0.1 -p "$PORT" -U nobody postgres >"$T/dump"
	# a restart: the second server reads what the first one wrote
	kill -INT "$front"
	wait "$front"
	pg_start "$@"
	[ "$(pg 'select count(*) from s')" = 200000 ]
	kill -TERM "$front"
	wait "$front"
}

# ----------------------------------------------------------------------- tools

python3_work() {
	mkdir -p "$T/py/wheel/they-1.0.dist-info"
	cat >"$T/py/wheel/they.py" <<-'PY'
	ANSWER = 42
	PY
	cat >"$T/py/work.py" <<-'PY'
	import asyncio, concurrent.futures, ctypes, getpass, glob, hashlib
	import http.server, logging.handlers, mmap, multiprocessing as mp, os
	import pathlib, pty, select, shutil, signal, socket, sqlite3, ssl
	import subprocess, sys, tempfile, threading, time, urllib.request
	from multiprocessing import shared_memory
	here = pathlib.Path(sys.argv[1])

	def square(x): return x * x

	async def echo(reader, writer):
	    writer.write(await reader.read(99)); await writer.drain()
	    writer.close()

	async def client(where):
	    reader, writer = await where()
	    writer.write(b"hi"); await writer.drain()
	    assert await reader.read(99) == b"hi"
	    writer.close()

	async def loop():
	    tcp = await asyncio.start_server(echo, "127.0.0.1", 0)
	    port = tcp.sockets[0].getsockname()[1]
	    unix = await asyncio.start_unix_server(echo, here / "socket")
	    await asyncio.gather(*[client(lambda: asyncio.open_connection(
	        "localhost", port)) for _ in range(20)], *[client(lambda:
	        asyncio.open_unix_connection(here / "socket")) for _ in range(20)])
	    p = await asyncio.create_subprocess_exec("cat", stdin=-1, stdout=-1)
	    assert (await p.communicate(b"x"))[0] == b"x"
	    await asyncio.to_thread(time.sleep, 0.01)
	    for one in (signal.SIGUSR1, signal.SIGALRM):
	        asyncio.get_running_loop().add_signal_handler(one, lambda: None)
	    os.kill(os.getpid(), signal.SIGUSR1)
	    await asyncio.sleep(0.01)

	def processes():
	    for how in "fork", "spawn", "forkserver":
	        context = mp.get_context(how)
	        with context.Pool(2) as pool:
	            assert pool.map(square, range(50)) == [x*x for x in range(50)]
	        a, b = context.Pipe(); q = context.Queue()
	        child = context.Process(target=q.put, args=(7,)); child.start()
	        assert q.get() == 7; child.join()
	    with concurrent.futures.ProcessPoolExecutor(2) as pool:
	        assert list(pool.map(square, [3])) == [9]
	    m = shared_memory.SharedMemory(create=True, size=4096)
	    m.buf[0] = 1; m.close(); m.unlink()
	    with mp.Manager() as manager: manager.dict(a=1)
	    p = subprocess.Popen(["sleep", "60"]); p.terminate(); p.wait()
	    subprocess.run("ls / | sort | head -n 1; exit 3", shell=True,
	        cwd="/", start_new_session=True, capture_output=True)
	    pid, fd = pty.fork()
	    if pid == 0: os.execvp("echo", ["echo", "there"])
	    assert b"there" in os.read(fd, 99); os.waitpid(pid, 0)

	def files():
	    db = sqlite3.connect(here / "db")
	    db.execute("pragma journal_mode=wal")
	    db.execute("create table t(x)")
	    db.executemany("insert into t values (?)", [(i,) for i in range(9999)])
	    db.commit(); db.execute("vacuum"); db.backup(sqlite3.connect(":memory:"))
	    (here / "a" / "b").mkdir(parents=True); (here / "a" / "f").write_text("x")
	    os.link(here / "a" / "f", here / "l"); os.symlink("l", here / "s")
	    os.mkfifo(here / "fifo"); os.utime(here / "l"); os.chmod(here / "l", 0o600)
	    os.truncate(here / "l", 0); os.replace(here / "l", here / "m")
	    shutil.copytree(here / "a", here / "c"); shutil.rmtree(here / "c")
	    shutil.make_archive(str(here / "tar"), "gztar", here / "a")
	    with tempfile.TemporaryFile() as f:
	        f.truncate(1 << 16); m = mmap.mmap(f.fileno(), 0); m[0] = 1; m.flush()
	    os.statvfs("/"); glob.glob("/usr/*"); list(os.scandir("/")); os.getxattr
	    getpass.getuser(); os.getloadavg(); os.cpu_count(); os.getrandom(8)
	    ctypes.CDLL(None).getpid()
	    os.posix_fadvise(os.open("/etc/passwd", 0), 0, 0, 0)

	def network():
	    handler = http.server.SimpleHTTPRequestHandler
	    handler.log_message = lambda *a: None
	    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
	    threading.Thread(target=server.serve_forever, daemon=True).start()
	    url = f"http://127.0.0.1:{server.server_port}/"
	    with concurrent.futures.ThreadPoolExecutor(8) as pool:
	        for page in pool.map(urllib.request.urlopen, [url] * 40): page.read()
	    udp = socket.socket(type=socket.SOCK_DGRAM); udp.bind(("127.0.0.1", 0))
	    udp.sendto(b"x", udp.getsockname()); assert udp.recv(9) == b"x"
	    socket.getaddrinfo("localhost", 80, flags=socket.AI_ADDRCONFIG); ssl.create_default_context()
	    r, w = os.pipe(); p = select.poll(); p.register(r); p.poll(1)
	    e = select.epoll(); e.register(r); e.poll(0.01)
	    signal.signal(signal.SIGALRM, lambda *a: None)
	    signal.setitimer(signal.ITIMER_REAL, 0.01); time.sleep(0.02)
	    server.shutdown()

	if __name__ == "__main__":
	    asyncio.run(loop()); files(); processes(); network()
	    print("worked")
	PY
	sed -i 's/^\t//' "$T/py/work.py"
	[ "$("$@" python3 "$T/py/work.py" "$T/py")" = worked ]
}

# pip and a wheel that is here.
pip_work() {
	mkdir -p "$T/pip"
	python3 - "$T/pip" <<-'PY'
	import sys, zipfile
	info = "they-1.0.dist-info/"
	with zipfile.ZipFile(sys.argv[1] + "/they-1.0-py3-none-any.whl", "w") as z:
	    z.writestr("they/__init__.py", "ANSWER = 42\n")
	    z.writestr("they/__main__.py", "print(42)\ndef main(): print(42)\n")
	    z.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: they\nVersion: 1.0\n")
	    z.writestr(info + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
	    z.writestr(info + "entry_points.txt", "[console_scripts]\nthey = they.__main__:main\n")
	    z.writestr(info + "RECORD", "")
	PY
	"$@" python3 -m pip install -q --no-index --no-cache-dir \
		--disable-pip-version-check --root-user-action=ignore \
		--target "$T/pip/to" "$T/pip/they-1.0-py3-none-any.whl"
	[ "$(PYTHONPATH=$T/pip/to python3 -m they)" = 42 ]
}

git_settings() { # DIR: of nobody else
	export HOME=$1 GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b \
		GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b GIT_EDITOR=true
	mkdir -p "$1"
	git config --global init.defaultBranch main
	git config --global advice.detachedHead false
}

git_work() (
	git_settings "$T/git"
	cd "$T/git"
	cat >work.sh <<-'SH'
	set -e
	git init -q one; cd one
	for i in $(seq 12); do
		seq "$i" 200 >"f$i"; git add .; git commit -qm "$i"
	done
	git checkout -qb other HEAD~9; git mv f1 g1; echo x >>f2; git commit -qam b
	git rebase -q main; git rebase -q -i --root; git checkout -q main
	git merge -q --no-ff -m m other; git tag -a v1 -m v1
	printf '#!/bin/sh\nls / | head -n 1 >hooked\n' >.git/hooks/post-commit
	chmod +x .git/hooks/post-commit; echo y >>f3; git commit -qam hook
	[ -s hooked ]; git stash -q -u; git stash pop -q; git gc -q
	git fsck; git repack -adq; git prune; git bundle create -q ../bundle --all
	git clone -q . ../copy; git clone -q --no-hardlinks --depth 1 \
		"file://$PWD" ../shallow; git clone -q ../bundle ../unbundled
	git -C ../copy checkout -qb mine; echo z >>../copy/f4
	git -C ../copy commit -qam mine; git -C ../copy push -q origin mine
	git fetch -q ../copy; git pull -q ../copy mine; git log --stat -p | wc -l
	git blame f4; git bisect start HEAD v1~6; git bisect run false
	git bisect reset; git archive --format=tar.gz v1 | wc -c
	git worktree add -q ../tree; git worktree remove ../tree
	git submodule add -q "$PWD/../copy" sub || :
	git grep -n 7 | wc -l; git diff --word-diff v1~5 | wc -l
	git format-patch -q -3 -o ../patches; git clean -qfdx; git reset -q --hard
	git cherry-pick --allow-empty --keep-redundant-commits v1~3
	SH
	"$@" sh work.sh >log 2>&1 || { cat log; return 1; }
)

# A clone, a push and a rebase over ssh to a server on loopback, which is not
# under the policy.
git_ssh_work() (
	local port dir=$T/ssh
	port=$(free_port)
	mkdir -p "$dir" /run/sshd
	ssh-keygen -qt ed25519 -N '' -f "$dir/host"
	ssh-keygen -qt ed25519 -N '' -f "$dir/key"
	cp "$dir/key.pub" "$dir/authorized"
	printf '%s\n' "Port $port" 'ListenAddress 127.0.0.1' "HostKey $dir/host" \
		"AuthorizedKeysFile $dir/authorized" 'StrictModes no' 'UsePAM no' \
		"PidFile $dir/pid" >"$dir/config"
	"$(command -v sshd)" -D -f "$dir/config" -E "$dir/log" 3>&- &
	trap 'kill $!' EXIT
	git_settings "$dir/home"
	export GIT_SSH_COMMAND="ssh -p $port -i $dir/key -o UserKnownHostsFile=$dir/known
		-o StrictHostKeyChecking=no -o LogLevel=ERROR -F none"
	GIT_SSH_COMMAND=${GIT_SSH_COMMAND//$'\n'/ }
	cd "$dir"
	wait_for $GIT_SSH_COMMAND "$(id -un)@127.0.0.1" true
	git init -q server
	git -C server commit -q --allow-empty -m first
	"$@" sh -ec 'git clone -q "ssh://$1/server" client; cd client
		git checkout -qb mine; echo a >a; git add a; git commit -qm a
		git -C ../server commit -q --allow-empty -m second
		git fetch -q; git rebase -q origin/main
		git push -q origin mine; git ls-remote origin | grep -q mine' \
		sh "$(id -un)@localhost$dir"
)

build_work() (
	local dir=$T/build
	mkdir -p "$dir/home" "$dir/go" "$dir/cargo/src" "$dir/node/src"
	cp -r Makefile src contrib "$dir"
	cd "$dir"
	export HOME=$dir/home GOCACHE=$dir/home/go GOFLAGS=-mod=mod GOPROXY=off \
		CARGO_HOME=$dir/home/cargo RUSTUP_HOME=${RUSTUP_HOME:-/root/.rustup}
	cat >go/go.mod <<-'GO'
	module they
	go 1.18
	GO
	cat >go/main.go <<-'GO'
	package main

	import "fmt"

	func Twice(n int) int { return 2 * n }
	func main()           { fmt.Println(Twice(21)) }
	GO
	cat >go/main_test.go <<-'GO'
	package main

	import "testing"

	func TestTwice(t *testing.T) {
		if Twice(2) != 4 {
			t.Fatal("no")
		}
	}
	GO
	printf '[package]\nname = "they"\nversion = "1.0.0"\nedition = "2021"\n' \
		>cargo/Cargo.toml
	cat >cargo/src/lib.rs <<-'RS'
	pub fn twice(n: u32) -> u32 { 2 * n }
	#[test]
	fn it() { assert_eq!(twice(std::thread::spawn(|| 2).join().unwrap()), 4) }
	RS
	echo '{"name": "they", "version": "1.0.0", "scripts": {"build": "node build.js"}}' \
		>node/package.json
	for i in 1 2 3; do echo "export const a$i = $i;" >node/src/$i.js; done
	cat >node/build.js <<-'JS'
	const fs = require('fs'), { execFileSync, fork } = require('child_process');
	const { Worker } = require('worker_threads'), zlib = require('zlib');
	if (process.argv[2] === 'child') {
	  process.on('message', m => { process.send(m + 1); process.disconnect(); });
	} else {
	  const names = fs.readdirSync('src');
	  fs.mkdirSync('dist', { recursive: true });
	  for (const n of names)
	    fs.writeFileSync('dist/' + n + '.gz', zlib.gzipSync(fs.readFileSync('src/' + n)));
	  fs.watch('dist', () => {}).close();
	  execFileSync('node', ['--check', 'build.js']);
	  new Worker('require("worker_threads").parentPort.postMessage(1)', { eval: true })
	    .on('message', () => {
	      const c = fork(__filename, ['child']);
	      c.send(41);
	      c.on('message', m => fs.writeFileSync('dist/answer', String(m)));
	    });
	}
	JS
	cat >work.sh <<-'SH'
	set -e
	works() { command -v "$1" >/dev/null && "$1" "${2:---version}" >/dev/null 2>&1; }
	make -j2
	printf 'int twice(int n) { return 2 * n; }\n' >l.c
	printf '#include <iostream>\n#include <thread>\nextern "C" int twice(int);\n
		int main() { std::thread t([] { std::cout << twice(21) << "\\n"; });
		t.join(); try { throw 1; } catch (int) { } }\n' >m.cc
	printf 'all: m\nm: m.o l.a\n\tg++ -flto -pthread -o $@ $^\nl.a: l.o\n\tar rcs $@ $^\n%s\n' \
		'm.o: m.cc; g++ -O2 -g -pipe -c -o $@ $<' >Makefile.they
	make -j2 --output-sync -f Makefile.they
	[ "$(./m)" = 42 ]; strip m; objdump -d m | wc -l; gcc -shared -fPIC -o l.so l.c
	nice -n 1 timeout 9 ./m; mkfifo f; cat f & echo a >f; wait
	install -D -m 755 ./m to/bin/m; cp -a to copy; ln -s m to/bin/n
	tar czf to.tar.gz to; tar xzf to.tar.gz -C copy; touch -d 2020-01-01 to/bin/m
	taskset -c 0 true; find . -name '*.o' -print0 | xargs -0 -P2 -n1 size | wc -l
	python3 -m compileall -q -j 2 contrib src; python3 -m unittest -q 2>/dev/null || :
	! works go version || (cd go; go build -o they; [ "$(./they)" = 42 ]; go test)
	! works cargo || (cd cargo; cargo test -q --offline)
	! works node || (cd node; node build.js; [ "$(cat dist/answer)" = 42 ])

	SH
	"$@" bash work.sh >log 2>&1 || { tail -n 30 log; return 1; }
)

# ---------------------------------------------------------------------- agents

# The commands of tests/live/agent-commands, each with the status that it says,
# or 127 where a program is not installed; "net" only where there is a network.
agent_work() { agent_commands '' "$@"; }
agent_offline_work() { agent_commands '^net ' "$@"; }
agent_commands() (
	grep -v "^#${1:+\|$1}" "$BATS_TEST_DIRNAME/agent-commands" |
		sed 's/^net //' >"$T/commands"
	shift
	git_settings "$T/home"
	export GOCACHE=$T/home/go GOFLAGS='' GO111MODULE=off PORT
	PORT=$(free_port)
	mkdir "$T/agent"
	cd "$T/agent"
	cat >../agent.sh <<-'SH'
	while IFS= read -r line <&9; do
		want=0
		[[ $line != [0-9]* ]] || want=${line%% *} line=${line#* }
		(eval "$line") 9<&- </dev/null >>../log 2>&1
		got=$?
		[ $got = "$want" ] || [ $got = 127 ] || echo "$got, not $want: $line"
	done 9<../commands
	echo end
	SH
	"$@" bash ../agent.sh >../answers
	[ "$(cat ../answers)" = end ] || { cat ../answers; return 1; }
)

browser_find() { # its name
	local name
	for name in chromium-headless-shell chromium chromium-browser google-chrome; do
		command -v "$name" >/dev/null || continue
		BROWSER=$name
		return
	done
	return 1
}

browser_work() (
	local dir=$T/browser server
	open_folder "$dir"
	cd "$dir"
	export HOME=$dir
	cat >one.html <<-'HTML'
	<h1>one</h1><script>
	document.body.append([...Array(5).keys()].map(i => i * i).join("-"))
	</script>
	HTML
	cat >two.html <<-'HTML'
	<canvas id=c></canvas><img src=pixel.svg><script>
	c.getContext("2d").fillRect(0, 0, 9, 9);
	const w = new Worker(URL.createObjectURL(new Blob(["postMessage(6 * 7)"])));
	w.onmessage = m => { document.title = m.data;
	  localStorage.a = 1; indexedDB.open("a");
	  WebAssembly.instantiate(new Uint8Array([0,97,115,109,1,0,0,0])).then(() =>
	  document.body.append("answer " + m.data)) };
	</script><iframe src=one.html></iframe>
	HTML
	echo '<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>' \
		>pixel.svg
	cp two.html three.html
	python3 -u -m http.server -b 127.0.0.1 0 >server 2>&1 3>&- &
	server=$!
	trap 'kill $server' EXIT
	wait_for grep -q 'port [0-9]' server
	PORT=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' server)
	cat >pages.sh <<-'SH'
	set -e
	start() { "$BROWSER" --headless --no-sandbox --disable-gpu --no-first-run \
		--user-data-dir="$PWD/data" --virtual-time-budget=2000 "$@" 2>>log; }
	start --dump-dom "file://$PWD/one.html" >dom
	grep -q '0-1-4-9-16' dom
	start --dump-dom "http://127.0.0.1:$PORT/two.html" >dom
	grep -q 'answer 42' dom
	start --screenshot="$PWD/shot.png" --window-size=400,300 \
		"http://localhost:$PORT/three.html"
	[ "$(head -c 4 shot.png | tail -c 3)" = PNG ]
	start --print-to-pdf="$PWD/page.pdf" "http://127.0.0.1:$PORT/two.html"
	[ "$(head -c 4 page.pdf)" = %PDF ]
	SH
	BROWSER=$BROWSER PORT=$PORT "$@" bash pages.sh
)
