"""The program `rounds`. Answers `--version` before anything is imported."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit status."""
    if sys.argv[1:] == ["--version"]:
        from backends import __version__  # noqa: PLC0415 - nothing else may be loaded for it

        sys.stdout.write(f"rounds {__version__}\n")
        return
    from tui.cli.main import run  # noqa: PLC0415

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
