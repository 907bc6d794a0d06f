"""What is said of a host that does not answer as it should: one sentence each, with what to do."""

from __future__ import annotations

import errno
import socket

from backends.adapters.snmp.options import HostOptions
from backends.adapters.snmp.session import Refusal
from backends.adapters.snmp.usm import Trouble
from backends.api import FaultKind, SourceError


def named(options: HostOptions) -> str:
    return f"{options.address} port {options.port}"


def silent(options: HostOptions, seconds: float, *, heard_before: bool) -> SourceError:
    """No answer to the first request of a look. To a wrong community agents say nothing at all."""
    at = f"{named(options)} gave no answer over SNMP {options.spoken} within {seconds:g} s"
    if heard_before:
        return SourceError(FaultKind.TIMEOUT, f"{at}, as it did before: it is down, or cut off.")
    if options.version == "2c":
        return SourceError(
            FaultKind.TIMEOUT,
            f"{at}: it is down or cut off, or it speaks no SNMP to us, or the community is wrong, to which agents say "
            "nothing. Compare the community, and what addresses the agent allows.",
        )
    return SourceError(
        FaultKind.TIMEOUT,
        f"{at}: it is down or cut off, or it speaks no version 3, or not to us. See whether it is switched on there.",
    )


def silent_after_greeting(options: HostOptions, seconds: float) -> SourceError:
    """An agent that knows version 3 and cannot decrypt what we say drops it."""
    if not options.privacy:
        return SourceError(
            FaultKind.TIMEOUT,
            f"{named(options)} says who it is and then nothing within {seconds:g} s: it is overloaded, or packets "
            "are lost.",
        )
    return SourceError(
        FaultKind.CREDENTIALS,
        f"{named(options)} says who it is, and nothing to what {options.user} asks: the privacy passphrase is wrong, "
        f'or privacy = "{options.privacy}" is not what that user has there. Compare both with '
        "the device; where they are right, packets are lost.",
    )


def slow(options: HostOptions, seconds: float) -> SourceError:
    return SourceError(
        FaultKind.TIMEOUT,
        f"{named(options)} answers over SNMP, and too slowly: not within {seconds:g} s. Set a longer deadline, "
        "such as deadline = 30 s, or look at the load of the device.",
    )


def of_socket(options: HostOptions, error: OSError) -> SourceError:
    at = named(options)
    if isinstance(error, socket.gaierror):
        return SourceError(FaultKind.NAME, f"The name {options.address} could not be resolved: check it, and DNS.")
    if isinstance(error, ConnectionRefusedError):
        return SourceError(
            FaultKind.REFUSED,
            f"{at} refuses: the host is there and no SNMP agent listens. Start it there, or check the port.",
        )
    if error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH):
        return SourceError(FaultKind.UNREACHABLE, f"There is no way to {at}: check routing and VPN.")
    return SourceError(FaultKind.UNREACHABLE, f"{at} cannot be asked: {error.strerror or type(error).__name__}.")


def of_trouble(options: HostOptions, trouble: Trouble) -> SourceError:
    at, user = named(options), options.user
    sentence = {
        "user": f"{at} knows no user {user}: check user, and that the user was made on that device.",
        "code": f"{at} refuses the authentication passphrase of {user}: it is wrong, or "
        f'auth = "{options.auth}" is not what that user has there; store the right one with `rounds login`.',
        "cipher": f"{at} cannot decrypt what {user} says: the privacy passphrase is wrong, or "
        f'privacy = "{options.privacy or "none"}" is not what that user has there. Compare both with the device.',
        "level": f"{at} does not let {user} in at this level of security: check auth and privacy.",
    }.get(trouble.why)
    if sentence is not None:
        return SourceError(FaultKind.CREDENTIALS, sentence)
    if trouble.why in ("time", "engine"):
        return SourceError(
            FaultKind.PROTOCOL, f"{at} and we do not agree on who it is and what time it has: it is asked anew."
        )
    return SourceError(FaultKind.PROTOCOL, f"{at} does not answer {user} and says no reason that we know.")


def of_refusal(options: HostOptions, refusal: Refusal) -> SourceError:
    """noAccess 6, authorizationError 16; anything else is a mistake of the agent."""
    if refusal.status in (6, 16):
        open_ = options.version == "3" and not options.privacy
        return SourceError(
            FaultKind.FORBIDDEN,
            f"{named(options)} does not let us read the system group: give the community or user a view of "
            f"1.3.6.1.2.1{', or say privacy, if that user has to encrypt' if open_ else ''}.",
        )
    return SourceError(
        FaultKind.SERVER, f"{named(options)} answers with error status {refusal.status}: look at the agent there."
    )


def nothing(options: HostOptions) -> SourceError:
    return SourceError(
        FaultKind.FORBIDDEN,
        f"{named(options)} answers and shows nothing: give the community or user a view of 1.3.6.1.2.1 there.",
    )
