# shellcheck shell=bash
# What the cache holds, in five stages: QEMU, the cross tools with the arm64 sysroot, tools for the guest, the kernel,
# and the guest's file system. A stage is a folder $cache/NAME-KEY, where KEY is the hash of all that decides what is in it: versions of
# this folder live beside each other, and a folder that is there is whole (it is made under another name first).
# Sourced by pmu-vm.

triplet=aarch64-linux-gnu
qemu_packages="qemu-system-arm"
cross_packages="gcc-$triplet cpio"
# Everything hwprof and its unit tests link, and the guest's own shells.
sysroot_packages="libc6-dev libpfm4-dev libunwind-dev libdw-dev libelf-dev libprotobuf-c-dev libdeflate-dev
	liblzma-dev zlib1g-dev libiberty-dev libjansson-dev libcmocka-dev busybox-static bash dash
	libc-bin"
# What tests use in the guest. Where busybox has such a tool too, it lacks options, or runs other tools of its own.
tools_packages="linux-perf python3 procps findutils util-linux coreutils"
kernel_package="linux-image-arm64"
# In the order of loading. What a kernel has built in is passed over.
kernel_modules="netfs fscache 9pnet 9p 9pnet_virtio virtio_mmio virtio_console"

key_of() {
	printf '%s\n' "$@" | sha256sum | cut -c 1-12
}

# The folder of each stage, in the variables qemu, cross, tools, kernel and image.
name_stages() {
	local codename
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-none}")
	qemu=$cache/qemu-$(key_of "$codename" "$qemu_packages" "$(declare -f unpack make_qemu)")
	cross=$cache/cross-$(key_of "$codename" "$cross_packages" "$sysroot_packages" \
		"$(declare -f unpack make_cross make_wrappers)")
	tools=$cache/tools-$(key_of "$codename" "$tools_packages" "$(declare -f unpack make_tools copy_libraries)")
	kernel=$cache/kernel-$(key_of "$codename" "$kernel_package" "$kernel_modules" "$(declare -f make_kernel)")
	image=$cache/image-$(key_of "$cross" "$tools" "$kernel" "$(declare -f make_image copy_libraries)" \
		"$(cat "$here/guest-init.sh" "$here/pump.c")")
}

# make_stage NAME FOLDER: make_NAME fills a scratch folder, which is then given its name. A scratch folder left by an
# interrupted run is thrown away; so is a version of the stage that nobody has used for two weeks.
make_stage() {
	[ -d "$2" ] && return 0
	rm -rf "$cache/new"
	mkdir -p "$cache/new"
	"make_$1" "$cache/new"
	rm -rf "$cache/new/packages"
	find "$cache" -maxdepth 1 -name "$1-*" -mtime +14 -exec rm -rf {} +
	mv "$cache/new" "$2"
}

make_qemu() {
	# shellcheck disable=SC2086 # a list
	download amd64 QEMU "$1/packages" $qemu_packages
	unpack "$1/packages" "$1"
}

make_cross() {
	# shellcheck disable=SC2086
	download amd64 "the AArch64 compiler" "$1/packages" $cross_packages
	# These tools run under the host's dynamic linker, and so with the host's libc.
	rm -f "$1"/packages/libc6_*.deb
	unpack "$1/packages" "$1/tools"
	# shellcheck disable=SC2086
	download arm64 "the AArch64 libraries" "$1/packages" $sysroot_packages
	unpack "$1/packages" "$1/sysroot"
	make_wrappers "$1"
}

