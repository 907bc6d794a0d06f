#!/bin/sh
### BEGIN INIT INFO
# Provides:          @NAME@
# Required-Start:
# Required-Stop:
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: @NAME@
### END INIT INFO
name=@NAME@
daemon=/run/host/bin/$name
pidfile=/run/$name.pid
pipe=/run/$name.pipe
# Waits for commands that nobody sends.
# shellcheck disable=SC2016
work='exec 3<>"$1"; while read -r _ <&3; do :; done'

start() {
    echo "$(date -u +%FT%TZ) start" >>/run/host/service.log
    while [ -e "/run/host/held/$name" ]; do sleep 0.05; done
    if [ -e "/run/host/broken/$name" ]; then
        echo "$name: cannot read its configuration" >&2
        return 1
    fi
    [ -p "$pipe" ] || mkfifo "$pipe"
    start-stop-daemon --start --oknodo --quiet --background --make-pidfile --pidfile "$pidfile" --exec "$daemon" -- \
        -c "$work" "$name" "$pipe"
}

stop() {
    start-stop-daemon --stop --oknodo --quiet --retry TERM/5/KILL/5 --remove-pidfile --pidfile "$pidfile" --exec "$daemon"
}

case ${1:-} in
start) start ;;
stop) stop ;;
restart | force-reload)
    stop
    start
    ;;
status)
    if start-stop-daemon --status --pidfile "$pidfile" --exec "$daemon"; then
        echo "$name is running."
    else
        code=$?
        echo "$name is not running ... failed!"
        exit "$code"
    fi
    ;;
*)
    echo "Usage: $0 {start|stop|restart|force-reload|status}" >&2
    exit 3
    ;;
esac
