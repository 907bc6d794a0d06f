"""What a host's facts are judged to be: one row per finding, and properties over all facts."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.fleet.host import (
    Battery,
    Certificate,
    FileSystem,
    HostFacts,
    Interface,
    KernelEvents,
    Process,
    Sensor,
    Service,
    WatchedFile,
    WatchedProcess,
)
from backends.fleet.host_checks import checks_of, identity_of, sighting_of
from backends.fleet.model import Check, CheckState, ClientId, Severity, SiteId, SourceName, safe
from backends.fleet.thresholds import DEFAULTS, Thresholds, parse_thresholds
from backends.text import is_safe

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
GIB = 1024**3
TIB = 1024 * GIB
OK, WARNING, CRITICAL, UNKNOWN = CheckState.OK, CheckState.WARNING, CheckState.CRITICAL, CheckState.UNKNOWN


def facts(**known: object) -> HostFacts:
    return HostFacts(at=NOW, **known)  # type: ignore[arg-type] # the fields are the test's own business


def judged(host: HostFacts, limits: Thresholds = DEFAULTS) -> dict[str, Check]:
    return {check.key: check for check in checks_of(host, limits, source=SourceName("s"), native="n")}


def disk(used: float, size: float, mount: str = "/srv/data", **more: object) -> FileSystem:
    return FileSystem(
        mount=mount,
        kind="ext4",
        size_bytes=int(size),
        used_bytes=int(used),
        available_bytes=int(size - used),
        **more,  # type: ignore[arg-type] # the fields are the test's own business
    )


def process(**more: object) -> Process:
    known: dict[str, object] = {"pid": 42, "name": "yes", "cpu_percent": 99.0, "started": "1000"}
    return Process(**(known | more))  # type: ignore[arg-type] # the fields are the test's own business


def file(**more: object) -> WatchedFile:
    return WatchedFile(path="/d", **({"exists": True} | more))  # type: ignore[arg-type] # as above


def service(state: str, *, watched: bool = True) -> Service:
    return Service(name="nginx", state=state, watched=watched)


def interface(**more: object) -> Interface:
    known: dict[str, object] = {"name": "eth0", "up": True, "addresses": ("10.0.0.5",)}
    return Interface(**(known | more))  # type: ignore[arg-type] # as above


def certificate(**left: float) -> Certificate:
    return Certificate(path="/c.pem", expires=NOW + timedelta(**left))


JUDGEMENTS = [
    # Load counts per core and over five minutes.
    ("load", facts(load=(99, 3.9, 0), cores=2), OK),
    ("load", facts(load=(0, 4.0, 0), cores=2), WARNING),
    ("load", facts(load=(0, 10, 0), cores=2), CRITICAL),
    ("memory", facts(memory_bytes=100, memory_available_bytes=11), OK),
    ("memory", facts(memory_bytes=100, memory_available_bytes=10), WARNING),
    ("memory", facts(memory_bytes=100, memory_available_bytes=4), CRITICAL),
    ("swap", facts(swap_bytes=100, swap_used_bytes=100, memory_bytes=100, memory_available_bytes=50), OK),
    ("swap", facts(swap_bytes=100, swap_used_bytes=60, memory_bytes=100, memory_available_bytes=15), WARNING),
    ("swap", facts(swap_bytes=100, swap_used_bytes=95, memory_bytes=100, memory_available_bytes=15), CRITICAL),
    # A share and an amount: what is left on ten terabytes is plenty.
    ("disk//srv/data", facts(file_systems=(disk(9.5 * TIB, 10 * TIB),)), OK),
    ("disk//srv/data", facts(file_systems=(disk(19 * GIB, 20 * GIB),)), CRITICAL),
    ("disk//srv/data", facts(file_systems=(disk(17 * GIB, 20 * GIB),)), WARNING),
    ("disk//srv/data", facts(file_systems=(disk(10 * GIB, 20 * GIB),)), OK),
    ("disk//srv/data", facts(file_systems=(disk(96, 100, read_only=True),)), OK),
    ("mount//srv/data", facts(file_systems=(disk(1, 100, read_only=True),)), CRITICAL),
    ("mount//srv/data", facts(file_systems=(disk(1, 100),)), OK),
    ("inode//srv/data", facts(file_systems=(disk(1, 100, inodes=100, inodes_used=90),)), WARNING),
    ("inode//srv/data", facts(file_systems=(disk(1, 100, inodes=100, inodes_used=97),)), CRITICAL),
    # The hardware's own limits, where it tells believable ones.
    ("temperature/cpu", facts(sensors=(Sensor(name="cpu", celsius=80),)), OK),
    ("temperature/cpu", facts(sensors=(Sensor(name="cpu", celsius=80, high=75, critical=90),)), WARNING),
    ("temperature/cpu", facts(sensors=(Sensor(name="cpu", celsius=96, high=100, critical=100),)), WARNING),
    ("temperature/cpu", facts(sensors=(Sensor(name="cpu", celsius=94, high=100, critical=100),)), OK),
    ("temperature/cpu", facts(sensors=(Sensor(name="cpu", celsius=91, high=75, critical=90),)), CRITICAL),
    ("temperature/cpu", facts(sensors=(Sensor(name="cpu", celsius=50, high=0, critical=65261.8),)), OK),
    ("battery", facts(batteries=(Battery(percent=5, plugged=True),)), OK),
    ("battery", facts(batteries=(Battery(percent=25, plugged=False),)), WARNING),
    ("battery", facts(batteries=(Battery(percent=9, plugged=False),)), CRITICAL),
    # What the measurement can be wrong by is taken off.
    ("clock", facts(clock_skew_s=5.5, clock_error_s=1.0), OK),
    ("clock", facts(clock_skew_s=-6.5, clock_error_s=1.0), WARNING),
    ("clock", facts(clock_skew_s=70.0, clock_error_s=1.0), CRITICAL),
    ("uptime", facts(uptime_s=5e8), OK),
    ("reboot", facts(reboot_required=""), OK),
    ("reboot", facts(reboot_required="linux-image", uptime_s=100), WARNING),
    # A runaway has the evidence of looks, or of a whole life; a build has neither.
    ("process/yes", facts(processes=(process(cpu_s=10, age_s=11),)), OK),
    ("process/yes", facts(processes=(process(cpu_s=700, age_s=710),)), WARNING),
    ("process/yes", facts(processes=(process(cpu_s=700),)), WARNING),
    ("process/yes", facts(processes=(process(cpu_s=90000, age_s=9000000),)), OK),
    ("process/yes", facts(processes=(process(cpu_s=90000, age_s=9000000, busy_s=601),)), WARNING),
    ("process/yes", facts(processes=(process(cpu_percent=3, cpu_s=9000, age_s=9100, busy_s=0),)), OK),
    ("process/yes", facts(processes=(process(cpu_percent=800, cpu_s=4000, age_s=500),)), OK),
    ("process/kvm", facts(processes=(process(name="kvm", cpu_s=7000, age_s=7000),)), OK),
    ("process-count/sshd", facts(watched_processes=(WatchedProcess(name="sshd", count=0),)), CRITICAL),
    ("process-count/sshd", facts(watched_processes=(WatchedProcess(name="sshd", count=2),)), OK),
    ("service/nginx", facts(services=(service("running"),)), OK),
    ("service/nginx", facts(services=(service("stopped"),)), CRITICAL),
    ("service/nginx", facts(services=(service("failed"),)), CRITICAL),
    ("service/nginx", facts(services=(service("missing"),)), CRITICAL),
    ("service/nginx", facts(services=(service("unknown"),)), UNKNOWN),
    ("service/nginx", facts(services=(service("failed", watched=False),)), WARNING),
    ("service/nginx", facts(services=(service("stopped", watched=False),)), OK),
    ("file//d", facts(files=(file(exists=False),)), CRITICAL),
    ("file//d", facts(files=(file(size_bytes=0, age_s=1e9),)), OK),
    ("file//d", facts(files=(file(exists=False, problem="Permission denied"),)), UNKNOWN),
    ("certificate//c.pem", facts(certificates=(certificate(days=31),)), OK),
    ("certificate//c.pem", facts(certificates=(certificate(days=29),)), WARNING),
    ("certificate//c.pem", facts(certificates=(certificate(days=7),)), CRITICAL),
    ("certificate//c.pem", facts(certificates=(certificate(days=-1),)), CRITICAL),
    ("certificate//c.pem", facts(certificates=(Certificate(path="/c.pem", expires=None, problem="gone"),)), UNKNOWN),
    ("kernel/oom", facts(kernel_events=KernelEvents()), OK),
    ("kernel/oom", facts(kernel_events=KernelEvents(oom_kills=("x",))), WARNING),
    ("kernel/disk", facts(kernel_events=KernelEvents(disk_errors=("x",))), CRITICAL),
    ("network/eth0", facts(interfaces=(interface(),)), OK),
    ("network/eth0", facts(interfaces=(interface(up=False),)), OK),
    ("network/eth0", facts(interfaces=(interface(up=False, default_route=True),)), CRITICAL),
    ("network/eth0", facts(interfaces=(interface(dhcp=True),)), OK),
    ("network/eth0", facts(interfaces=(interface(dhcp=True, addresses=("fe80::1", "169.254.3.4")),)), CRITICAL),
]


@pytest.mark.parametrize(("key", "host", "state"), JUDGEMENTS)
def test_a_fact_has_its_state(key: str, host: HostFacts, state: CheckState) -> None:
    assert judged(host)[key].state is state


@pytest.mark.parametrize(
    ("table", "key", "host", "state"),
    [
        ({"disk": {"warn_left": "off", "crit_left": "off"}}, "disk//srv/data", disk(9.6 * TIB, 10 * TIB), CRITICAL),
        ({"disk": {"/srv/*": {"warn": "off", "crit": "off"}}}, "disk//srv/data", disk(99, 100), OK),
        ({"disk": {"/srv/data": {"read_only": True}}}, "disk//srv/data", disk(1, 100, read_only=True), OK),
        ({"file": {"/d": {"exists": False}}}, "file//d", file(), CRITICAL),
        ({"file": {"/d": {"exists": False}}}, "file//d", file(exists=False), OK),
        ({"file": {"/d": {"max_age": "26h"}}}, "file//d", file(age_s=27 * 3600.0), CRITICAL),
        ({"file": {"/d": {"max_age": "26h"}}}, "file//d", file(age_s=25 * 3600.0), OK),
        ({"file": {"/d": {"min_size": "1 MiB"}}}, "file//d", file(size_bytes=12), CRITICAL),
        ({"file": {"/d": {"max_size": "1 MiB"}}}, "file//d", file(size_bytes=2**21), WARNING),
        ({"service": {"failed": "off"}}, "service/nginx", service("failed", watched=False), OK),
        ({"service": {"ignore": ["ngin*"]}}, "service/nginx", service("failed", watched=False), OK),
        ({"network": {"up": ["eth0"]}}, "network/eth0", interface(up=False), CRITICAL),
        ({"network": {"up": ["eth1"]}}, "network/eth1", interface(), CRITICAL),
        ({"process": {"warn_after": "5s"}}, "process/yes", process(cpu_s=6, age_s=6), WARNING),
        ({"process": {"warn_after": "5s", "crit_after": "6s"}}, "process/yes", process(cpu_s=6, age_s=6), CRITICAL),
        ({"process": {"cpu": "off"}}, "process/yes", process(cpu_s=9999, age_s=9999), OK),
    ],
)
def test_a_configured_limit_decides(table: object, key: str, host: msgspec.Struct, state: CheckState) -> None:
    fields = {
        FileSystem: "file_systems",
        WatchedFile: "files",
        Service: "services",
        Interface: "interfaces",
        Process: "processes",
    }
    assert judged(facts(**{fields[type(host)]: (host,)}), parse_thresholds(table))[key].state is state


@pytest.mark.parametrize(
    ("key", "host", "title"),
    [
        (
            "disk//srv/data",
            facts(file_systems=(disk(38.88 * GIB, 40 * GIB),)),
            "Disk /srv/data is 97.2 % full, 1.1 GiB left",
        ),
        ("load", facts(load=(1, 20, 3), cores=4), "Load is 20.0 on 4 cores over 5 minutes"),
        ("service/nginx", facts(services=(service("stopped"),)), "Service nginx is stopped"),
        ("certificate//c.pem", facts(certificates=(certificate(days=-3),)), "Certificate /c.pem expired 3 d ago"),
        ("clock", facts(clock_skew_s=-70.0), "Clock is 70 s behind ours"),
        ("file//d", facts(files=(file(exists=False),)), "File /d is missing"),
        (
            "process/yes",
            facts(processes=(process(cpu_s=7000, age_s=7000, user="kim"),)),
            "Process yes (kim) has kept a core busy for 116 min, now at 99 %",
        ),
    ],
)
def test_the_summary_is_the_title_of_the_issue(key: str, host: HostFacts, title: str) -> None:
    assert judged(host)[key].summary == title


def test_what_could_not_be_read_raises_nothing() -> None:
    assert judged(facts()) == {}


@pytest.mark.parametrize(("up_days", "severity"), [(1, Severity.INFO), (31, None)])
def test_a_required_reboot_becomes_a_warning_when_it_was_put_off(up_days: int, severity: Severity | None) -> None:
    assert judged(facts(reboot_required="linux", uptime_s=up_days * 86400.0))["reboot"].severity is severity


def test_a_runaway_is_aimed_at_by_pid_and_start() -> None:
    assert judged(facts(processes=(process(cpu_s=700, age_s=700),)))["process/yes"].target == "42:1000"


def test_two_runaways_of_one_name_keep_their_keys_whatever_their_order() -> None:
    old, young = process(pid=9, cpu_s=900, age_s=900), process(pid=7, cpu_s=700, age_s=700)
    one = {key: check.target for key, check in judged(facts(processes=(old, young))).items()}
    other = {key: check.target for key, check in judged(facts(processes=(young, old))).items()}
    assert one == other == {"process/yes": "9:1000", "process/yes#2": "7:1000"}


def test_a_quiet_process_does_not_take_the_key_of_a_runaway_of_its_name() -> None:
    quiet, runaway = process(pid=1, cpu_percent=5), process(pid=2, cpu_s=700, age_s=700)
    assert judged(facts(processes=(quiet, runaway)))["process/yes"].target == "2:1000"


def test_a_key_carries_no_value() -> None:
    fuller = [disk(share * GIB, 20 * GIB) for share in (19.1, 19.2)]
    assert len({tuple(judged(facts(file_systems=(one,)))) for one in fuller}) == 1


def test_of_two_file_systems_on_one_mount_the_worse_is_told() -> None:
    assert judged(facts(file_systems=(disk(1, 100), disk(99, 100))))["disk//srv/data"].state is CRITICAL


def sighting(host: HostFacts, **more: object) -> object:
    return sighting_of(
        host,
        source=SourceName("s"),
        native="n",
        client=ClientId("c"),
        client_name=safe("C"),
        site=SiteId("c/x"),
        site_name=safe("X"),
        **more,  # type: ignore[arg-type] # the fields are the test's own business
    )


def test_a_sighting_tells_boot_identity_and_system() -> None:
    host = facts(hostname="web1", boot_id="b", uptime_s=60.0, machine_id="m", serial="S1", system="Debian\x1b[2J")
    seen = sighting(host)
    assert msgspec.structs.asdict(seen) | {  # type: ignore[arg-type] # a Sighting
        "name": "web1",
        "boot_id": "b",
        "booted": NOW - timedelta(seconds=60),
        "system": "Debian␛[2J",
    } == msgspec.structs.asdict(seen)  # type: ignore[arg-type] # a Sighting


@pytest.mark.parametrize("serial", ["", "0", "None", "To be filled by O.E.M.", "00000000", "Default string", "..."])
def test_a_serial_number_that_says_nothing_is_no_evidence(serial: str) -> None:
    assert identity_of(facts(serial=serial)).empty


def test_only_real_interfaces_identify_a_host() -> None:
    host = facts(
        interfaces=(
            interface(name="eth0", mac="AA-BB-CC-00-11-22"),
            interface(name="lo", mac="00:00:00:00:00:00"),
            interface(name="docker0", mac="02:42:00:00:00:01"),
        )
    )
    assert identity_of(host).macs == ("aa:bb:cc:00:11:22",)


_NUMBERS = st.floats() | st.integers(min_value=-(2**70), max_value=2**70)
_WHOLE = st.integers(min_value=-(2**65), max_value=2**65)
_TEXT = st.text(st.sampled_from("ab/ \x1b\u202e\n\ud800é[#"), max_size=6)
_HOSTS = st.builds(
    HostFacts,
    at=st.just(NOW),
    reboot_required=st.none() | _TEXT,
    clock_skew_s=st.none() | _NUMBERS,
    clock_error_s=st.none() | _NUMBERS,
    uptime_s=st.none() | _NUMBERS,
    load=st.none() | st.tuples(_NUMBERS, _NUMBERS, _NUMBERS),
    cores=st.none() | _WHOLE,
    memory_bytes=st.none() | _WHOLE,
    memory_available_bytes=st.none() | _WHOLE,
    swap_bytes=st.none() | _WHOLE,
    swap_used_bytes=st.none() | _WHOLE,
    file_systems=st.tuples(
        st.builds(
            FileSystem,
            mount=_TEXT,
            kind=st.sampled_from(["ext4", "tmpfs"]),
            size_bytes=_WHOLE,
            used_bytes=_WHOLE,
            available_bytes=_WHOLE,
            inodes=st.none() | _WHOLE,
            inodes_used=st.none() | _WHOLE,
            read_only=st.booleans(),
        )
    ),
    sensors=st.tuples(
        st.builds(Sensor, name=_TEXT, celsius=_NUMBERS, high=st.none() | _NUMBERS, critical=st.none() | _NUMBERS)
    ),
    batteries=st.tuples(st.builds(Battery, percent=_NUMBERS, left_s=st.none() | _NUMBERS)),
    processes=st.lists(
        st.builds(
            Process,
            pid=_WHOLE,
            name=_TEXT,
            cpu_percent=_NUMBERS,
            cpu_s=st.none() | _NUMBERS,
            age_s=st.none() | _NUMBERS,
            busy_s=st.none() | _NUMBERS,
        ),
        max_size=3,
    ).map(tuple),
    services=st.tuples(st.builds(Service, name=_TEXT, state=_TEXT, watched=st.booleans(), detail=_TEXT)),
    files=st.tuples(
        st.builds(WatchedFile, path=_TEXT, exists=st.booleans(), size_bytes=st.none() | _WHOLE, age_s=_NUMBERS)
    ),
    kernel_events=st.builds(KernelEvents, oom_kills=st.lists(_TEXT, max_size=2).map(tuple)),
)


@settings(max_examples=200)
@given(_HOSTS)
def test_any_facts_give_safe_texts_finite_numbers_and_each_key_once(host: HostFacts) -> None:
    checks = checks_of(host, DEFAULTS, source=SourceName("s"), native="n")
    assert len({check.key for check in checks}) == len(checks)
    for check in checks:
        numbers = [number for number in (check.value, check.warn, check.crit) if number is not None]
        assert all(math.isfinite(number) and number >= 0 for number in numbers)
        assert all(is_safe(text) for text in (check.label, check.summary, check.advice))


@settings(max_examples=50)
@given(_HOSTS)
def test_any_facts_give_a_sighting(host: HostFacts) -> None:
    assert sighting(host)
