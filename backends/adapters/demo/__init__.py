"""A seeded imaginary fleet with a story: an adapter like any other, only that nothing behind it is real.

`world` deals companies, sites and `machines`; `story` lets things happen to them; `acts` remembers what fixes did;
`observe` says what a source would see at a moment, `dues` what changed between two; `source` is the adapter. Everything
but the acts is a pure function of the options and the story's time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backends.api import Adapter, SourceSettings


def open_source(settings: SourceSettings) -> Adapter:
    """One source of the imaginary fleet, or one that plays a fault when the option `fault` names one."""
    from backends.adapters.demo.faulty import FaultySource  # noqa: PLC0415 - loaded by those who open it
    from backends.adapters.demo.options import demo_settings  # noqa: PLC0415
    from backends.adapters.demo.source import DemoSource  # noqa: PLC0415

    options = demo_settings(settings)
    if options.fault:
        return FaultySource(settings, options)
    return DemoSource(settings, options)
