"""A sub-agent of snmpd (`pass_persist`) that serves a walk from a file: lists of object id, type and value, as JSON.

Its own program, started by snmpd; reads the file anew whenever it was written. Values of octets are in hexadecimal.
"""

import json
import sys
from pathlib import Path

TYPES = {
    "Integer": "integer",
    "OctetString": "string",
    "Octets": "octet",
    "ObjectIdentifier": "objectid",
    "TimeTicks": "timeticks",
    "Counter32": "counter",
    "Counter64": "counter64",
    "Gauge32": "gauge",
    "IpAddress": "ipaddress",
}


class Walk:
    def __init__(self, path):
        self._path = path
        self._written = None
        self._held = {}
        self._order = []

    def fresh(self):
        written = self._path.stat().st_mtime_ns
        if written != self._written:
            rows = json.loads(self._path.read_text(encoding="utf-8"))
            self._held = {arcs(oid): (kind, value) for oid, kind, value in rows}
            self._order = sorted(self._held)
            self._written = written
        return self

    def get(self, oid):
        return (oid, *self._held[oid]) if oid in self._held else None

    def after(self, oid, root):
        for one in self._order:
            if one > oid and one[: len(root)] == root:
                return (one, *self._held[one])
        return None


def arcs(oid):
    return tuple(int(arc) for arc in oid.strip(".").split("."))


def main(path, root):
    walk, root = Walk(Path(path)), arcs(root)
    out = sys.stdout.buffer
    while line := sys.stdin.readline():
        word = line.strip()
        if word == "PING":
            out.write(b"PONG\n")
        elif word in ("get", "getnext"):
            oid = arcs(sys.stdin.readline())
            found = walk.fresh().get(oid) if word == "get" else walk.fresh().after(oid, root)
            if found is None:
                out.write(b"NONE\n")
            else:
                one, kind, value = found
                out.write(f".{'.'.join(map(str, one))}\n{TYPES[kind]}\n{value}\n".encode())
        elif word == "set":
            sys.stdin.readline()
            sys.stdin.readline()
            out.write(b"not-writable\n")
        out.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
