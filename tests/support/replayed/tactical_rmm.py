"""The stand-in for Tactical RMM, as every kind of source is tried."""

from __future__ import annotations

from tests.support.tactical import FakeRmm
from tests.support.tactical_source import played

PLAYED = played(FakeRmm())
