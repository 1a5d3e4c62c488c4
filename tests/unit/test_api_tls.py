"""The client over TLS, on loopback: which certificates it takes, and what it says of others."""

import datetime
import ssl
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from loopback import KEY, answering, server, state

from eitui.api.client import Client
from eitui.api.errors import BadSettings, Rejected
from eitui.config import Secret

NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """Signs certificates; SSL_CERT_FILE names it."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "SSLKEYLOGFILE"):
        monkeypatch.delenv(name, raising=False)
    signs = trustme.CA()
    signs.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return signs


def serving(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def self_signed(directory: Path) -> ssl.SSLContext:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW - DAY, NOW + DAY).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    (directory / "own.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()) + made.public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "own.pem")
    return context


async def ask(tls: ssl.SSLContext) -> bytes:
    async with server(answering, tls=tls) as (host, _), Client(f"https://{host}", Secret(KEY)) as client:
        return await client.optimize_state_bytes(1)


async def refused(tls: ssl.SSLContext) -> Rejected:
    with pytest.raises(Rejected) as raised:
        await ask(tls)
    assert raised.value.final
    assert not raised.value.may_have_acted
    return raised.value


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
async def test_a_named_certificate_is_trusted_on_loopback_too(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv(name, str(tmp_path / "authority.pem"))
    assert await ask(serving(authority.issue_cert("127.0.0.1"))) == state(0)


async def test_an_expired_certificate_is_a_matter_of_the_clock_or_of_the_operator(authority: trustme.CA) -> None:
    result = await refused(serving(authority.issue_cert("127.0.0.1", not_before=NOW - 9 * DAY, not_after=NOW - DAY)))
    assert "has expired" in result.what
    assert "clock" in result.advice
    assert "renew" in result.advice
    assert "SSL_CERT_FILE" not in result.advice


async def test_one_that_is_not_valid_yet_is_a_matter_of_the_clock(authority: trustme.CA) -> None:
    result = await refused(serving(authority.issue_cert("127.0.0.1", not_before=NOW + DAY, not_after=NOW + 9 * DAY)))
    assert "is not valid yet" in result.what
    assert "clock" in result.advice
    assert "SSL_CERT_FILE" not in result.advice


@pytest.mark.parametrize("name", ["studio.example.test", "127.0.0.2"])
async def test_one_for_another_name_is_a_matter_of_the_endpoint(authority: trustme.CA, name: str) -> None:
    result = await refused(serving(authority.issue_cert(name)))
    assert "is for another name" in result.what
    assert "Check the endpoint" in result.advice
    assert "SSL_CERT_FILE" not in result.advice


async def test_one_that_nobody_trusted_signed_may_be_named(authority: trustme.CA, tmp_path: Path) -> None:
    for tls in (self_signed(tmp_path), serving(trustme.CA().issue_cert("127.0.0.1"))):
        result = await refused(tls)
        assert "is signed by nobody who is trusted here" in result.what
        assert "SSL_CERT_FILE" in result.advice


async def test_a_key_log_that_cannot_be_written_is_not_taken_for_a_certificate(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "nowhere" / "keys"))
    for without in (False, True):
        if without:
            monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(BadSettings, match="where SSLKEYLOGFILE says: no such file or directory") as raised:
            Client("https://127.0.0.1", Secret(KEY))
        assert "SSL_CERT" not in raised.value.what + raised.value.advice


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"])
def test_certificates_that_are_not_there_are_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, authority: trustme.CA, name: str
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv(name, str(tmp_path / "nowhere"))
    with pytest.raises(BadSettings, match=f"where environment {name} says"):
        Client("https://studio.example.test", Secret(KEY))
    monkeypatch.setenv(name, str(tmp_path))
    if name == "SSL_CERT_FILE":
        with pytest.raises(BadSettings, match="no file of certificates"):
            Client("https://studio.example.test", Secret(KEY))
    else:
        Client("https://studio.example.test", Secret(KEY))
    Client("http://studio.example.test", Secret(KEY))


def test_a_file_without_certificates_is_said(authority: trustme.CA, tmp_path: Path) -> None:
    (tmp_path / "authority.pem").write_text("nothing of the kind")
    with pytest.raises(BadSettings, match=r"cannot be read \(environment SSL_CERT_FILE\)"):
        Client("https://127.0.0.1", Secret(KEY))
