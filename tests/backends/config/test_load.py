"""Reading the configuration: what it says, and a sentence with file, line, key and nearest key for each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.config.fields import ConfigError, seconds
from backends.config.load import load, login_name, parse
from backends.config.schema import SecretRef
from backends.fleet.model import ClientId, Contract, Severity
from backends.fleet.run import Consent

KINDS = ("demo", "local", "ssh", "zabbix")

EXAMPLE = """
[technician]
name = "tech1"

[clients.acme]
name = "Acme Dental"
contract = "break-fix"
hours = "Mon-Fri 08:00-18:00 America/Chicago"
sla.critical = { respond = "15m", resolve = "4h" }

[sources.zabbix-eu]
kind = "zabbix"
url = "https://zabbix.example/api_jsonrpc.php"
every = "30s"
secret = "env:ZABBIX"
place = { hostgroup = '^Clients/(?P<client>[^/]+)/(?P<site>[^/]+)$' }

[sources.acme-hq]
kind = "ssh"
client = "acme"
site = "HQ"
key = "~/.ssh/id_ed25519"
hosts = ["10.0.0.11", "web@10.0.0.12:2222"]

[[guards]]
match = "client:acme kind:server risk>=disruptive"
hours = "outside"
confirm = "type-name"

[[guards]]
match = "*"
max_targets = 25

[keys]
refresh = "ctrl+r"

