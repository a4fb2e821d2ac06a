#!/bin/sh
# Makes what `record --target qemu --guest FOLDER` boots, out of Debian's packages: vmlinuz, agent, bin/*, modules/*.ko.
#
#   sh tools/oracle/prepare-debian.sh FOLDER [RELEASE]
#
# RELEASE is a kernel of Debian such as 6.1.0-56-amd64 or 6.12.107+deb13-powerpc64le; without it, the one that linux-image-amd64
# names. Its end tells the architecture. Needs apt, dpkg-deb, make, and the gcc of that architecture for the agent. Nothing is
# installed. A kernel of another Debian than this one, or of another architecture, wants a compiler that is not here: then that
# compiler is unpacked too, and runs in a chroot, which needs root. See private-apt.sh for how apt comes to know such packages.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
release=${2:-$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: linux-image-//p' | head -n 1)}
case $release in
*-amd64) architecture=amd64 cross=x86_64-linux-gnu ;;
*-arm64 | *-arm64-*) architecture=arm64 cross=aarch64-linux-gnu ;;
*-powerpc64le | *-powerpc64le-*) architecture=ppc64el cross=powerpc64le-linux-gnu ;;
*-s390x) architecture=s390x cross=s390x-linux-gnu ;;
*) echo "prepare-debian.sh: $release: expected a kernel that ends in -amd64, -arm64, -powerpc64le or -s390x" >&2; exit 2 ;;
esac
mkdir -p "$folder/modules" "$folder/bin" "$folder/build"
folder=$(cd "$folder" && pwd)
rm -rf "$folder/build"
mkdir -p "$folder/build/memlog" "$folder/build/debs"
cd "$folder/build/debs"

depends() { apt-cache depends "$1:$architecture" | sed -n 's/.*Depends: <\{0,1\}\(linux-[a-z]*-[^:>]*\).*/\1/p' | sort -u; }
# Since 7.x the image package is empty: vmlinuz is in linux-binary-RELEASE, modules in linux-modules-RELEASE.
images=$(depends "linux-image-$release" | grep -E '^linux-(binary|modules)-' || true)
# The headers come in parts: common, and kbuild, whose programs run here.
common=$(depends "linux-headers-$release" | grep -- '-common$')
kbuild=$(depends "linux-headers-$release" | grep '^linux-kbuild-' | head -n 1)
set -- "linux-image-$release:$architecture" "linux-headers-$release:$architecture" "$common" "$kbuild:amd64"
for package in $images; do set -- "$@" "$package:$architecture"; done
apt-get download "$@"
cd ..
for package in debs/*.deb; do dpkg-deb -x "$package" root; done
cp "$(find root/boot root/usr/lib/modules/"$release" -name 'vmlinu[xz]*' -type f 2>/dev/null | head -n 1)" "$folder/vmlinuz"

# The guest's programs: a shell, and loads.
(cd debs && apt-get download "busybox-static:$architecture")
dpkg-deb -x debs/busybox-static*.deb busybox
cp "$(find busybox -type f -path '*/bin/busybox' | head -n 1)" "$folder/bin/busybox"
"$cross-gcc" -static -O2 -Wall -o "$folder/bin/load" "$here/agent/load.c"
"$cross-gcc" -static -O2 -Wall -o "$folder/agent" "$here/agent/agent.c"

# What `insmod` steps load: without those that the kernel has built in, or not at all.
for module in notifier-error-inject memory-notifier-error-inject hwpoison-inject virtio_mem; do
	found=$(find root -name "$module.ko*" | head -n 1)
	case $found in
	'') echo "no module $module in $release" >&2 ;;
	*.xz) xz -dc "$found" >"$folder/modules/$module.ko" ;;
	*.zst) zstd -qdc "$found" >"$folder/modules/$module.ko" ;;
	*) cp "$found" "$folder/modules/$module.ko" ;;
	esac
done

headers="usr/src/linux-headers-$release"
# With it, a module's type information is made, which wants one more program (pahole).
rm -f "root/$headers/vmlinux"
compiler=$(sed -n 's/^CC = .* \$(CROSS_COMPILE)//p' "root/$headers/.kernelvariables")
if [ "$architecture" = amd64 ] && command -v "$cross-$compiler" >/dev/null; then
	cp "$here"/agent/memlog/* memlog/
	# The headers expect to lie in /usr/src.
	sed -i "s#\([ =]\)/usr/src/#\1$PWD/root/usr/src/#" "root/$headers/Makefile"
	make -C "root/$headers" M="$PWD/memlog" modules
	cp memlog/memlog.ko "$folder/modules/"
else
	# To apt, nothing is installed: so it fetches all that the compiler and the headers' own programs need.
	package=$compiler
	[ "$architecture" = amd64 ] || package="$compiler-$cross"
	mkdir -p tools/partial
	: >nothing
	apt-get install --yes --download-only --no-install-recommends \
		-o Dir::State::Status="$PWD/nothing" -o Dir::Cache::Archives="$PWD/tools" \
		"$package" "$kbuild:amd64" make dash coreutils grep sed mawk
	for place in bin lib lib64 sbin; do [ -e "root/$place" ] || ln -s "usr/$place" "root/$place"; done
	for package in tools/*.deb; do dpkg-deb -x "$package" root; done
	# What installing would set up.
	ln -sf dash root/usr/bin/sh
	ln -sf mawk root/usr/bin/awk
	mkdir -p root/memlog root/tmp root/dev root/proc
	cp "$here"/agent/memlog/* root/memlog/
	[ -c root/dev/null ] || mknod -m 666 root/dev/null c 1 3
	# The kernel's objtool reads /proc.
	mount -t proc proc root/proc
	trap 'umount root/proc' EXIT
	chroot root make -C "/$headers" M=/memlog modules
	cp root/memlog/memlog.ko "$folder/modules/"
fi
