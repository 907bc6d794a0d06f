"""Certificates from files, compared with what another implementation reads."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from backends.adapters.local.certificate import parse_certificate, read_certificate

KEY = ec.generate_private_key(ec.SECP256R1())


def certificate(name: str = "www.example", until: datetime = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)] if name else [])
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ca")]))
        .public_key(KEY.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(until)
        .sign(KEY, hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.DER)


def pem(der: bytes) -> bytes:
    return x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize("year", [2021, 2049, 2050, 2100])
def test_the_end_is_read_to_the_second_in_both_notations_of_time(year: int) -> None:
    until = datetime(year, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert parse_certificate(certificate(until=until)) == (until, "www.example")


def test_the_first_of_a_chain_counts() -> None:
    chain = b"some words\n" + pem(certificate("leaf")) + pem(certificate("above"))
    assert parse_certificate(chain)[1] == "leaf"


def test_a_certificate_may_have_no_name() -> None:
    assert parse_certificate(certificate(""))[1] == ""


@pytest.mark.parametrize(
    "raw",
    [b"", b"hello", b"\x30\x80\x00\x00", pem(certificate())[:200], certificate()[:90]],
    ids=["nothing", "a word", "no length", "a torn text", "torn bytes"],
)
def test_what_is_no_certificate_says_so(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "x.pem"
    path.write_bytes(raw)
    found = read_certificate(str(path))
    assert (found.expires, found.problem) == (None, "no certificate in it")


def test_a_file_that_is_not_there_says_so() -> None:
    assert read_certificate("/nonexistent/x.pem").problem == "No such file or directory"


# Some old root has a serial number that the other implementation does not like.
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_every_root_of_this_system_reads_as_another_implementation_reads_it() -> None:
    store = Path("/etc/ssl/certs/ca-certificates.crt")
    if not store.exists():
        pytest.skip("no store of roots here")
    for root in x509.load_pem_x509_certificates(store.read_bytes()):
        assert parse_certificate(root.public_bytes(serialization.Encoding.DER))[0] == root.not_valid_after_utc


@given(st.binary(max_size=200), st.integers(0, 300), st.integers(0, 255))
def test_damaged_bytes_never_raise_anything_else(noise: bytes, at: int, byte: int) -> None:
    damaged = bytearray(certificate())
    damaged[at % len(damaged)] = byte
    for raw in (noise, bytes(damaged)):
        try:
            assert parse_certificate(raw)
        except ValueError:
            continue
