"""Plans: what they say, which values they take, and what is different when they are agreed to."""

from __future__ import annotations

import random
import shlex
import subprocess
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from backends.config.schema import Guard
from backends.fixes.aim import Aim, route
from backends.fixes.errors import PlanError
from backends.fixes.library import load_library
from backends.fixes.plan import PLAN_S, compare, make_plan, parameters_for
from backends.fleet.model import DeviceId, Identity, Issue, IssueState, SiteId, SourceName, safe
from backends.fleet.run import Consent, Parameter, Plan, PlanTarget, Risk
from backends.text import is_safe
from tests.support.fixes import NOW, SOURCE, a_check, a_device, a_fix, a_policy, an_aim

FIXES = {str(name): fix for name, fix in load_library().items()}


def plan_of(*aims: Aim, fix: Any = None, guards: tuple[Guard, ...] = (), **more: Any) -> Plan:
    policy = a_policy(*guards)
    return make_plan(fix or a_fix(), aims or (an_aim(),), plan_id="p-1", by="tech1", now=NOW, policy=policy, **more)


def target_of(aim: Aim) -> PlanTarget:
    return plan_of(aim).targets[0]


def bare_aim() -> Aim:
    return replace(an_aim(), issue=None, check=None)


def owned(aim: Aim, **changes: Any) -> Aim:
    assert aim.issue is not None
    return replace(aim, issue=replace(aim.issue, **changes))


def test_a_plan_takes_its_parameter_from_the_evidence_and_says_what_it_does() -> None:
    plan = plan_of()
    assert plan.targets[0].parameters == {"service": "nginx"}
    assert plan.does == ("Restart nginx",)
    assert plan.affects == "Who uses nginx on web01 is cut off."


def test_a_plan_shows_the_exact_script_and_its_arguments() -> None:
    assert plan_of().script == '# $1 = nginx\necho "$1"\n'


def test_a_plan_is_good_for_two_minutes() -> None:
    assert plan_of().expires == NOW + timedelta(seconds=PLAN_S)


def test_what_was_given_wins_over_the_evidence() -> None:
    assert plan_of(given={"service": "cron"}).targets[0].parameters == {"service": "cron"}


@pytest.mark.parametrize(
    ("given_values", "words"),
    [
        ({"servise": "x"}, "it takes service"),
        ({"service": ""}, "needs a value for “service”"),
        ({"service": "a b"}, "no value that restart-service takes"),
        ({"service": "nginx\n"}, "control characters"),
        ({"service": "nginx\x00"}, "control characters"),
        ({"service": "ng\x1binx"}, "control characters"),
        ({"service": "\udc80"}, "control characters"),
        ({"service": "x" * 5000}, "no value"),
    ],
)
def test_a_wrong_parameter_is_refused_with_a_sentence(given_values: dict[str, str], words: str) -> None:
    with pytest.raises(PlanError) as caught:
        plan_of(given=given_values)
    assert words in caught.value.sentence
    assert is_safe(caught.value.sentence)


def test_without_evidence_the_missing_parameter_is_named() -> None:
    with pytest.raises(PlanError, match="--param service="):
        plan_of(bare_aim())


def test_no_device_is_no_plan() -> None:
    with pytest.raises(PlanError, match="name at least one"):
        make_plan(a_fix(), [], plan_id="p", by="tech1", now=NOW, policy=a_policy())


def test_a_device_named_twice_is_one_target() -> None:
    assert len(plan_of(an_aim(), an_aim()).targets) == 1


def test_a_platform_without_steps_is_a_refusal_that_says_so() -> None:
    plan = plan_of(an_aim(a_device(platform="windows")))
    assert plan.consent is Consent.REFUSE
    assert plan.reason == "Restart service has no steps for windows: web01 is left alone."


def test_one_refused_target_refuses_the_plan() -> None:
    old = an_aim(a_device("web02", seen=NOW - timedelta(hours=1)))
    plan = plan_of(an_aim(), old)
    assert (plan.consent, [target.consent for target in plan.targets]) == (
        Consent.REFUSE,
        [Consent.CONFIRM, Consent.REFUSE],
    )


def test_the_smallest_cap_of_the_guards_counts() -> None:
    plan = plan_of(an_aim(), an_aim(a_device("web02")), guards=(Guard(match="*", max_targets=1),))
    assert (plan.consent, "more than the 1" in plan.reason) == (Consent.REFUSE, True)


