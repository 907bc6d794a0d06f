# In front of every script of the library. Data arrives as "$1", "$2" … and is never part of the code.
# Exit codes: 0 done · 64 wrong parameter · 66 nothing to act on · 69 a program is missing · 70 it did not work
#             75 the target is no longer what it was · 77 not permitted
set -uf
LC_ALL=C
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
export LC_ALL PATH

say() { printf '%s\n' "$*"; }

fail() {
    fail_code=$1
    shift
    say "$*"
    exit "$fail_code"
}

have() { command -v "$1" >/dev/null 2>&1; }

# Run a program as root: as we are, or by sudo or doas where neither asks for a password.
root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif have sudo && sudo -n true 2>/dev/null; then
        sudo -n -- "$@"
    elif have doas && doas -n true 2>/dev/null; then
        doas -n -- "$@"
    else
        fail 77 "Not permitted: this needs root, or sudo or doas without a password."
    fi
}

# Run a program as root with its output in a file: a daemon that it starts must not keep our connection open.
quietly() {
    root "$@" </dev/null >"$log" 2>&1
}

log=$(mktemp 2>/dev/null) || log=/dev/null
trap 'case $log in /dev/null) ;; *) rm -f -- "$log" ;; esac' EXIT

show() { tail -n 20 "$log"; }

require_root() {
    [ "$(id -u)" = 0 ] || root true
}

# Whether "$@" succeeds three times in a row, a second apart, within fifteen tries.
keeps() {
    tries=0
    good=0
    while [ "$tries" -lt 15 ]; do
        if "$@"; then good=$((good + 1)); else good=0; fi
        [ "$good" -ge 3 ] && return 0
        tries=$((tries + 1))
        sleep 1
    done
    return 1
}
