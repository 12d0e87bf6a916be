# shellcheck shell=bash
# Debian packages by name, downloaded and unpacked into folders: nothing is installed, and the host's own dpkg and apt
# are left alone. Each architecture has an apt of its own under $cache/apt, fed from the mirrors that the host's apt
# uses. Sourced by pmu-vm; every function runs under its lock.

# no_guest REASON: this machine cannot have the guest.
no_guest() {
	say "$*"
	exit 77
}

# The host's Debian archives, one "URI SUITE" a line. Asking apt what it would fetch gives them whatever the format of
# its sources; what its last update left behind tells Debian's from others of the same suite.
debian_archives() {
	local codename uri file suite list
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-none}")
	apt-get --print-uris update 2>/dev/null | sed -n "s|^'\\([^']*/InRelease\\)' \\([^ ]*\\) .*|\\1 \\2|p" | sort -u |
		while read -r uri file; do
			uri=${uri%/InRelease}
			suite=${uri##*/dists/}
			case $suite in
			"$codename" | "$codename-updates" | "$codename-security") ;;
			*) continue ;;
			esac
			list=/var/lib/apt/lists/$file
			[ ! -r "$list" ] || grep -qx 'Origin: Debian' "$list" || continue
			printf '%s %s\n' "${uri%/dists/*}/" "$suite"
		done
}

# apt_of ARCH COMMAND ARGUMENT...: an apt command of that architecture's apt.
apt_of() {
	local arch=$1 command=$2
	shift 2
	"$command" -c "$cache/apt/$arch/apt.conf" "$@"
}

# make_apt ARCH: its folders, its configuration, and the package lists. "lists" is there once they have been read.
make_apt() {
	local folder=$cache/apt/$1 keyring=/usr/share/keyrings/debian-archive-keyring.gpg signed=
	[ ! -e "$folder/lists" ] || return 0
	mkdir -p "$folder/state/lists/partial" "$folder/archives/partial" "$folder/sources" "$folder/none"
	[ ! -r "$keyring" ] || signed=" signed-by=$keyring"
	debian_archives | sed "s|^|deb [arch=$1$signed] |; s|\$| main|" >"$folder/sources/debian.list"
	[ -s "$folder/sources/debian.list" ] || no_guest "this machine's apt has no source of Debian's packages"
	: >"$folder/status"
	cat >"$folder/apt.conf" <<-CONF
		Dir::State "$folder/state/";
		Dir::State::status "$folder/status";
		Dir::Cache "$folder/";
		Dir::Cache::archives "$folder/archives/";
		Dir::Etc::sourcelist "/dev/null";
		Dir::Etc::sourceparts "$folder/sources/";
		Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "$folder/none/";
		#clear APT::Architectures;
		APT::Architecture "$1";
		APT::Architectures { "$1"; };
		APT::Install-Recommends "false";
		APT::Get::Assume-Yes "true";
		APT::Sandbox::User "root";
		Acquire::Languages "none";
		Acquire::Retries "3";
		#clear APT::Update::Pre-Invoke;
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
		#clear DPkg::Pre-Install-Pkgs;
		#clear DPkg::Post-Invoke;
	CONF
	say "reading Debian's package lists ($1)"
	apt_of "$1" apt-get -qq update >&2 || no_guest "Debian's package lists ($1) cannot be read: no network?"
	: >"$folder/lists"
}

# download ARCH WHAT FOLDER PACKAGE...: the packages and all they depend on, as .deb files in FOLDER. Lists older than
# the mirror name packages that it has no more: they are read again, once.
download() {
	local arch=$1 what=$2 folder=$3 try
	shift 3
	mkdir -p "$folder/partial"
	for try in 1 2; do
		make_apt "$arch"
		if apt_of "$arch" apt-get -qq --print-uris install "$@" >"$folder/uris"; then
			say "downloading $what: $(awk '{ n++; bytes += $3 }
				END { printf "%d packages, %.1f MB", n, bytes / 1e6 }' "$folder/uris")"
			apt_of "$arch" apt-get -qq -d -o "Dir::Cache::archives=$folder/" install "$@" >&2 && return 0
		fi
		[ "$try" = 2 ] || say "once more, with new package lists"
		rm -f "$cache/apt/$arch/lists"
	done
	no_guest "Debian's packages for $what cannot be had: $*"
}

# unpack FROM TO: every package of folder FROM, which is then removed. Files that people read are left out; symbolic
# links to absolute targets, which would lead out of TO, become relative.
unpack() {
	local package link
	mkdir -p "$2"
	for package in "$1"/*.deb; do
		dpkg-deb --fsys-tarfile "$package" | tar -x -C "$2" --no-same-owner --exclude='./usr/share/doc' \
			--exclude='./usr/share/man' --exclude='./usr/share/locale' --exclude='./usr/share/info' \
			--exclude='./usr/share/lintian' --exclude='./usr/share/iso-codes' --exclude='./var'
	done
	find "$2" -type f -perm /6000 -exec chmod ug-s {} +
	find "$2" -type l -lname '/*' -print0 | while IFS= read -r -d '' link; do
		ln -sfnr "$2$(readlink "$link")" "$link"
	done
	rm -rf "$1"
}
