# One read-only look at this host, in plain POSIX sh: reads, asks, prints; writes nothing and changes nothing.
# It comes over standard input behind a few lines that set `mark` (begins every section; a secret of this look, so that
# no text of the host can forge one), `mode` (all, or who) and the positional parameters: pairs of a letter and a name,
# S service, P process, F file, C certificate. Braces make the shell read all of it before anything runs.
{
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/pkg/sbin:/usr/pkg/bin
LC_ALL=C
export PATH LC_ALL

say() { printf '\n%s%s\n' "$mark" "$1"; }

has() { command -v "$1" >/dev/null 2>&1; }

# Call `handler name` for every watched name of one letter; `number` counts them.
each() {
    letter=$1 handler=$2 number=0
    shift 2
    while [ $# -ge 2 ]; do
        if [ "$1" = "$letter" ]; then
            "$handler" "$2"
            number=$((number + 1))
        fi
        shift 2
    done
}

# --- who answers -----------------------------------------------------------------------------------------------------

who_linux() {
    say machine-id
    cat /etc/machine-id || cat /var/lib/dbus/machine-id
    say boot-id
    cat /proc/sys/kernel/random/boot_id
    say serial
    cat /sys/class/dmi/id/product_serial
    say os-release
    sed 40q /etc/os-release || sed 40q /usr/lib/os-release
}

who_freebsd() {
    say machine-id
    sysctl -n kern.hostuuid
    say boot-id
    sysctl -n kern.boot_id || sysctl -n kern.boottime
    say serial
    kenv -q smbios.system.serial
}

who_openbsd() {
    say machine-id
    sysctl -n hw.uuid
    say boot-id
    sysctl -n kern.boottime
    say serial
    sysctl -n hw.serialno
}

who_netbsd() {
    say machine-id
    sysctl -n machdep.dmi.system-uuid
    say boot-id
    sysctl -n kern.boottime
    say serial
    sysctl -n machdep.dmi.system-serial
}

who_darwin() {
    say platform-expert
    ioreg -rd1 -c IOPlatformExpertDevice | sed 80q
    say boot-id
    sysctl -n kern.bootsessionuuid
    say sw-vers
    sw_vers
}

# --- Linux -----------------------------------------------------------------------------------------------------------

# Local file systems with storage of their own. A network one is left out: one that hangs would hold this look.
disks_linux() {
    seen=' '
    say mounts
    set --
    while read -r device mount kind options _; do
        case $kind in
        ext[234] | xfs | btrfs | zfs | f2fs | jfs | nilfs2 | reiserfs | bcachefs | ubifs | jffs2) ;;
        vfat | exfat | ntfs | ntfs3 | fuseblk | hfsplus | ufs) ;;
        tmpfs)
            case $mount in
            /run | /run/* | /var/run/* | /dev | /dev/* | /sys/* | /proc | /proc/* | /var/lib/* | /snap/*) continue ;;
            esac
            ;;
        overlay) [ "$mount" = / ] || continue ;;
        *) continue ;;
        esac
        if [ "$kind" != tmpfs ]; then
            case $seen in
            *" $device "*) continue ;;
            esac
            seen="$seen$device "
        fi
        [ $# -lt 64 ] || break
        printf '%s %s %s %s\n' "$device" "$mount" "$kind" "$options"
        case $mount in
        *\\*)
            # The kernel writes blanks in names as \040.
            mount=$(printf '%s\n' "$mount" | sed 's/\\\([0-7]\)/\\0\1/g')
            mount=$(printf '%b.' "$mount")
            mount=${mount%.}
            ;;
        esac
        set -- "$@" "$mount"
    done </proc/self/mounts
    if [ $# -gt 0 ]; then
        say disks
        df -P -k "$@"
        say inodes
        df -P -i "$@"
    fi
}

network_linux() {
    say links
    links=0
    for path in /sys/class/net/*; do
        case ${path##*/} in
        lo | veth* | cali*) continue ;;
        esac
        links=$((links + 1))
        [ "$links" -le 64 ] || break
        state='' mac='' speed='' flags=''
        read -r state <"$path/operstate"
        read -r mac <"$path/address"
        read -r flags <"$path/flags"
        read -r speed <"$path/speed"
        printf '%s %s %s %s %s\n' "${path##*/}" "${state:--}" "${mac:--}" "${flags:--}" "${speed:--}"
    done
    say counters
    sed 80q /proc/net/dev
    say routes
    sed 80q /proc/net/route
    if has ip; then
        say addresses
        ip -o addr show | sed 160q
    fi
}