def test_many_devices_are_agreed_to_by_their_number() -> None:
    """F-22."""
    plan = plan_of(*(an_aim(a_device(f"web{number:02}")) for number in range(6)))
    assert (plan.consent, plan.type_name) == (Consent.TYPE_NAME, "6 devices")


@pytest.mark.parametrize(
    ("name", "changes", "typed"),
    [
        ("web01", {}, "web01"),
        ("web01", {"look_alike": True}, "acme-hq:web01"),
        ("wеb01", {"look_alike": True, "id": DeviceId("acme-hq:10.0.0.9")}, "acme-hq:10.0.0.9"),
        ("веб", {"id": DeviceId("acme-hq:веб")}, "device-pbl5xfwa"),
    ],
)
def test_the_name_to_type_can_be_typed_and_mistaken_for_no_other(
    name: str, changes: dict[str, Any], typed: str
) -> None:
    """F-36, F-37."""
    plan = plan_of(an_aim(a_device(name, **changes)), fix=a_fix(risk=Risk.DESTRUCTIVE))
    assert plan.type_name.isascii()
    if not typed.startswith("device-"):
        assert plan.type_name == typed


def test_a_value_may_raise_the_risk_and_with_it_the_consent() -> None:
    aim = an_aim(check=a_check("disk", "/var"))
    plan = plan_of(aim, fix=FIXES["free-disk"], given={"hours": "0"})
    assert (plan.risk, plan.consent, plan.type_name) == (Risk.DESTRUCTIVE, Consent.TYPE_NAME, "web01")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, None),
        ({"name": safe("web09")}, "web01 is called web09 now."),
        (
            {"client": "other", "client_name": safe("Baker Law")},
            "web01 belongs to Baker Law now, no longer to Acme Dental.",
        ),
        ({"site": SiteId("acme/depot"), "site_name": safe("Depot")}, "web01 moved from HQ to Depot."),
        ({"address": safe("10.0.0.12")}, "web01 has the address 10.0.0.12 now, it was 10.0.0.11."),
        ({"platform": "freebsd"}, "web01 runs freebsd now, it was linux."),
        ({"boot_id": "boot-2"}, "web01 was rebooted since."),
        ({"boot_id": ""}, None),
        (
            {"identity": Identity(machine="machine-x", host_key="SHA256:abc")},
            "web01 is another machine now: its machine id is machine-x, it was machine-web01.",
        ),
        (
            {"identity": Identity(host_key="SHA256:def")},
            "web01 is another machine now: its host key is SHA256:def, it was SHA256:abc.",
        ),
        ({"identity": Identity()}, None),
    ],
)
def test_what_changed_on_the_device_is_told(changes: dict[str, Any], sentence: str | None) -> None:
    """F-03."""
    now = replace(an_aim(), device=replace(a_device(), **changes))
    assert compare(target_of(an_aim()), now, "tech1") == ((sentence,) if sentence else ())


@pytest.mark.parametrize(
    ("before", "now", "sentence"),
    [
        (("ic:12:00",), ("ic:13:00",), "web01 is another machine now: its record in ic is of 13:00, it was of 12:00."),
        (("ic:12:00", "two:9:00"), ("ic:12:00",), None),
        (("ic:12:00",), ("two:13:00",), None),
        (("ic:12:00",), (), None),
    ],
)
def test_a_record_that_was_made_anew_is_told(
    before: tuple[str, ...], now: tuple[str, ...], sentence: str | None
) -> None:
    """F-16: each source's mark is held against its own, and none proves nothing."""
    old, new = (
        replace(an_aim(), device=replace(a_device(), identity=Identity(records=records))) for records in (before, now)
    )
    assert compare(target_of(old), new, "tech1") == ((sentence,) if sentence else ())


def test_another_record_of_the_same_source_is_told() -> None:
    """F-16."""
    assert compare(target_of(an_aim()), replace(an_aim(), native="10.0.0.99"), "tech1") == (
        f"{an_aim().source} has another record of web01 now.",
    )


def test_a_device_that_is_gone_is_told() -> None:
    assert compare(target_of(an_aim()), None, "tech1") == ("web01 is gone.",)


def test_another_way_to_the_device_is_told() -> None:
    now = replace(an_aim(), source=SourceName("other"))
    assert compare(target_of(an_aim()), now, "tech1") == (
        "web01 is reached through other now, no longer through acme-hq.",
    )


