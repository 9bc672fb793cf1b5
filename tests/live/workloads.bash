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
