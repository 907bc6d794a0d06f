"""Which fixes are offered."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from backends.fixes.library import load_library
from backends.fixes.offers import offers_for_device, offers_for_issue
from tests.support.fixes import a_check, a_device, a_fix, an_aim

FIXES = load_library().values()


@pytest.mark.parametrize(
    ("family", "subject", "target", "offered"),
    [
        ("service", "nginx", "", [("restart-service", {"service": "nginx"})]),
        ("service", "Print Spooler", "", []),
        ("service", "-x", "", []),
        ("disk", "/var", "", [("free-disk", {"mount": "/var", "hours": "24"})]),
        ("inode", "/", "", [("free-disk", {"mount": "/", "hours": "24"})]),
        ("process", "stress", "123:4567", [("end-process", {"process": "123:4567"})]),
        ("process", "stress", "", []),
        ("network", "eth0", "eth0", [("renew-lease", {"interface": "eth0"})]),
        ("network", "eth0", "", []),
        ("reboot", "", "", [("reboot", {})]),
        ("certificate", "/etc/x.pem", "", []),
    ],
)
def test_an_issue_is_offered_what_answers_it(
    family: str, subject: str, target: str, offered: list[tuple[str, dict[str, str]]]
) -> None:
    offers = offers_for_issue(FIXES, an_aim(check=a_check(family, subject, target)))
    assert [(offer.fix, offer.parameters) for offer in offers] == offered


def test_a_device_is_offered_what_is_for_devices() -> None:
    assert [offer.fix for offer in offers_for_device(FIXES, replace(an_aim(), issue=None, check=None))] == ["reboot"]


def test_a_platform_without_steps_is_offered_nothing() -> None:
    assert offers_for_issue(FIXES, an_aim(a_device(platform="windows"))) == ()


def test_a_device_without_an_issue_is_offered_nothing_for_it() -> None:
    assert offers_for_issue(FIXES, replace(an_aim(), issue=None)) == ()


def test_the_mildest_fix_is_the_next_best_action() -> None:
    harsh = a_fix(id="harsh", risk="destructive")
    mild = a_fix(id="mild", risk="safe")
    harsh, mild = replace(harsh, risk=type(a_fix().risk)("destructive")), replace(mild, risk=type(a_fix().risk)("safe"))
    assert [offer.fix for offer in offers_for_issue([harsh, mild], an_aim())] == ["mild", "harsh"]
