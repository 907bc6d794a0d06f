#!/bin/sh
# The mains of one test host: holds its disks and starts it again after every reboot. Runs as the first process of a
# process and mount namespace of its own, so that everything of the host goes when this ends.
# Usage: power.sh STATE-FOLDER
set -eu
state=$1

mount -t tmpfs -o size=32m,mode=755 disks "$state/disks"
for disk in data tmp vartmp archives; do
    mkdir "$state/disks/$disk"
done
mount -t tmpfs -o size=16m,mode=755 data "$state/disks/data"
mount -t tmpfs -o size=64m,mode=1777 tmp "$state/disks/tmp"
mount -t tmpfs -o size=16m,mode=1777 vartmp "$state/disks/vartmp"
mount -t tmpfs -o size=16m,mode=755 archives "$state/disks/archives"
mkdir "$state/disks/etc" "$state/disks/etc-work"

while [ ! -e "$state/off" ]; do
    rm -f "$state/init.pid" "$state/booted"
    cat /proc/sys/kernel/random/uuid >"$state/boot_id"
    read -r up _ </proc/uptime
    # A clock of its own too where the kernel can: a reboot then shows in the uptime.
    if unshare --time true 2>/dev/null; then
        clock="--time --boottime -${up%%.*}"
    else
        clock=
    fi
    # shellcheck disable=SC2086 # two options, or none
    unshare --mount --pid --uts --ipc $clock --fork --kill-child --propagation private \
        sh "$state/boot.sh" "$state" || true
    # A host that never came up would not come up the next time either.
    [ -e "$state/booted" ] || exit 1
done
