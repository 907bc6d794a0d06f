#!/bin/sh
# The first process of one test host: gives it a name, its own processes, mounts and services, then keeps sshd running.
# Usage: boot.sh STATE-FOLDER
set -eu
state=$1
# /proc is still the outer one: this is our number as the tests see it.
read -r pid _ </proc/self/stat
hostname "$(cat "$state/name")"

mount -t proc proc /proc
mount -t tmpfs -o size=8m,mode=755 tmpfs /run
mkdir -p /run/host /run/sshd /run/lock
mount --rbind "$state" /run/host
host=/run/host

mount -t overlay overlay -o "lowerdir=/etc,upperdir=$host/disks/etc,workdir=$host/disks/etc-work" /etc
cp "$host/machine-id" /etc/machine-id
cp "$host/name" /etc/hostname
grep -q " $(hostname)\$" /etc/hosts || echo "127.0.0.1 $(hostname)" >>/etc/hosts
cp "$host/passwd" "$host/shadow" "$host/group" /etc/
chmod 600 /etc/shadow
rm -rf /etc/init.d
mkdir /etc/init.d
for script in "$host"/init.d/*; do
    if [ -e "$script" ]; then
        cp "$script" /etc/init.d/
    fi
done
# Hardware addresses of its own: all hosts are on this machine's interfaces, and must not be taken for one.
number=0
for path in /sys/class/net/*; do
    case ${path##*/} in
    lo) continue ;;
    esac
    number=$((number + 1))
    sed "s/\$/:$(printf %02x "$number")/" "$host/mac" >"/run/mac-$number"
    mount --bind "/run/mac-$number" "$path/address" || true
done
mount --bind "$host/boot_id" /proc/sys/kernel/random/boot_id

mount -t tmpfs -o size=64k,mode=755 tmpfs /srv
mkdir /srv/data
mount --bind "$host/disks/data" /srv/data
mount --bind "$host/disks/vartmp" /var/tmp
if [ -d /var/cache/apt/archives ]; then
    mount --bind "$host/disks/archives" /var/cache/apt/archives
fi
mount --bind "$host/disks/tmp" /tmp

mount -t tmpfs -o size=64k,mode=755 tmpfs /usr/local/sbin
for word in reboot shutdown; do
    cp "$host/reboot.sh" "/usr/local/sbin/$word"
    chmod 755 "/usr/local/sbin/$word"
done
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

for script in /etc/init.d/*; do
    if [ -x "$script" ] && [ ! -e "$host/disabled/${script##*/}" ]; then
        "$script" start || true
    fi
done

# The end of this process is the end of the host: the kernel ends whatever else runs in here.
trap 'exit 0' TERM
/usr/sbin/sshd -D -E "$host/sshd.log" -f "$host/sshd_config" &
sshd=$!
echo "$pid" >"$host/init.pid"
: >"$host/booted"
while kill -0 "$sshd" 2>/dev/null; do
    wait "$sshd" || true
done
