# For tests/with-systemd and tests/fresh-machine: a root of one's own.

# kernel_folders ROOT: /proc, /sys and /dev, from within the new PID namespace.
# proc is mounted anew: this machine's own must never be remounted, since its
# flags are shared by all.
kernel_folders() {
	local node root=$1
	mkdir -p "$root"/{proc,sys,dev}
	mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
	mount -t sysfs -o nosuid,nodev,noexec sysfs "$root/sys"
	mount -t tmpfs -o mode=755,nosuid tmpfs "$root/dev"
	mkdir "$root"/dev/{pts,shm,net,mqueue}
	mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/dev/shm"
	mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5,nosuid,noexec \
		devpts "$root/dev/pts"
	mount -t mqueue -o nosuid,nodev,noexec mqueue "$root/dev/mqueue" 2>/dev/null || :
	for node in null zero full random urandom tty fuse net/tun; do
		[[ ! -c /dev/$node ]] || cp -a "/dev/$node" "$root/dev/$node"
	done
	ln -s pts/ptmx "$root/dev/ptmx"
	ln -s /proc/self/fd "$root/dev/fd"
	ln -s fd/0 "$root/dev/stdin"
	ln -s fd/1 "$root/dev/stdout"
	ln -s fd/2 "$root/dev/stderr"
}

# enter_root ROOT: from here on absolute paths, symbolic links included, mean
# the new root's.
enter_root() {
	mkdir -p "$1/.old"
	cd "$1" || return
	pivot_root . .old
	cd /
	umount -l /.old
	rmdir /.old
}