[views]
mine = "owner:me"
"""


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse(text, "f.toml", KINDS)
    return str(caught.value).split("\n")


def only(text: str) -> str:
    found = problems(text)
    assert len(found) == 1, found
    return found[0]


def test_the_documented_example_is_read() -> None:
    config = parse(EXAMPLE, "f.toml", KINDS)
    acme = config.clients[ClientId("acme")]
    assert (config.technician.name, acme.name, acme.contract) == ("tech1", "Acme Dental", Contract.BREAK_FIX)
    target = acme.sla[0]
    assert (target.severity, target.respond_s, target.resolve_s) == (Severity.CRITICAL, 900.0, 14400.0)
    first, second = config.sources
    assert (first.name, first.kind, first.every_s, first.line) == ("zabbix-eu", "zabbix", 30.0, 11)
    assert first.secret == SecretRef(kind="env", value="ZABBIX")
    assert set(first.options) == {"url", "place"}
    assert (second.secret, second.options["hosts"]) == (SecretRef(kind="keyring"), ["10.0.0.11", "web@10.0.0.12:2222"])
    assert [guard.consent for guard in config.guards] == [Consent.TYPE_NAME, None]
    assert (config.guards[1].max_targets, config.guards[1].line) == (25, 30)
    assert (config.keys, config.views) == ({"refresh": "ctrl+r"}, {"mine": "owner:me"})


@pytest.mark.parametrize("text", ["", "\n\n# nothing\n"])
def test_an_empty_file_is_the_default(tmp_path: Path, text: str) -> None:
    (tmp_path / "c.toml").write_text(text)
    config = load(tmp_path / "c.toml", KINDS)
    assert (config.technician.name, config.sources, dict(config.clients)) == (login_name(), (), {})


def test_a_missing_file_is_the_default(tmp_path: Path) -> None:
    assert load(tmp_path / "c.toml").path == ""


def test_a_missing_file_that_was_named_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "c.toml", must_exist=True)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"\xef\xbb\xbf[technician]\n", "c.toml:1: The file begins with a byte order mark"),
        ("[technician]\n".encode("utf-16"), "UTF-16"),
        (b"[technician]\nname = '\xff'\n", "c.toml:2: Byte 22 of the file is not UTF-8"),
        (b"#" * 1024 * 1024 + b"\n\n", "larger than 1 MiB"),
        (b"a = " + b"9" * 5000, "a number is too long"),
        (b"a = " + b"[" * 5000, "nested too deep"),
        (b"[technician]\nname = 'a'\nname = 'b'\n", "c.toml:3: This is not TOML"),
        (b"[technician\n", "c.toml:1: This is not TOML"),
    ],
)
def test_a_file_that_is_none_is_a_sentence(tmp_path: Path, raw: bytes, says: str) -> None:
    (tmp_path / "c.toml").write_bytes(raw)
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "c.toml")
    assert says in str(caught.value)


def test_a_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="This is a folder"):
        load(tmp_path)


def test_line_ends_of_another_system_are_read(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_bytes(b'[technician]\r\nname = "a"\r\n')
    assert load(tmp_path / "c.toml").technician.name == "a"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('them = "dark"', 'f.toml:1: them: There is no key "them" here; did you mean "theme".'),
        ("[source.x]\nkind = 'ssh'", 'f.toml:1: source: There is no key "source" here; did you mean "sources".'),
        ("[technician]\nnam = 'x'", 'f.toml:2: technician.nam: There is no key "nam" here; did you mean "name".'),
        ("[technician]\nzone = 'Mars/Base'", "f.toml:2: technician.zone: "),
        ("[technician]\nname = 3", "A text in quotes is wanted here, not a number."),
        ("[clients.acme]\ncontract = 'manage'", 'did you mean "managed"'),
        ("[clients.acme]\nhours = 'Mon-Fri 8 to 6'", "f.toml:2: clients.acme.hours: "),
        ("[clients.Acme]\nname = 'x'", 'f.toml:1: clients.Acme: Call it "acme"'),
        ("[clients.acme]\nsla.critical = { respnd = '1m' }", 'f.toml:2: clients.acme.sla.critical.respnd: There is no'),
        ("[clients.acme]\nsla.criticl.respond = '1m'", 'did you mean "critical"'),
        ("[clients.acme]\nsla.critical.respond = '1x'", "A duration in quotes is wanted"),
        ("[clients.acme]\nsla.critical.respond = 15", "A duration in quotes is wanted"),
        ("[sources.x]\nkind = 'zabix'", 'f.toml:2: sources.x.kind: There is no kind of source "zabix"; did you mean'),
        ("[sources.x]\nkind = 'prtg'", "possible are demo, local, ssh, zabbix"),
        ("[sources.x]\nevery = '30s'", "f.toml:1: sources.x: kind is missing here."),
        ("[sources.x]\nkind = 'ssh'\nevery = '1s'", "From 5s to 1d is possible here."),
        ("[sources.'x:y']\nkind = 'ssh'", 'f.toml:1: sources."x:y": A source\'s name has'),
        ("[clients.acme]\n[sources.x]\nkind = 'ssh'\nclient = 'acne'", 'did you mean "acme"'),
        ("[[guards]]\nmatch = '*'\n[[guards]]\nconfirm = 'no'\nmatch = 'x'", "f.toml:4: guards[2].confirm: "),
        ("[[guards]]\nhours = 'outside'", "f.toml:1: guards[1]: match is missing here."),
        ("[[guards]]\nmatch = '*'\nhours = 'out'", "outside"),
        ("[[guards]]\nmatch = '*'\nmax_targets = 0", "A whole number from 1"),
        ("[[guards]]\nmatch = '*'\nmax_targets = true", "A whole number from 1"),
        ("[guards]\nmatch = '*'", "Tables headed [[guards]] are wanted here."),
        ("[views]\nmine = 3", "f.toml:2: views.mine: A text in quotes"),
        ("technician = 'me'", "A table is wanted here, not a text."),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_line_key_and_remedy(text: str, says: str) -> None:
    assert says in only(text)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    found = problems("[technician]\nnam = 'x'\n[sources.a]\nkind = 'shh'\nevery = '0s'\n[sources.b]\n")
    assert [line.split(":")[1] for line in found] == ["2", "4", "5", "6"]


CANARY = "hunter2-91f0-canary"


@pytest.mark.parametrize(
    "line",
    [
        f'password = "{CANARY}"',
        f'token = "{CANARY}"',
        f'api_token = "{CANARY}"',
        f'apikey = "{CANARY}"',
        f'api-key = "{CANARY}"',
        f'key = "{CANARY}"',
        f'snmp.community = "{CANARY}"',
        f'headers = {{ X-API-KEY = "{CANARY}" }}',
        f'headers = {{ X-Custom = "Bearer {CANARY}" }}',
        f'login = {{ user = "me", passphrase = "{CANARY}" }}',
        f'url = "https://me:{CANARY}@host.example/"',
        f'url = "https://host.example/?token={CANARY}"',
        f'pem = "-----BEGIN OPENSSH PRIVATE KEY-----{CANARY}"',
        f'secret = "{CANARY}"',
        f'secret = "env:{CANARY}"',
        "password = 123456",
    ],
)
def test_a_secret_in_clear_is_refused_with_the_remedy_and_not_repeated(line: str) -> None:
    sentence = only(f"[sources.x]\nkind = 'ssh'\n{line}\n")
    assert sentence.startswith("f.toml:3: sources.x")
    assert "keyring" in sentence
    assert CANARY not in sentence


@pytest.mark.parametrize(
    "line",
    [
        'token_url = "https://host.example/oauth/token"',
        'password_file = "/run/credentials/x"',
        'key = "~/.ssh/id_ed25519"',
        'key = "/etc/rounds/key"',
        'user = "monitor"',
        'secret = "command:pass show msp/zabbix"',
        'secret = "keyring"',
    ],
)
def test_what_only_sounds_like_a_secret_is_let_through(line: str) -> None:
    assert parse(f"[sources.x]\nkind = 'ssh'\n{line}\n", "f.toml", KINDS).sources


@pytest.mark.parametrize(
    ("text", "expected"),
    [("30s", 30), ("15m", 900), ("4h", 14400), ("2d", 172800), ("1w", 604800), ("1h30m", 5400), ("0.5s", 0.5)],
)  # fmt: skip
def test_durations_are_read(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "30", "s", "-5s", "5 parsecs", "1e3s", "5s\n", "٣s", "9" * 400 + "s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    assert seconds(text) is None


@given(st.text(max_size=200))
def test_no_text_raises_anything_but_a_configuration_error(text: str) -> None:
    try:
        parse(text, "f.toml", KINDS)
    except ConfigError as error:
        message = str(error)
        assert message


def test_a_theme_is_one_of_ours() -> None:
    assert parse('theme = "colorblind-red-green"', "c.toml").theme == "colorblind-red-green"


def test_a_theme_that_is_not_there_is_told_with_the_nearest_and_all_others() -> None:
    (said,) = problems('\ntheme = "drak"')
    assert said.startswith('f.toml:2: theme: There is no theme "drak"; did you mean "dark"; possible are dark, light, ')
