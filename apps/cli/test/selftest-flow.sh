# The flow of the kernel's memory-hotplug selftest, written from a description of its steps (facts/peer-programs.md §1).
# Usage: selftest-flow.sh OLD|NEW ERRNO.  OLD (4.1): every failure counts. NEW: of the blocks that are tried, one must go.
style=$1
errno=$2
memory=$(mount -t sysfs | head -1 | awk '{ print $3 }')/devices/system/memory
inject=$(mount -t debugfs | head -1 | awk '{ print $3 }')/notifier-error-inject/memory
wrong=0

unexpected() { echo "unexpected $*"; wrong=$((wrong + 1)); }
# Of the blocks in "$@": those with a word in a file, in the same order. One grep for all: a program costs more than the whole simulated step.
with() {
  file=$1 word=$2
  shift 2
  for block; do set -- "$@" "$memory/memory$block/$file"; shift; done
  grep -l "$word" "$@" /dev/null | sed "s|^$memory/memory||; s|/$file\$||"
}
all() { for block in "$memory"/memory*[0-9]; do echo "${block##*/memory}"; done; }
# Numbers of the removable blocks whose state contains a word, in the order of the directory.
candidates() { with state "$1" $(with removable 1 $(all)); }
every_fourth() { awk 'NR % 4 == 1'; }
ask() { echo "$2" 2>/dev/null >"$memory/memory$1/state"; }
is() { grep -q "$2" "$memory/memory$1/state"; }

# Blocks that are offline say removable 0 on old kernels, so all of them are asked.
online_all() {
  for n in $(with state offline $(all)); do
    ask "$n" online || unexpected "fail: online $n"
    is "$n" online || unexpected "state: $n after online"
  done
}
offline_some() {
  tried=0 gone=0
  for n in $(candidates online | every_fourth); do
    tried=$((tried + 1))
    if ask "$n" offline; then
      gone=$((gone + 1))
      is "$n" offline || unexpected "state: $n after offline"
    elif [ "$style" = OLD ]; then
      unexpected "fail: offline $n"
    else
      is "$n" '^online' || unexpected "state: $n after a refused offline"
    fi
  done
  [ "$gone" -gt 0 ] || unexpected "fail: none of $tried blocks went offline"
}

online_all
offline_some
online_all
modprobe -q -r memory-notifier-error-inject
modprobe -q memory-notifier-error-inject priority=0
[ -d "$inject" ] || unexpected "absence of $inject"
echo 0 >"$inject/actions/MEM_GOING_OFFLINE/error"
offline_some
echo "$errno" >"$inject/actions/MEM_GOING_ONLINE/error"
for n in $(with state offline $(all)); do
  ask "$n" online && unexpected "success: online $n"
  is "$n" offline || unexpected "state: $n after a refused online"
done
echo 0 >"$inject/actions/MEM_GOING_ONLINE/error"
online_all
echo "$errno" >"$inject/actions/MEM_GOING_OFFLINE/error"
for n in $(candidates online); do
  ask "$n" offline && unexpected "success: offline $n"
  is "$n" '^online' || unexpected "state: $n after a vetoed offline"
done
echo 0 >"$inject/actions/MEM_GOING_OFFLINE/error"
modprobe -q -r memory-notifier-error-inject
[ -d "$inject" ] && unexpected "presence of $inject"
exit "$wrong"
