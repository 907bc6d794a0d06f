"""Who is at the other end of a local socket."""

from __future__ import annotations

import socket
import struct
import sys
from typing import Final

_PEER_CREDENTIALS: Final = struct.Struct("3i")
"""pid, uid, gid, as Linux tells them."""
_LOCAL_CREDENTIALS: Final = struct.Struct("IIh2x16I")
"""version, uid, number of groups, groups, as macOS and the BSDs tell them."""
_SOL_LOCAL: Final = 0
_LOCAL_PEERCRED: Final = 1


def peer_uid(connection: socket.socket) -> int | None:
    """The user id of the process that connected; None where the system does not tell: the folder's and the socket's
    permissions alone keep others out then."""
    platform: str = sys.platform  # a type checker would take the other branches for dead code
    if platform == "linux":
        raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER_CREDENTIALS.size)
        _, uid, _ = _PEER_CREDENTIALS.unpack(raw)
        return int(uid)
    if platform == "darwin":
        raw = connection.getsockopt(_SOL_LOCAL, _LOCAL_PEERCRED, _LOCAL_CREDENTIALS.size)
        return int(_LOCAL_CREDENTIALS.unpack(raw)[1])
    return None
