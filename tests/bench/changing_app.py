"""Our own screen on a stored picture, so many visible issues changed a second; no engine behind it.

python -m tests.bench.changing_app PICTURE CHANGES
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

from backends.config.schema import Config, Technician
from backends.desk.protocol import NO_DEVICES, Desk, Interest
from backends.fleet.changes import Changes, Delta, Picture
from backends.fleet.tally import waits
from tests.bench.churn import STEP_S, Churn, stored
from tests.support.desk import MemoryDesk
from tui.__main__ import GARBAGE
from tui.app import run
from widgets.present.issues import in_order


class ChangingDesk(MemoryDesk):
    def __init__(self, picture: Picture, changes: float) -> None:
        super().__init__(picture)
        self._churn = Churn([issue for issue in in_order(picture.issues.values()) if waits(issue)], changes)

    async def changes(self, interest: Interest = NO_DEVICES) -> AsyncIterator[Changes]:
        async for whole in super().changes(interest):
            yield whole
            break
        began = asyncio.get_running_loop().time()
        while True:
            await asyncio.sleep(STEP_S)
            gone_by = timedelta(seconds=asyncio.get_running_loop().time() - began)
            if changed := self._churn.step():
                now = self.picture_now
                yield Changes(seq=now.seq, at=now.at + gone_by, issues=Delta(tuple(changed)))


def main() -> None:
    gc.set_threshold(GARBAGE)  # as the program does before anything else
    picture, changes = stored(Path(sys.argv[1])), float(sys.argv[2])

    async def open_desk() -> Desk:
        return ChangingDesk(picture, changes)

    config = Config(technician=Technician(name="tech1", zone="UTC"), clients={}, sources=())
    sys.exit(run(open_desk, picture, config, title="bench"))


if __name__ == "__main__":
    main()