sensors_linux() {
    say sensors
    sensors=0
    for input in /sys/class/hwmon/hwmon*/temp*_input; do
        [ -r "$input" ] || continue
        sensors=$((sensors + 1))
        [ "$sensors" -le 48 ] || break
        chip='' label='' degrees='' high='' critical=''
        read -r degrees <"$input" || continue
        read -r chip <"${input%/*}/name"
        read -r label <"${input%_input}_label"
        read -r high <"${input%_input}_max"
        read -r critical <"${input%_input}_crit"
        [ -n "$label" ] || label=${input##*/}
        printf '%s %s %s %s %s\n' "$degrees" "${high:--}" "${critical:--}" "$chip" "${label%_input}"
    done
    if [ "$sensors" -eq 0 ]; then
        for zone in /sys/class/thermal/thermal_zone*; do
            kind='' degrees=''
            read -r degrees <"$zone/temp" || continue
            read -r kind <"$zone/type"
            printf '%s - - %s\n' "$degrees" "$kind"
        done
    fi
    say power
    for path in /sys/class/power_supply/*; do
        [ -e "$path/type" ] || continue
        kind='' scope='' capacity='' status='' online=''
        read -r kind <"$path/type"
        read -r scope <"$path/scope"
        read -r capacity <"$path/capacity"
        read -r status <"$path/status"
        read -r online <"$path/online"
        printf '%s|%s|%s|%s|%s|%s\n' "${path##*/}" "$kind" "$scope" "$capacity" "$status" "$online"
    done
}

# Every process that has used some time, and how many there are of each name.
processes_linux() {
    say hz
    getconf CLK_TCK
    say processes
    top=$(cat /proc/[0-9]*/stat | awk '
        {
            open = index($0, "("); rest = $0; close_ = 0
            while ((i = index(rest, ")")) > 0) { close_ += i; rest = substr(rest, i + 1) }
            if (!open || !close_) next
            name = substr($0, open + 1, close_ - open - 1)
            split(rest, field, " ")
            count[name]++
            ticks = field[12] + field[13]
            if (ticks >= 200 && field[1] != "Z" && shown++ < 300)
                print substr($0, 1, open - 2), ticks, field[20], field[22], name
        }
        END { print "="; for (name in count) if (listed++ < 1000) print count[name], name }')
    printf '%s\n' "$top"
    say owners
    # shellcheck disable=SC2046 # numbers
    cd /proc && ls -ld $(printf '%s\n' "$top" | sed -n '/^=/q; s/^\([0-9][0-9]*\) .*/\1/p')
    cd /
}

system_linux() {
    say uptime
    cat /proc/uptime
    say load
    cat /proc/loadavg
    say cores
    grep -c '^cpu[0-9]' /proc/stat
    say memory
    grep -E '^(MemTotal|MemFree|MemAvailable|Buffers|Cached|SReclaimable|SwapTotal|SwapFree):' /proc/meminfo
    say reboot
    if [ -e /run/reboot-required ] || [ -e /var/run/reboot-required ]; then
        echo yes
        sort -u /run/reboot-required.pkgs || sort -u /var/run/reboot-required.pkgs
    elif [ -e /etc/debian_version ]; then
        echo no
    fi
}

TROUBLE='out of memory|oom-kill|killed process|i/o error|medium error|target error|unrecovered read|ext[234]-fs'
TROUBLE="$TROUBLE|xfs \\(|btrfs|f2fs|md/raid|nvme|failed command|exception emask|remounting filesystem"

kernel_linux() {
    if dmesg >/dev/null; then
        say kernel
        dmesg | grep -iE "$TROUBLE" | tail -n 60
    elif [ -r /var/log/kern.log ]; then
        say kernel
        date '+now %Y %b %d %H:%M:%S %z'
        tail -n 2000 /var/log/kern.log | grep -iE "$TROUBLE" | tail -n 60
    elif [ -d /run/systemd/system ] && has journalctl && journalctl -q -k -n 1 --no-pager | grep -q .; then
        say kernel
        journalctl -q -k --since=-1hour -o short-monotonic --no-pager | grep -iE "$TROUBLE" | tail -n 60
    fi
}

# --- BSD and macOS ---------------------------------------------------------------------------------------------------

system_bsd() {
    say uptime-since
    sysctl -n kern.boottime
    say init-age
    ps -o etime= -p 1
    say load
    sysctl -n vm.loadavg
    say cores
    sysctl -n hw.ncpuonline || sysctl -n hw.ncpu
    say memory-sysctl
    case $kernel in
    FreeBSD | DragonFly)
        sysctl hw.physmem hw.pagesize vm.stats.vm.v_free_count vm.stats.vm.v_inactive_count
        sysctl vm.stats.vm.v_cache_count vm.stats.vm.v_laundry_count
        sysctl kstat.zfs.misc.arcstats.size kstat.zfs.misc.arcstats.c_min
        say swap
        swapinfo -k
        say reboot-kernel
        freebsd-version -k
        ;;
    OpenBSD | NetBSD)
        sysctl hw.physmem hw.physmem64 hw.pagesize
        say vmstat
        vmstat -s
        say swap
        swapctl -s -k
        ;;
    Darwin)
        sysctl hw.memsize hw.pagesize vm.swapusage
        say vm-stat
        vm_stat
        ;;
    esac
}