# The tools under the names configure looks for, with their own libraries and the sysroot. Their paths are taken from
# how they are called: always by absolute path, or found on PATH.
make_wrappers() {
	local tool name sysroot
	mkdir -p "$1/bin"
	for tool in "$1/tools/usr/bin/$triplet"-* "$1/tools/bin/cpio"; do
		name=${tool##*/}
		sysroot=
		case $name in
		"$triplet"-gcc | "$triplet"-gcc-[0-9]* | "$triplet"-cpp | "$triplet"-cpp-[0-9]*)
			sysroot='--sysroot="$top/sysroot" '
			;;
		esac
		cat >"$1/bin/$name" <<-EOF
			#!/bin/sh
			top=\${0%/*}/..
			libraries=\$top/tools/usr/lib/x86_64-linux-gnu:\$top/tools/lib/x86_64-linux-gnu
			export LD_LIBRARY_PATH="\$libraries\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
			exec "\$top${tool#"$1"}" $sysroot"\$@"
		EOF
	done
	cat >"$1/bin/$triplet-pkg-config" <<-EOF
		#!/bin/sh
		top=\$(cd "\${0%/*}/.." && pwd)
		unset PKG_CONFIG_PATH
		export PKG_CONFIG_LIBDIR="\$top/sysroot/usr/lib/$triplet/pkgconfig:\$top/sysroot/usr/share/pkgconfig"
		export PKG_CONFIG_SYSROOT_DIR="\$top/sysroot"
		exec pkg-config "\$@"
	EOF
	chmod +x "$1"/bin/*
}

# Debian's newest kernel of its suite: the image, and the modules that the guest loads.
make_kernel() {
	local package module file
	make_apt arm64
	package=$(apt_of arm64 apt-cache depends "$kernel_package" | sed -n 's/^ *Depends: \(linux-image-[^ ]*\)$/\1/p')
	[ -n "$package" ] || no_guest "$kernel_package names no kernel"
	download_kernel "$package" "$1/packages"
	mkdir "$1/tree" "$1/modules"
	dpkg-deb --fsys-tarfile "$1"/packages/linux-image-*.deb | tar -x -C "$1/tree"
	mv "$1"/tree/boot/vmlinuz-* "$1/vmlinuz"
	grep -q '^CONFIG_HW_PERF_EVENTS=y' "$1"/tree/boot/config-* || no_guest "$package has no hardware perf events"
	for module in $kernel_modules; do
		file=$(find "$1/tree" -name "$module.ko*")
		case $file in
		*.ko) cp "$file" "$1/modules/$module.ko" ;;
		*.ko.xz) xz -dc "$file" >"$1/modules/$module.ko" ;;
		*.ko.zst) zstd -qdc "$file" >"$1/modules/$module.ko" ;;
		'') grep -q "/$module.ko\$" "$1"/tree/lib/modules/*/modules.builtin || say "$package has no module $module" ;;
		esac
	done
	rm -rf "$1/tree"
}

# The kernel's package alone: what it depends on is for installing it.
download_kernel() {
	local try bytes
	mkdir -p "$2"
	for try in 1 2; do
		bytes=$(apt_of arm64 apt-cache show "$1" | sed -n 's/^Size: //p' | head -n 1)
		say "downloading the AArch64 kernel: 1 package, $((bytes / 1000000)) MB"
		(cd "$2" && apt_of arm64 apt-get -qq download "$1" >&2) && return 0
		rm -f "$cache/apt/arm64/lists"
		[ "$try" = 2 ] || make_apt arm64
	done
	no_guest "Debian's kernel cannot be had: $1"
}

# copy_libraries FROM TO: the shared libraries of an unpacked tree.
copy_libraries() {
	local folder
	for folder in "lib/$triplet" "usr/lib/$triplet"; do
		mkdir -p "$2/$folder"
		[ ! -d "$1/$folder" ] || find "$1/$folder" -maxdepth 1 -name '*.so*' ! -type d -exec cp -a -t "$2/$folder" {} +
	done
}

make_tools() {
	# shellcheck disable=SC2086
	download arm64 "tools for the guest" "$1/packages" $tools_packages
	unpack "$1/packages" "$1/tree"
	copy_libraries "$1/tree" "$1"
	mkdir "$1/usr/bin"
	cp -a "$1"/tree/usr/bin/{perf*,python3*,env,find,pgrep,pkill,setpriv,timeout,xargs} \
		"$1"/tree/bin/{date,ls,ps} "$1/usr/bin/"
	rm -rf "$1"/tree/usr/lib/python3*/{ensurepip,idlelib,lib2to3,pydoc_data,test,unittest,distutils,asyncio}
	cp -a "$1"/tree/usr/lib/python3* "$1/usr/lib/"
	rm -rf "$1/tree"
}

# The guest's file system, as the kernel unpacks it into memory: shells, shared libraries, tools, the pump.
make_image() {
	local root=$1/root module
	mkdir -p "$root"/{bin,sbin,dev,proc,sys,tmp,run,ctl,root,etc,modules,usr/{bin,sbin}}
	cp -a "$cross"/sysroot/bin/{busybox,bash,dash} "$root/bin/"
	ln -s dash "$root/bin/sh" # busybox's shell would prefer its own tools
	copy_libraries "$cross/sysroot" "$root"
	cp -a "$cross/sysroot/lib/ld-linux-aarch64.so.1" "$root/lib/"
	mkdir "$root/usr/lib/locale"
	cp -a "$cross/sysroot/usr/lib/locale/C.utf8" "$root/usr/lib/locale/"
	cp -a "$tools"/{lib,usr} "$root/"
	for module in $kernel_modules; do
		[ -e "$kernel/modules/$module.ko" ] || continue
		cp "$kernel/modules/$module.ko" "$root/modules/"
		echo "$module" >>"$root/modules/order"
	done
	"$cross/bin/$triplet-gcc" -std=gnu11 -O2 -Wall -Wextra -Werror -static -o "$root/usr/bin/pump" "$here/pump.c"
	cp "$here/guest-init.sh" "$root/init"
	chmod +x "$root/init"
	printf '%s\n' root:x:0:0:root:/root:/bin/bash user:x:1000:1000:user:/tmp:/bin/bash >"$root/etc/passwd"
	printf '%s\n' root:x:0: user:x:1000: >"$root/etc/group"
	printf '%s\n' 'passwd: files' 'group: files' 'hosts: files' >"$root/etc/nsswitch.conf"
	echo 127.0.0.1 localhost >"$root/etc/hosts"
	(cd "$root" && find . -mindepth 1 -print0 | sort -z | "$cross/bin/cpio" -0 -o -H newc -R 0:0 --quiet) >"$1/image.cpio"
	rm -rf "$root"
}

# make_stages: everything, once. Only a missing stage takes the lock; while somebody else makes it, this waits.
make_stages() {
	local tool
	name_stages
	if ! [ -d "$qemu" ] || ! [ -d "$cross" ] || ! [ -d "$tools" ] || ! [ -d "$kernel" ] || ! [ -d "$image" ]; then
		[ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] || no_guest "the PMU guest needs a Debian machine, amd64"
		for tool in apt-get apt-cache dpkg-deb flock tar xz sha256sum; do
			command -v "$tool" >/dev/null || no_guest "the PMU guest needs $tool"
		done
		exec 9>"$cache/lock"
		flock 9
		make_stage qemu "$qemu"
		make_stage cross "$cross"
		make_stage tools "$tools"
		make_stage kernel "$kernel"
		make_stage image "$image"
		exec 9>&-
	fi
	touch -c "$qemu" "$cross" "$tools" "$kernel" "$image"
}
