#!/bin/sh
# A small agent: brings memory online as movable when it comes, and tries again what was refused.
# Usage: onliner.sh [ROOT] [ROUNDS]
root=${1:-}
rounds=${2:-0}
memory=$root/sys/devices/system/memory
round=0
while [ "$rounds" -eq 0 ] || [ "$round" -lt "$rounds" ]; do
  round=$((round + 1))
  for block in "$memory"/memory*[0-9]; do
    [ "$(cat "$block/state" 2>/dev/null)" = offline ] || continue
    if echo online_movable 2>/dev/null >"$block/state"; then
      echo "${block##*/} online"
    else
      echo "${block##*/} refused"
    fi
  done
  sleep 0.05
done
