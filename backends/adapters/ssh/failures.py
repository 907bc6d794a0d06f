"""Why a host could not be looked at: one kind and one sentence each."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence

import asyncssh

from backends.adapters.ssh.hostkeys import HostKey
from backends.api import FaultKind, SafeText, SourceError, safe
from backends.redaction import redacted


def _said(text: str, columns: int) -> SafeText:
    """What the other end says, which may be our own password."""
    return safe(redacted(text), columns)


def refused(at: str) -> SourceError:
    return SourceError(
        FaultKind.REFUSED, f"{at} refuses connections: check that sshd runs there and that the port is right."
    )


def no_answer(at: str, seconds: float) -> SourceError:
    return SourceError(
        FaultKind.UNREACHABLE,
        f"{at} did not answer within {seconds:.0f} s: the host is down, or a firewall drops the way to it.",
    )


def says_nothing(at: str, seconds: float) -> SourceError:
    return SourceError(
        FaultKind.TIMEOUT,
        f"{at} accepts connections and says nothing for {seconds:.0f} s: sshd hangs there, or something else listens.",
    )


def too_slow(at: str, count: int, seconds: float) -> SourceError:
    return SourceError(
        FaultKind.TIMEOUT,
        f"{at} answers too slowly, {count} bytes in {seconds:.0f} s: check the line and the load of the host.",
    )


def only_banner(at: str, seconds: float) -> SourceError:
    return SourceError(
        FaultKind.TIMEOUT,
        f"{at} greets as an SSH server and then says nothing for {seconds:.0f} s: sshd hangs in the log-in there.",
    )


def slow_login(at: str, seconds: float) -> SourceError:
    return SourceError(
        FaultKind.TIMEOUT,
        f"{at} did not finish the log-in within {seconds:.0f} s: check the load of the host and its name service.",
    )


def slow_look(at: str, seconds: float) -> SourceError:
    return SourceError(
        FaultKind.TIMEOUT,
        f"{at} lets us in, and did not finish its answer within {seconds:.0f} s: a disk or service may hang there.",
    )


def no_ssh(at: str, said: bytes) -> SourceError:
    words = _said(said.split(b"\n", 1)[0].decode("utf-8", "replace").strip(), 40)
    return SourceError(FaultKind.PROTOCOL, f"{at} is no SSH server, it says “{words}”: check the port.")


def closed_early(at: str) -> SourceError:
    return SourceError(
        FaultKind.PROTOCOL,
        f"{at} closes the connection at once: too many log-ins at a time, or an address list there keeps us out.",
    )


def lost(at: str, why: str) -> SourceError:
    because = f" ({_said(why, 80)})" if why else ""
    return SourceError(FaultKind.UNREACHABLE, f"{at} ended the connection{because}: it is tried again.")


def no_key(at: str) -> SourceError:
    return SourceError(
        FaultKind.PROTOCOL, f"{at} shows no host key of a kind that we know: give it an Ed25519, ECDSA or RSA key."
    )


def unknown_key(at: str, native: str, key: HostKey) -> SourceError:
    return SourceError(
        FaultKind.HOST_KEY_UNKNOWN,
        f"The host key of {at} is not known yet ({key.type} {key.fingerprint}): compare it with the host's own, then "
        f"run `rounds connect ssh --host {native}` to accept it.",
    )


def changed_key(at: str, native: str, old: Sequence[HostKey], new: HostKey) -> SourceError:
    before = ", ".join(key.fingerprint for key in old[:3])
    return SourceError(
        FaultKind.HOST_KEY_CHANGED,
        f"STOP: the host key of {at} has changed from {before} to {new.fingerprint} ({new.type}): reinstalled, or "
        f"somebody is in between; only when you know why, run `rounds connect ssh --host {native}`.",
    )


def denied(at: str, user: str, by: str) -> SourceError:
    return SourceError(
        FaultKind.CREDENTIALS,
        f"{at} refuses the log-in of {user} by {by}: check the user, and that the host accepts it.",
    )


def no_shell(at: str, user: str, said: bytes) -> SourceError:
    words = _said(said.strip().split(b"\n", 1)[0].decode("utf-8", "replace"), 120)
    if b"sudo" in said:
        return SourceError(
            FaultKind.FORBIDDEN,
            f"{at} does not let {user} use sudo without a password ({words}): allow it there, or set sudo = false.",
        )
    tail = f": it says “{words}”." if words else ", and says nothing: check its log-in shell."
    return SourceError(FaultKind.FORBIDDEN, f"{at} gives {user} no shell to read with{tail}")


def too_large(at: str, limit: int) -> SourceError:
    return SourceError(
        FaultKind.TOO_LARGE, f"{at} answered with more than {limit // 1024} KiB, which no look does: nothing is taken."
    )


def of_socket(error: OSError, at: str, host: str) -> SourceError:
    """What the operating system says, in words."""
    if isinstance(error, socket.gaierror):
        return SourceError(
            FaultKind.NAME, f"The name {host} could not be resolved: check its spelling and the DNS of this machine."
        )
    if isinstance(error, ConnectionRefusedError):
        return refused(at)
    if error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EHOSTDOWN):
        return SourceError(FaultKind.UNREACHABLE, f"There is no way to {at} from here: check the network and the VPN.")
    if isinstance(error, ConnectionResetError):
        return closed_early(at)
    return SourceError(FaultKind.UNREACHABLE, f"{at} cannot be reached: {error.strerror or type(error).__name__}.")


def of_login(error: asyncssh.Error, at: str, user: str, by: str) -> SourceError:
    """What went wrong between the greeting and the first command."""
    if isinstance(error, asyncssh.PermissionDenied):
        return denied(at, user, by)
    if isinstance(error, asyncssh.KeyExchangeFailed):
        return SourceError(
            FaultKind.PROTOCOL,
            f"{at} shares no way to encrypt with us ({_said(error.reason, 100)}): its SSH server is too old.",
        )
    if isinstance(error, asyncssh.ConnectionLost):
        return lost(at, "during the log-in")
    if isinstance(error, asyncssh.ChannelOpenError):
        why = _said(error.reason, 100)
        return SourceError(FaultKind.FORBIDDEN, f"{at} lets {user} in and gives no session: {why}.")
    return SourceError(FaultKind.PROTOCOL, f"{at} broke off the log-in: {_said(error.reason, 120)}.")
