"""One site with every way in which a host can fail to answer: each says its own on its own row, and the others are
as fresh as before."""

from __future__ import annotations

import json
import re

import pytest

from tests.support.hosts import Host, Hosts
from tests.support.office import Office, one_site

pytestmark = pytest.mark.real

DEADLINE_S = 4
"""Of one look, as configured."""

SHORT = f"deadline = {DEADLINE_S}\n"


class Site:
    """Three good hosts, then one for each kind of trouble. `words` is what each has to say, by its address."""

    def __init__(self, hosts: Hosts, office: Office) -> None:
        self.office = office
        self.good = hosts.add_many(3)
        self.changed, self.unknown, self.locked = hosts.add_many(3)
        self.silent, self.banner, self.slow = hosts.silent(), hosts.banner_only(), hosts.dripping()
        other, refused = hosts.not_ssh(), hosts.refused()
        one_site(office, hosts, *self.good, self.changed, self.locked, more=SHORT)
        bad = [self.unknown.at, self.silent.at, self.banner.at, self.slow.at, other.at, refused.at]
        text = office.config.read_text()
        office.configure(text.replace("hosts = [", "hosts = [" + "".join(f'"{at}", ' for at in bad)))
        stranger = hosts.other_key.with_suffix(".pub")
        (self.locked.state / "authorized_keys").write_bytes(stranger.read_bytes())
        self.words = {
            self.changed.native: "STOP: the host key of .* has changed from",
            self.unknown.native: "The host key of .* is not known yet",
            self.locked.native: "refuses the log-in of root by the key",
            self.silent.at: f"accepts connections and says nothing for {DEADLINE_S} s",
            self.banner.at: f"greets as an SSH server and then says nothing for {DEADLINE_S} s",
            self.slow.at: rf"answers too slowly, \d bytes in {DEADLINE_S} s",
            other.at: "is no SSH server, it says “HTTP/1.1 400 Bad Request”",
            refused.at: "refuses connections",
        }

    @property
    def names(self) -> list[str]:
        """Of the good hosts."""
        return [host.name for host in self.good]


@pytest.fixture
def site(hosts: Hosts, office: Office) -> Site:
    made = Site(hosts, office)
    made.changed.change_host_key()
    return made


def own_rows(site: Site, titles: dict[str, str]) -> set[str]:
    """Addresses whose own row says what it has to; `titles` by address with its port."""
    return {at for at, words in site.words.items() if re.search(words, titles.get(at, ""))}


def by_address(items: list[dict[str, str]]) -> dict[str, str]:
    """Titles of issues by the address and port that they name."""
    return {where(item["title"]): item["title"] for item in items}


def where(title: str) -> str:
    found = re.search(r"(127\.1\.\d+\.\d+) port (\d+)", title)
    return ":".join(found.groups()) if found else ""


def test_each_trouble_has_its_own_sentence_on_its_own_issue(site: Site) -> None:
    with site.office.follow("sources"):
        items = site.office.items("issues")
        (source,) = site.office.items("sources")
        devices = {item["name"]: item for item in site.office.items("devices")}
    assert own_rows(site, by_address(items)) == set(site.words)
    assert len({item["device"] for item in items}) == len(items) == len(site.words)
    assert {item["condition"] for item in items} == {"reachable"}
    assert (source["state"], source["fault"]) == ("fresh", None)
    assert {devices[name]["health"] for name in site.names} == {"ok"}
    health = {where(item["title"]): devices[item["device_name"]]["health"] for item in items}
    unknown = {host.native for host in (site.changed, site.unknown, site.locked)}
    assert {at for at, found in health.items() if found == "unknown"} == unknown
    assert {at for at, found in health.items() if found == "down"} == set(site.words) - unknown


def test_each_trouble_has_its_own_sentence_on_the_screen(site: Site) -> None:
    with site.office.screen(size=(200, 60)) as screen:
        screen.until(f"Issues {len(site.words)}")
        for at, words in site.words.items():
            screen.type("/")
            screen.until("^ */")
            screen.type(at.partition(":")[0])
            screen.until("Issues 1 ")
            screen.type("enter")
            screen.until(f"Why +.*{words}")
            screen.type("escape")
            screen.until(f"Issues {len(site.words)}")
        screen.type(":")
        screen.until("^ *:")
        screen.type("devices")
        screen.until("^ *: *devices")
        screen.type("enter")
        for name in site.names:
            screen.until(rf"● ok .*{name}")


@pytest.mark.long
def test_good_hosts_stay_fresh_while_bad_ones_are_tried(site: Site) -> None:
    with site.office.follow("devices") as devices:
        devices.until(lambda: all(name in devices.seen for name in site.names), "every good host")
        for _ in range(3):
            devices.until_seen_again(site.names, 1)
            assert {devices.facts[name]["freshness"] for name in site.names} == {"fresh"}
        devices.until(lambda: tried_twice(site), "every bad host tried again")
        devices.until_seen_again(site.names, 1)
        assert {devices.facts[name]["freshness"] for name in site.names} == {"fresh"}
    assert [host.logins for host in site.good] == [1, 1, 1]


def tried_twice(site: Site) -> bool:
    return min(one.accepted for one in (site.silent, site.banner, site.slow)) >= 2


def test_a_host_whose_key_changes_is_never_logged_in_to(hosts: Hosts, office: Office) -> None:
    good, changed = hosts.add(), hosts.add()
    one_site(office, hosts, good, changed, more=SHORT)
    with office.follow("devices") as devices:
        devices.until(lambda: good.name in devices.seen and changed.name in devices.seen, "both hosts")
        assert changed.logins == 1
        tries = changed.tries
        old = changed.fingerprint
        changed.change_host_key()
        calls = changed.calls
        devices.until(lambda: devices.facts[changed.name]["health"] == "unknown", "the stop")
        (issue,) = office.items("issues")
        assert f"has changed from {old} to {changed.fingerprint}" in issue["title"]
        assert_refused(office, changed)
        devices.until_seen_again([good.name], 1)
    assert changed.calls > calls
    assert (changed.logins, changed.tries) == (1, tries)


def assert_refused(office: Office, host: Host) -> None:
    """A fix on it ends before anything is sent."""
    boot = host.boot_id
    result = office.rounds("fix", "run", "reboot", host.name, "--yes", "--json", check=False)
    assert result.returncode == 1
    (run,) = json.loads(result.stdout)["items"]
    assert (run["state"], run["started"]) == ("failed", None)
    assert "nothing was sent" in run["sentence"]
    assert "STOP: the host key" in run["sentence"]
    assert host.boot_id == boot
