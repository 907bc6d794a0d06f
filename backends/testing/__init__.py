"""For tests of rounds and of adapters that others write: a clock that is told the time, a source that plays a script.

`FakeClock` moves when told to. `ScriptedAdapter` answers, fails or hangs as written down, counts what it is asked,
carries fixes out as often as it is told to, never more, and takes decisions as a monitoring server does;
`StreamingAdapter` tells what changes as well. `AdapterContract` is what every adapter has to hold: subclass it in a
test module, say how yours is opened, and pytest finds the rest.
"""

from __future__ import annotations

from backends.testing.clock import FakeClock, settle
from backends.testing.contract import AdapterContract
from backends.testing.decided import ScriptedDecisions
from backends.testing.facts import a_check, a_sighting
from backends.testing.scripted import HANG, Answer, Hang, ScriptedAdapter
from backends.testing.streaming import StreamingAdapter

__all__ = [
    "HANG",
    "AdapterContract",
    "Answer",
    "FakeClock",
    "Hang",
    "ScriptedAdapter",
    "ScriptedDecisions",
    "StreamingAdapter",
    "a_check",
    "a_sighting",
    "settle",
]
