#!/bin/sh
# `reboot` and `shutdown` of a test host: the first process ends, and with it everything; the mains start it again.
for word; do
    case $word in
    -c) exit 0 ;;
    -h | -P | --poweroff | --halt) : >/run/host/off ;;
    esac
done
date -u +%FT%TZ >>/run/host/reboots
kill -TERM 1
