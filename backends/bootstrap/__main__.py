"""The program that a front end starts as its engine: `python -m backends.bootstrap PROFILE`, the profile as JSON.

Says on standard output why it could not come up, for whoever started it; when it is up it says nothing more there.
"""

from __future__ import annotations

import asyncio
import sys

import msgspec

from backends.bootstrap import load_config
from backends.bootstrap.ground import ground
from backends.bootstrap.process import serve
from backends.config.schema import Profile
from backends.log import write_crash
from backends.wire.launch import detach_output


def main() -> int:
    """The exit code; see `bootstrap.serve`."""
    profile = msgspec.json.decode(sys.argv[1], type=Profile)
    try:
        config = load_config(profile)
        return asyncio.run(serve(profile, config, ground(profile), stay=False, ready=detach_output))
    except Exception as error:  # noqa: BLE001 - the last one who can tell what went wrong
        crash = write_crash(error)
        known = getattr(error, "sentence", "") or (str(error) if hasattr(error, "problems") else "")
        sys.stdout.write(known or f"The engine met an error of its own; the details are in {crash}.")
        return 70


if __name__ == "__main__":
    sys.exit(main())
