"""The part of the story that is written by hand: what is wrong when it begins, and its first twenty minutes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import Struct

from backends.adapters.demo.luck import fraction, number
from backends.adapters.demo.machines import Machine
from backends.adapters.demo.names import SERVICES
from backends.adapters.demo.recipes import RECIPES, SERVICE, SILENT, laid
from backends.adapters.demo.trouble import FOREVER, Trouble
from backends.adapters.demo.weather import DOWN_SEVERITY, outage
from backends.adapters.demo.world import Branch, World
from backends.fleet.model import CheckState, Contract, Severity

DAY: Final = 86_400.0
_STAGE: Final = 240
"""The story plays on the first machines, so that a bigger fleet has the same one."""
_CROWD: Final = 3
"""Scenes that play at one site at most."""
_MINUTE: Final = 60.0


class Opening(Struct, frozen=True, kw_only=True):
    standing: tuple[Trouble, ...]
    """Wrong from before the beginning."""
    live: tuple[Trouble, ...]
    """What happens in the first twenty minutes; again every day."""
    tempers: dict[int, str]
    cast: dict[str, tuple[int, ...]]
    """Scene to machines, for those who want to know who plays what."""
    taken: frozenset[int]

    def played(self, day: int) -> tuple[Trouble, ...]:
        """The live part as it is on that day."""
        if not day:
            return self.live
        shift = day * DAY
        return tuple(
            msgspec.structs.replace(trouble, start=trouble.start + shift, end=trouble.end + shift)
            for trouble in self.live
        )


def opening_of(world: World) -> Opening:
    play = _Play(world)
    play.outages()
    play.repairs()
    play.mishaps()
    play.soon()
    return Opening(
        standing=tuple(play.standing),
        live=tuple(play.live),
        tempers=play.tempers,
        cast={scene: tuple(machines) for scene, machines in play.cast.items()},
        taken=frozenset(play.taken),
    )


class _Play:
    """Gives each scene its machine; a world too small for a scene goes without it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.standing: list[Trouble] = []
        self.live: list[Trouble] = []
        self.tempers: dict[int, str] = {}
        self.cast: dict[str, list[int]] = defaultdict(list)
        self.taken: set[int] = set()
        self._busy: Counter[int] = Counter()  # scenes at each branch
        self._lost: set[int] = set()  # branches that are cut off at some time of the opening

    def outages(self) -> None:
        """A site that is down from the start, and a provider whose line breaks for several clients."""
        world = self.world
        branches = [branch for branch in world.branches if branch.uplink and branch.machines[0] < _STAGE]
        small = [branch for branch in branches if 4 <= _on_stage(branch) <= 7]
        # At a client without a contract, so that the top of the list is something that a fix answers.
        firmware = [branch for branch in small if not self._under_contract(branch.company)] or small
        providers = Counter(branch.uplink for branch in branches if _on_stage(branch) > 3)
        provider = min(providers, key=lambda name: (-providers[name], name), default="")
        if firmware:
            branch = firmware[number(world.seed, "firmware") % len(firmware)]
            firewall = branch.machines[0]
            self.standing += outage(
                world, branch.number, -260.0, 9 * _MINUTE, "Does not answer since its firmware job ended"
            )
            job = Trouble(
                family="job",
                subject="firmware",
                label="Job firmware",
                state=CheckState.OK,
                summary="Firmware 14.1-p6 was installed; the job ended without an error",
            )
            self.standing.append(laid(world, job, firewall, -380.0))
            self.cast["firmware, then down"] = list(branch.machines)
            self._lose(branch.number)
        cut: list[int] = []
        for branch in branches:
            if branch.uplink != provider or branch.number in self._lost or _on_stage(branch) <= 3 or len(cut) == 4:
                continue
            cut.append(branch.number)
        for order, number_of in enumerate(cut):
            end = 9 * _MINUTE + 45.0 * order
            self.live += outage(world, number_of, 75.0 + 2.0 * order, end)
            self.cast[f"outage of {provider}"] += list(world.branches[number_of].machines)
        for branch_number in cut:
            self._lose(branch_number)

    def repairs(self) -> None:
        """What a technician can repair with a fix from here."""
        sql = msgspec.structs.replace(
            SERVICE,
            severity=Severity.CRITICAL,
            summary="Service {service} is stopped, the 4th time in 30 days",
            advice="Restart it, then look at its memory limit.",
        )
        self._stand("database stopped again", sql, -12 * _MINUTE, self._managed(_linux("server", "sql")))
        self._stand("disk filling", _filling(), -40 * _MINUTE, self._managed(_linux("server")))
        self._stand("service stopped", "service", -27 * _MINUTE, self._managed(_linux("server")))
        self._stand("runaway process", "runaway", -18 * _MINUTE, _linux("server"))
        self._stand("lease ran out", "lease", -7 * _MINUTE, self._managed(_linux("server")))
        self._stand("reboot required", "reboot", -2 * DAY, _linux("server"))
        self._stand("disk full", _full(), -95 * _MINUTE, self._managed(_linux("vm")))
        for temper, age in (("fails", 33), ("hangs", 21), ("late", 15), ("unreachable", 48), ("stubborn", 64)):
            machine = self._stand(f"fix {temper}", "service", -age * _MINUTE, self._managed(_serving))
            if machine is not None:
                self.tempers[machine] = temper

    def mishaps(self) -> None:
        """What needs hands, a call or patience."""
        self._stand("raid degraded", "raid", -62 * _MINUTE, self._managed(_kind("nas")))
        self._stand("backup failed", "backup", -9 * 60 * _MINUTE, _kind("server"))
        self._stand("certificate runs out", "certificate", -15 * DAY, _kind("firewall"))
        self._stand("clock skew", "clock", -3 * 60 * _MINUTE, _kind("server"))
        self._stand("toner low", "toner", -26 * 60 * _MINUTE, _kind("printer"))
        flapping = msgspec.structs.replace(
            SILENT,
            severity=Severity.WARNING,
            summary="Answers now and then",
            advice="Look at its cable and its sleep mode.",
            flap_s=50.0,
        )
        self._stand("printer flapping", flapping, -31 * _MINUTE, _kind("printer"))

    def soon(self) -> None:
        """The first minutes."""
        self._play("new service stopped", "service", 45.0, 35 * _MINUTE, _linux("server"))
        self._play("ups on battery", "battery", 140.0, 420.0, _kind("ups"))
        crash = msgspec.structs.replace(SILENT, severity=DOWN_SEVERITY["server"], reboots=True)
        self._play("comes back by itself", crash, 185.0, 262.0, _linux("server"))
        self._play("memory short", "memory", 110.0, 14 * _MINUTE, _kind("vm"))
        self._play("second runaway", "runaway", 230.0, 40 * _MINUTE, _kind("vm"))
        self._play("wi-fi crowded", "wifi", 20.0, 9 * _MINUTE, _kind("access-point"))
        self._play("switch uplink slow", "port", 330.0, 30 * _MINUTE, _kind("switch"))
        self._play("cloud slow", "slow", 380.0, 16 * _MINUTE, _kind("cloud"))

    def _stand(self, scene: str, recipe: str | Trouble, start: float, fits: Callable[[Machine], bool]) -> int | None:
        return self._lay(scene, recipe, start, FOREVER, fits=fits, into=self.standing)

    def _play(
        self, scene: str, recipe: str | Trouble, start: float, end: float, fits: Callable[[Machine], bool]
    ) -> int | None:
        return self._lay(scene, recipe, start, end, fits=fits, into=self.live)

    def _lay(
        self,
        scene: str,
        recipe: str | Trouble,
        start: float,
        end: float,
        *,
        fits: Callable[[Machine], bool],
        into: list[Trouble],
    ) -> int | None:
        machine = self._actor(scene, fits)
        if machine is None:
            return None
        into.append(laid(self.world, recipe, machine, start, end))
        self.cast[scene].append(machine)
        self.taken.add(machine)
        self._busy[self.world.machines[machine].branch] += 1
        return machine

    def _actor(self, scene: str, fits: Callable[[Machine], bool]) -> int | None:
        """A machine for the scene; trouble gathers where there is some, and keeps away from sites that are cut off."""
        seed = self.world.seed
        free = [
            machine
            for machine in map(self.world.machines.__getitem__, range(min(_STAGE, len(self.world.machines))))
            if machine.index not in self.taken
            and machine.branch not in self._lost
            and self._busy[machine.branch] < _CROWD
            and fits(machine)
        ]
        if not free:
            return None
        branches = self.world.branches
        bad = [machine for machine in free if fraction(seed, "troubled", branches[machine.branch].id) < 0.3]
        among = bad or free
        return among[number(seed, "actor", scene) % len(among)].index

    def _managed(self, fits: Callable[[Machine], bool]) -> Callable[[Machine], bool]:
        """Only at clients under contract, whose row comes first."""
        return lambda machine: self._under_contract(machine.company) and fits(machine)

    def _under_contract(self, company: int) -> bool:
        return self.world.companies[company].client.contract is Contract.MANAGED

    def _lose(self, branch: int) -> None:
        self._lost.add(branch)
        self.taken.update(self.world.branches[branch].machines)


def _on_stage(branch: Branch) -> int:
    return sum(1 for machine in branch.machines if machine < _STAGE)


def _kind(kind: str) -> Callable[[Machine], bool]:
    return lambda machine: machine.kind == kind


def _linux(kind: str, role: str = "") -> Callable[[Machine], bool]:
    return lambda machine: machine.kind == kind and machine.platform == "linux" and role in ("", machine.role)


def _serving(machine: Machine) -> bool:
    return machine.platform == "linux" and machine.role in SERVICES


def _filling() -> Trouble:
    """From 84.3 % forty minutes before; past 95 % some five minutes in, full after a quarter of an hour."""
    return msgspec.structs.replace(RECIPES["disk"].trouble, value=84.3, slope=0.0039)


def _full() -> Trouble:
    return msgspec.structs.replace(
        RECIPES["disk"].trouble, value=98.6, state=CheckState.CRITICAL, severity=Severity.HIGH
    )
