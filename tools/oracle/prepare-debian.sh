#!/bin/sh
# Makes what `record --target qemu --guest FOLDER` boots, out of Debian's packages: vmlinuz, agent, bin/*, modules/*.ko.
#
#   sh tools/oracle/prepare-debian.sh FOLDER [RELEASE]
#
# RELEASE is a kernel of Debian such as 6.1.0-56-amd64; without it, the one that linux-image-amd64 names.
# Needs apt, dpkg-deb, gcc and make. Nothing is installed. A kernel of a later Debian than this one wants a compiler that is
# not here: then that compiler is unpacked too, and runs in a chroot, which needs root.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
release=${2:-$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: linux-image-//p' | head -n 1)}
mkdir -p "$folder/modules" "$folder/build/memlog"
folder=$(cd "$folder" && pwd)
cd "$folder/build"

# The headers come in parts: common, kbuild, the compiler's name.
parts=$(apt-cache depends "linux-headers-$release" | sed -n 's/.*Depends: \(linux-[a-z]*-.*\)/\1/p' | grep -v '^linux-image-')
apt-get download "linux-image-$release" "linux-headers-$release" $parts
for package in *.deb; do dpkg-deb -x "$package" root; done
cp "root/boot/vmlinuz-$release" "$folder/vmlinuz"

# The guest's programs: a shell, and loads.
apt-get download busybox-static
dpkg-deb -x busybox-static*.deb busybox
mkdir -p "$folder/bin"
cp busybox/usr/bin/busybox "$folder/bin/"
gcc -static -O2 -Wall -o "$folder/bin/load" "$here/agent/load.c"

for module in notifier-error-inject memory-notifier-error-inject; do
	found=$(find root -name "$module.ko*" | head -n 1)
	case $found in
	*.xz) xz -dc "$found" >"$folder/modules/$module.ko" ;;
	*) cp "$found" "$folder/modules/$module.ko" ;;
	esac
done

gcc -static -O2 -Wall -o "$folder/agent" "$here/agent/agent.c"

headers="usr/src/linux-headers-$release"
compiler=$(sed -n 's/^CC = .* \$(CROSS_COMPILE)//p' "root/$headers/.kernelvariables")
if command -v "x86_64-linux-gnu-$compiler" >/dev/null; then
	cp "$here"/agent/memlog/* memlog/
	# The headers expect to lie in /usr/src.
	sed -i "s# /usr/src/# $PWD/root/usr/src/#" "root/$headers/Makefile"
	make -C "root/$headers" M="$PWD/memlog" modules
	cp memlog/memlog.ko "$folder/modules/"
else
	# To apt, nothing is installed: so it fetches all that the compiler and the headers' own programs need.
	kbuild=$(printf '%s\n' $parts | grep '^linux-kbuild-')
	mkdir -p tools/partial
	: >nothing
	apt-get install --yes --download-only --no-install-recommends \
		-o Dir::State::Status="$PWD/nothing" -o Dir::Cache::Archives="$PWD/tools" "$compiler" "$kbuild" make dash coreutils grep sed mawk
	for place in bin lib lib64 sbin; do [ -e "root/$place" ] || ln -s "usr/$place" "root/$place"; done
	for package in tools/*.deb; do dpkg-deb -x "$package" root; done
	# What installing would set up.
	ln -sf dash root/usr/bin/sh
	ln -sf mawk root/usr/bin/awk
	mkdir -p root/memlog root/tmp root/dev
	cp "$here"/agent/memlog/* root/memlog/
	[ -c root/dev/null ] || mknod -m 666 root/dev/null c 1 3
	chroot root make -C "/$headers" M=/memlog modules
	cp root/memlog/memlog.ko "$folder/modules/"
fi
