# shellcheck shell=bash
# Boots the guest, runs one command in it and gives its output and status. Sourced by pmu-vm.

guest_pid=
run_folder=

# Folders of the guest's own: a share there would hide them.
own_folder() {
	case $1 in
	/ | /bin | /ctl | /dev | /dev/* | /etc | /lib | /lib/* | /modules | /proc | /proc/* | /run | /sbin | /sys | /sys/* | \
		/tmp | /usr | /usr/bin | /usr/lib | /usr/lib/* | /usr/sbin)
		return 0
		;;
	esac
	return 1
}

# The outputs' readers see the end when QEMU has closed the FIFOs. Had it ended before it opened them, they would wait
# for ever: opening for both directions never blocks, and lets them go.
release_readers() {
	: 7<>"$run_folder/out"
	: 7<>"$run_folder/err"
}

clean_up() {
	local status=$?
	trap - EXIT INT TERM HUP
	if [ -n "$guest_pid" ]; then
		kill "$guest_pid" 2>/dev/null || true # `timeout`, which hands it on
		wait "$guest_pid" 2>/dev/null || true
		release_readers
	fi
	[ -z "$run_folder" ] || rm -rf "$run_folder"
	exit "$status"
}

# add_share FOLDER WRITABLE: for QEMU, and for the guest in the file "shares".
add_share() {
	local folder tag=share$((shares)) readonly=on option=cache=loose
	folder=$(readlink -f "$1")
	[ -d "$folder" ] || die "there is no folder $1"
	! own_folder "$folder" || die "the guest has a $folder of its own: share a folder below it"
	case $folder in *[,\ ]*) die "a shared folder's name may have neither commas nor spaces: $folder" ;; esac
	shares=$((shares + 1))
	[ "$2" = no ] || readonly=off option=cache=mmap
	qemu_command+=(-fsdev "local,id=$tag,path=$folder,security_model=none,multidevs=remap,readonly=$readonly"
		-device "virtio-9p-device,fsdev=$tag,mount_tag=$tag")
	echo "$tag $option $folder" >>"$run_folder/ctl/shares"
}

# run_guest COMMAND...: in the guest, with the folders of the arrays read_only and writable (the last of which is the
# current folder). Uses the settings cpu, icount, paranoid, timeout_s, verbose.
run_guest() {
	local folder status="" qemu_status=0 shares=0 out err pump="pump 50000" qemu_command
	run_folder=$(mktemp -d "${TMPDIR:-/tmp}/hwprof-pmu-vm.XXXXXX")
	trap clean_up EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	mkdir "$run_folder/ctl"
	mkfifo "$run_folder/out" "$run_folder/err"
	# QEMU runs under the dynamic linker it was made for: the host's may be older.
	# shellcheck disable=SC2054 # QEMU's commas
	qemu_command=("$qemu/lib64/ld-linux-x86-64.so.2"
		--library-path "$qemu/lib/x86_64-linux-gnu:$qemu/usr/lib/x86_64-linux-gnu"
		"$qemu/usr/bin/qemu-system-aarch64" -L "$qemu/usr/share/qemu"
		-nodefaults -no-user-config -display none -monitor none -no-reboot
		-machine virt -accel tcg -cpu "$cpu" -smp 1 -m 1024
		-kernel "$kernel/vmlinuz" -initrd "$image/image.cpio"
		-append "console=ttyAMA0 loglevel=4 nokaslr panic=-1 rdinit=/init"
		-chardev "file,id=console,path=$run_folder/console" -serial chardev:console
		-device virtio-serial-device
		-chardev "file,id=out,path=$run_folder/out" -device virtserialport,chardev=out,name=out
		-chardev "file,id=err,path=$run_folder/err" -device virtserialport,chardev=err,name=err
		-fsdev "local,id=ctl,path=$run_folder/ctl,security_model=none"
		-device virtio-9p-device,fsdev=ctl,mount_tag=ctl)
	if [ "$icount" = off ]; then pump=; else qemu_command+=(-icount "$icount"); fi
	for folder in "${read_only[@]}"; do
		add_share "$folder" no
	done
	for folder in "${writable[@]}"; do
		add_share "$folder" yes
	done
	printf '%q ' "$@" >"$run_folder/ctl/command"
	printf '%s=%q\n' paranoid "$paranoid" pump "$pump" folder_now "$(readlink -f "${writable[-1]}")" \
		>"$run_folder/ctl/settings"

	cat "$run_folder/out" &
	out=$!
	cat "$run_folder/err" >&2 &
	err=$!
	timeout -k 5 "$timeout_s" "${qemu_command[@]}" </dev/null >"$run_folder/qemu.log" 2>&1 &
	guest_pid=$!
	wait "$guest_pid" || qemu_status=$?
	guest_pid=
	release_readers
	wait "$out" "$err" || true
	[ "$verbose" = no ] || cat "$run_folder/console" >&2
	[ ! -e "$run_folder/ctl/status" ] || status=$(cat "$run_folder/ctl/status")
	[ -z "$status" ] || return "$status"
	if [ "$qemu_status" -eq 124 ] || [ "$qemu_status" -eq 137 ]; then
		say "the guest did not end in $timeout_s s"
		return 124
	fi
	say "the guest ended without a word about the command (QEMU's status $qemu_status); its last lines:"
	tail -n 20 "$run_folder/qemu.log" "$run_folder/console" >&2 2>/dev/null || true
	return 125
}
