"""The program `rounds`. Answers `--version` before anything is imported."""

from __future__ import annotations

import gc
import importlib.util
import os
import sys

_INTERNAL = 70  # EX_SOFTWARE, as in tui.cli.failure, which cannot be trusted before the packages are known to be ours

GARBAGE = 50_000
"""New objects before some are looked through for garbage: what is imported is none, and looking costs a tenth of the
time to the first picture."""


def main() -> None:
    """Run the command line and leave with its exit status."""
    if stranger := _stranger():
        sys.stderr.write(f"rounds: {stranger}\n")
        sys.exit(_INTERNAL)
    if sys.argv[1:] == ["--version"]:
        from backends import __version__  # noqa: PLC0415 - nothing else may be loaded for it

        sys.stdout.write(f"rounds {__version__}\n")
        return
    gc.set_threshold(GARBAGE)
    from tui.cli.table import opens_screen  # noqa: PLC0415 - only our own packages, which are known to be ours now

    if opens_screen(sys.argv[1:]):
        _pass_over_openssl()
    from tui.cli.main import run  # noqa: PLC0415

    sys.exit(run(sys.argv[1:]))


def _pass_over_openssl() -> None:
    """Load the two modules that load OpenSSL wherever it is, without it. They do without: `hashlib` by the
    interpreter's own digests, `asyncio` by refusing TLS. A screen hears its engine over a socket in the file system;
    OpenSSL would be four of its fifty megabytes. Whoever asks for `ssl` afterwards gets it."""
    passed_over = [name for name in ("ssl", "_hashlib") if name not in sys.modules]
    for name in passed_over:  # whoever imports it is told that it is not there
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        import asyncio  # noqa: F401, PLC0415
        import hashlib  # noqa: F401, PLC0415
    finally:
        for name in passed_over:
            del sys.modules[name]


def _stranger() -> str:
    """Who else owns one of our names, as a sentence; empty when the three packages lie side by side.

    `tui`, `widgets` and `backends` are names that anybody may have given a package too. Nothing of a stranger's is
    run to find out.
    """
    ours = _folder_above(__file__)
    for name in ("widgets", "backends"):
        spec = importlib.util.find_spec(name)
        theirs = _folder_above(spec.origin) if spec is not None and spec.origin else ""
        if theirs != ours:
            where = f"in {theirs}" if theirs else "missing or another's"
            return (
                f"The package {name} is {where}, not beside tui in {ours}: "
                "install rounds into a virtual environment of its own."
            )
    return ""


def _folder_above(module_file: str) -> str:
    return os.path.realpath(os.path.dirname(os.path.dirname(module_file)))  # noqa: PTH120 - pathlib is not free


if __name__ == "__main__":
    main()