disks_bsd() {
    say mounts-bsd
    mount | sed 200q
    say disks-bsd
    df -l -k -i || df -k -i
}

network_bsd() {
    say ifconfig
    ifconfig -a | sed 600q
    say route
    route -n get default
}

sensors_bsd() {
    say sensors-bsd
    case $kernel in
    FreeBSD | DragonFly) sysctl dev.cpu.0.temperature hw.acpi.thermal.tz0.temperature ;;
    OpenBSD) sysctl hw.sensors | grep temp | sed 48q ;;
    esac
    say power-bsd
    case $kernel in
    FreeBSD | DragonFly) sysctl hw.acpi.battery.life hw.acpi.acline ;;
    OpenBSD) apm -l && apm -a ;;
    Darwin) pmset -g batt ;;
    esac
}

processes_bsd() {
    say ps
    ps -axo pid=,user=,pcpu=,time=,rss=,etime=,lstart=,comm= | sed 1200q
}

kernel_bsd() {
    [ -r /var/log/messages ] || return
    say kernel-bsd
    date '+now %Y %b %d %H:%M:%S %z'
    tail -n 2000 /var/log/messages | grep -E 'was killed: |killed: out of swap|\]error = |CAM status|disk error|hard error' |
        tail -n 60
}

# --- watched ---------------------------------------------------------------------------------------------------------

service_sysv() {
    said=$(service "$1" status 2>&1)
    code=$?
    [ -e "/etc/init.d/$1" ] || code=missing
    service_says
}

service_openrc() {
    said=$(rc-service -- "$1" status 2>&1)
    code=$?
    [ -e "/etc/init.d/$1" ] || code=missing
    service_says
}

service_freebsd() {
    said=$(service "$1" onestatus 2>&1)
    code=$?
    [ -e "/etc/rc.d/$1" ] || [ -e "/usr/local/etc/rc.d/$1" ] || code=missing
    service_says
}

service_openbsd() {
    said=$(rcctl check "$1" 2>&1)
    code=$?
    [ -e "/etc/rc.d/$1" ] || code=missing
    service_says
}

service_netbsd() {
    said=$("/etc/rc.d/$1" onestatus 2>&1)
    code=$?
    [ -e "/etc/rc.d/$1" ] || code=missing
    service_says
}

service_darwin() {
    said=$(launchctl list "$1" 2>&1)
    code=$?
    case $code-$said in
    0-*'"PID" = '*) ;;
    0-*) code=3 ;;
    113-*) code=missing ;;
    esac
    service_says
}