@pytest.mark.parametrize(
    ("before", "now", "sentence"),
    [
        ("", "", None),
        ("", "tech1", None),
        ("", "tech2", "tech2 has claimed it since."),
        ("tech2", "tech2", None),
        ("tech2", "", "tech2 has let go of it since."),
    ],
)
def test_a_claim_in_between_is_told(before: str, now: str, sentence: str | None) -> None:
    target = target_of(owned(an_aim(), owner=before))
    assert compare(target, owned(an_aim(), owner=now), "tech1") == ((sentence,) if sentence else ())


@pytest.mark.parametrize("state", [IssueState.RECOVERED, None])
def test_a_problem_that_is_over_is_told(state: IssueState | None) -> None:
    now = owned(an_aim(), state=state) if state else replace(an_aim(), issue=None)
    assert compare(target_of(an_aim()), now, "tech1") == ("The problem on web01 is over: service nginx is bad",)


def test_a_new_plan_says_what_changed_since_the_one_it_replaces() -> None:
    old = plan_of()
    new = plan_of(an_aim(a_device(boot_id="boot-2")), replaces=old)
    assert new.changed == ("web01 was rebooted since.",)


def test_the_way_to_a_device_is_the_issues_own_source_first() -> None:
    ssh = SourceName("ssh")
    device = a_device(sources=(SOURCE, ssh), natives=("web01", "10.0.0.11"))
    issue: Issue | None = an_aim(device).issue
    assert route(device, issue, lambda _: True) == (SOURCE, "web01")
    assert route(device, issue, lambda source: source == ssh) == (ssh, "10.0.0.11")
    assert route(device, None, lambda _: False) is None


@pytest.mark.parametrize("hours", ["0 x", "0;reboot", "00", "-1", "24\n", "99999", "٣"])
def test_a_pattern_with_alternatives_still_has_to_match_the_whole_value(hours: str) -> None:
    """F-59."""
    aim = an_aim(check=a_check("disk", "/var"))
    with pytest.raises(PlanError):
        plan_of(aim, fix=FIXES["free-disk"], given={"hours": hours})


def hostile_values() -> list[str]:
    """300 strings that mean something to a shell, none of them with a NUL."""
    pieces = [
        "'",
        '"',
        "$(touch hit)",
        "`touch hit`",
        "\n",
        "*",
        "~",
        "-rf",
        "--",
        "\\",
        ";",
        "&",
        "|",
        "$HOME",
        "${x}",
    ]
    pieces += ["!", "#", " ", "\t", "é", "\u202e", "%s", "{a,b}", "<", ">", "\x1b[2J", "\\n", "=", "(", ")"]
    chance = random.Random(59)
    return pieces + ["".join(chance.choices(pieces, k=chance.randint(1, 8))) for _ in range(300 - len(pieces))]


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_300_hostile_values_arrive_in_a_script_as_they_are_and_do_nothing(tmp_path: Any, shell: str) -> None:
    """F-55."""
    values = hostile_values()
    assert len(values) == 300
    script = 'set -uf\nfor one; do printf "%s\\0" "$one"; done'
    words = " ".join(shlex.quote(word) for word in (shell, "-c", script, "sh", *values))
    done = subprocess.run(["sh", "-c", words], capture_output=True, check=True, cwd=tmp_path)
    assert done.stdout.split(b"\0")[:-1] == [value.encode() for value in values]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", hostile_values())
def test_a_hostile_value_is_refused_or_taken_as_it_is(value: str) -> None:
    """F-55."""
    loose = a_fix(parameters=(Parameter(name="any", label=safe("Any"), pattern=r"(?s).+"),))
    try:
        assert parameters_for(loose, an_aim(), {"any": value}) == {"any": value}
    except PlanError:
        assert any(char in value for char in "\n\t\x1b")


@given(st.text(max_size=60))
@settings(max_examples=300)
def test_no_value_with_a_control_character_or_a_leading_dash_gets_into_a_bundled_fix(value: str) -> None:
    """F-55, F-59."""
    for name, parameter in (("restart-service", "service"), ("end-process", "process"), ("renew-lease", "interface")):
        try:
            taken = parameters_for(FIXES[name], bare_aim(), {parameter: value})
        except PlanError:
            continue
        assert taken[parameter] == value
        assert value.isascii()
        assert value.isprintable()
        assert not value.startswith("-")
