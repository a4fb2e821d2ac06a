#!/bin/sh
# Records this Linux host's memory into a new directory, for `memhp explain DIRECTORY`. Nothing else is written, nothing is tried.
# Needs a POSIX shell, coreutils and gzip; root, for what every page is.
#
#   sh memhp-capture.sh DIRECTORY
#
# Left out: names of users, disks and swap files, words of the kernel's command line that are not about memory, who built the
# kernel, and where it lies in memory.
set -u
LC_ALL=C
export LC_ALL
umask 077

if [ $# -ne 1 ] || [ "$1" = "-h" ] || [ "$1" = "--help" ]; then
	echo "usage: sh memhp-capture.sh DIRECTORY" >&2
	exit 2
fi
out=$1
root=${MEMHP_ROOT:-}
memory=$root/sys/devices/system/memory
if [ ! -r "$memory/block_size_bytes" ]; then
	echo "memhp-capture.sh: $memory: not there; this kernel has no memory blocks" >&2
	exit 1
fi
if [ -e "$out" ]; then
	echo "memhp-capture.sh: $out is there already; name a new directory" >&2
	exit 1
fi
mkdir -p "$out" || exit 1
missing=0

say() {
	echo "$*" >&2
}

# One line of modes.tsv: path, mode, errno of the read (-1: not tried).
mode() {
	printf '%s\t%s\t%s\n' "$1" "$(stat -c %a "$root$1")" "$2" >>"$out/modes.tsv"
}

unreadable() {
	say "missing: $1"
	missing=1
	mode "$1" 13
	: >"$out$1"
}

# A file as it is; one that can only be written is there, empty.
copy() {
	case $(stat -c %a "$root$1") in
	200 | 220 | 222)
		mode "$1" -1
		: >"$out$1"
		return
		;;
	esac
	if cat "$root$1" >"$out$1" 2>/dev/null; then mode "$1" 0; else unreadable "$1"; fi
}

# A folder with what is in it; links stay links.
tree() {
	[ -d "$root$1" ] || return 0
	mkdir -p "$out$1"
	going=
	if [ -r "$root$1/state" ]; then
		read -r going <"$root$1/state" || going=
	fi
	for entry in "$root$1"/*; do
		name=${entry##*/}
		if [ -L "$entry" ]; then
			ln -s "$(readlink "$entry")" "$out$1/$name"
		elif [ -d "$entry" ]; then
			case $name in
			power | khugepaged | x86) ;;
			*) tree "$1/$name" ;;
			esac
		elif [ -f "$entry" ]; then
			# Whoever reads these of a block that is going offline waits until it has gone.
			case $going/$name in
			going-offline/online | going-offline/uevent) ;;
			*) copy "$1/$name" ;;
			esac
		fi
	done
}

say "files of memory and nodes"
tree /sys/devices/system/memory
tree /sys/devices/system/node
tree /sys/module/memory_hotplug/parameters
tree /sys/kernel/mm/hugepages
tree /sys/kernel/mm/transparent_hugepage
tree /sys/firmware/memmap
tree /sys/firmware/memory
tree /sys/firmware/acpi/hotplug
for device in "$root"/sys/bus/acpi/devices/PNP0C80*; do
	[ -e "$device" ] || continue
	path=/sys/bus/acpi/devices/${device##*/}
	mkdir -p "$out$path"
	for name in hid path uid status; do
		if [ -f "$device/$name" ]; then copy "$path/$name"; fi
	done
done

mkdir -p "$out/proc/sys/vm"
for file in meminfo zoneinfo buddyinfo pagetypeinfo vmstat slabinfo sys/vm/min_free_kbytes sys/vm/watermark_scale_factor \
	sys/vm/lowmem_reserve_ratio sys/vm/overcommit_memory; do
	if [ -f "$root/proc/$file" ]; then copy "/proc/$file"; fi
done

# The command line: words of memory alone.
kept=
read -r line <"$root/proc/cmdline" || line=
set -f
for word in $line; do
	case $word in
	mem=* | memmap=* | memblock=* | kernelcore=* | movablecore=* | movable_node* | memhp_default_state=* | memory_hotplug.* | \
		hugepages=* | hugepagesz=* | default_hugepagesz=* | hugetlb_* | numa=* | numa_balancing=* | acpi_no_memhotplug | \
		crashkernel=* | cma=* | transparent_hugepage=* | nokaslr | efi_fake_mem=* | virtio_mem.* | page_reporting.*)
		kept="$kept$word "
		;;
	esac
done
set +f
printf '%s\n' "${kept% }" >"$out/proc/cmdline"

# The version without the name of who built it.
read -r line <"$root/proc/version" || line=
case $line in
*\(*@*\)*)
	before=${line%%\(*}
	after=${line#*\)}
	line="$before(x@x)$after"
	;;
esac
printf '%s\n' "$line" >"$out/proc/version"

# Resources without the place of the kernel's image.
if [ -r "$root/proc/iomem" ]; then
	while IFS= read -r line; do
		case $line in
		*" : Kernel "*) ;;
		*) printf '%s\n' "$line" ;;
		esac
	done <"$root/proc/iomem" >"$out/proc/iomem"
fi

# Swap without its names.
if [ -r "$root/proc/swaps" ]; then
	number=0
	while read -r name rest; do
		case $name in
		/*)
			name=swap$number
			number=$((number + 1))
			;;
		esac
		printf '%s\t%s\n' "$name" "$rest"
	done <"$root/proc/swaps" >"$out/proc/swaps"
fi

# Pages: values in a row, counted by uniq, for every stretch of blocks.
read -r size <"$memory/block_size_bytes"
page=$(getconf PAGESIZE 2>/dev/null || echo 4096)
pages=$((0x$size / page))
blocks=$(for entry in "$memory"/memory[0-9]*; do echo "${entry##*/memory}"; done | sort -n)

stretch() { # first, last, file
	printf '@%x\n' $(($1 * pages))
	dd if="$root/proc/$3" bs=$((pages * 8)) skip="$1" count=$(($2 - $1 + 1)) 2>/dev/null | od -A n -v -t x8 -w8 | uniq -c
}

stretches() { # file
	first=
	last=
	for block in $blocks; do
		if [ -z "$first" ]; then
			first=$block
		elif [ "$block" -ne $((last + 1)) ]; then
			stretch "$first" "$last" "$1"
			first=$block
		fi
		last=$block
	done
	if [ -n "$first" ]; then stretch "$first" "$last" "$1"; fi
}

for file in kpageflags kpagecount kpagecgroup; do
	if dd if="$root/proc/$file" of=/dev/null bs=8 count=1 2>/dev/null; then
		say "$file"
		stretches "$file" | gzip >"$out/$file.runs.gz"
	else
		say "missing: /proc/$file"
		missing=1
	fi
done

printf '{ "format": "memhp-capture/1", "by": "memhp-capture.sh" }\n' >"$out/capture.json"
if [ "$missing" -eq 1 ]; then say "Some files are missing; root may read them."; fi
say "Now: memhp explain $out"
if [ "$missing" -eq 1 ]; then exit 64; fi
exit 0
