#!/bin/busybox sh
# shellcheck shell=dash
# The guest's first program. /ctl, a folder of the host, says what to do: settings, the folders to share, and the
# command. The command's output leaves by two virtio serial ports, its exit status by /ctl/status.
export PATH=/usr/bin:/bin:/usr/sbin:/sbin HOME=/root LC_ALL=C.UTF-8 TERM=dumb
/bin/busybox --install -s
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev 2>/dev/null
mkdir -p /dev/shm /dev/pts
mount -t devpts devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tmpfs tmpfs /run
mount -t tracefs tracefs /sys/kernel/tracing
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ln -sf /proc/self/fd /dev/fd
ln -sf fd/0 /dev/stdin
ln -sf fd/1 /dev/stdout
ln -sf fd/2 /dev/stderr
hostname pmu-vm
ifconfig lo 127.0.0.1 up
while read -r module; do
	insmod "/modules/$module.ko"
done </modules/order

give_up() {
	echo "pmu-vm guest: $*"
	poweroff -f
}

# share TAG FOLDER OPTION: a folder of the host, under the name it has there.
share() {
	mkdir -p "$2"
	mount -t 9p -o "trans=virtio,version=9p2000.L,msize=262144,access=any,$3" "$1" "$2" || give_up "no share $1 at $2"
}

share ctl /ctl cache=none
. /ctl/settings
while read -r tag option folder; do
	share "$tag" "$folder" "$option"
done </ctl/shares

echo "$paranoid" >/proc/sys/kernel/perf_event_paranoid
echo 0 >/proc/sys/kernel/kptr_restrict
# Handlers are slow under emulation: the kernel may not lower the sampling rate for that. (It takes these in this order.)
echo 1000000 >/proc/sys/kernel/perf_event_max_sample_rate
echo 0 >/proc/sys/kernel/perf_cpu_time_max_percent

# The device of a virtio serial port, or the console when it does not come.
port() {
	tries=0
	while [ $tries -lt 200 ]; do
		for device in /sys/class/virtio-ports/*; do
			[ "$(cat "$device/name" 2>/dev/null)" = "$1" ] || continue
			[ -c "/dev/${device##*/}" ] && echo "/dev/${device##*/}" && return
		done
		usleep 20000
		tries=$((tries + 1))
	done
	echo /dev/console
}

mkfifo /run/out /run/err
cat </run/out >"$(port out)" &
reader_out=$!
cat </run/err >"$(port err)" &
reader_err=$!
# What the command leaves behind would hold its pipes open: it gets a group of its own, ended as a whole.
mkdir /sys/fs/cgroup/command
cd "$folder_now" || give_up "no folder $folder_now"
: >/ctl/started
# shellcheck disable=SC2086 # $pump is several words, or none
sh -c 'echo $$ >/sys/fs/cgroup/command/cgroup.procs; exec setsid "$@"' sh $pump bash /ctl/command \
	</dev/null >/run/out 2>/run/err
status=$?
echo 1 >/sys/fs/cgroup/command/cgroup.kill
wait $reader_out $reader_err
echo $status >/ctl/status.new
mv /ctl/status.new /ctl/status
sync
poweroff -f