service_says() { printf '%s %s %s\n' "$number" "$code" "$(printf '%s\n' "$said" | sed 1q)"; }

show_systemd() {
    # The names of services become the arguments, in their order.
    wanted=$#
    while [ "$wanted" -ge 2 ]; do
        if [ "$1" = S ]; then
            set -- "$@" "$2"
        fi
        shift 2
        wanted=$((wanted - 2))
    done
    if [ $# -gt 0 ]; then
        say systemd
        systemctl show -p Id -p LoadState -p ActiveState -p SubState -p Result --no-pager -- "$@"
    fi
}

services() {
    if [ "$kernel" = Linux ] && [ -d /run/systemd/system ] && has systemctl; then
        say failed
        systemctl list-units --state=failed --type=service --no-legend --plain --no-pager | sed 40q
        show_systemd "$@"
        return
    fi
    how=
    case $kernel in
    Linux)
        if [ -d /run/openrc ] && has rc-service; then
            how=openrc
        elif [ -d /etc/init.d ] && has service; then
            how=sysv
        fi
        ;;
    FreeBSD | DragonFly) how=freebsd ;;
    OpenBSD) how=openbsd ;;
    NetBSD) how=netbsd ;;
    Darwin) how=darwin ;;
    esac
    if [ -n "$how" ]; then
        say services
        each S "service_$how" "$@"
    fi
}

# A name with a blank or a slash is looked for in command lines, any other among the names of programs.
process() {
    case $1 in
    *[' /']*) printf '%s %s\n' "$number" "$(printf '%s\n' "$lines" | grep -cF -e "$1")" ;;
    esac
}

command_lines() {
    lines=
    while [ $# -ge 2 ]; do
        case $1$2 in
        P*[' /']*)
            lines=$(ps -eo args || ps -axo args || ps -o args)
            break
            ;;
        esac
        shift 2
    done
}

file() {
    folder=${1%/*}
    if [ ! -e "$1" ]; then
        if [ -x "${folder:-/}" ] || [ ! -e "${folder:-/}" ]; then
            echo "$number missing"
        else
            echo "$number hidden"
        fi
    else
        case $kernel in
        Linux) printf '%s %s\n' "$number" "$(stat -L -c '%s %Y' -- "$1")" ;;
        *) printf '%s %s\n' "$number" "$(stat -L -f '%z %m' -- "$1")" ;;
        esac
    fi
}

# Only the certificates of a file: a private key beside them stays where it is.
certificate() {
    folder=${1%/*}
    say "certificate $number"
    if [ ! -e "$1" ]; then
        if [ -x "${folder:-/}" ] || [ ! -e "${folder:-/}" ]; then
            echo missing
        else
            echo hidden
        fi
    elif [ ! -f "$1" ]; then
        echo special
    elif [ ! -r "$1" ]; then
        echo hidden
    else
        echo read
        sed -n '/^-----BEGIN [A-Z ]*CERTIFICATE-----/,/^-----END [A-Z ]*CERTIFICATE-----/p; 2000q' "$1" | sed 200q
    fi
}

# --- the look --------------------------------------------------------------------------------------------------------

look() {
    say clock
    date +%s.%N
    say uname
    uname -s
    uname -n
    uname -r
    say who
    id -un
    id -u
    kernel=$(uname -s)
    case $kernel in
    Linux) who_linux ;;
    FreeBSD | DragonFly) who_freebsd ;;
    OpenBSD) who_openbsd ;;
    NetBSD) who_netbsd ;;
    Darwin) who_darwin ;;
    esac
    [ "$mode" = all ] || return
    case $kernel in
    Linux)
        system_linux
        disks_linux
        network_linux
        sensors_linux
        processes_linux
        kernel_linux
        ;;
    FreeBSD | DragonFly | OpenBSD | NetBSD | Darwin)
        system_bsd
        disks_bsd
        network_bsd
        sensors_bsd
        processes_bsd
        kernel_bsd
        ;;
    esac
    services "$@"
    command_lines "$@"
    say watched-processes
    each P process "$@"
    say files
    each F file "$@"
    each C certificate "$@"
}

look "$@"
say end
} </dev/null 2>/dev/null
