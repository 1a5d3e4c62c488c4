"""Which connection a request goes out on, against servers on loopback that close, break and talk too much.

And over TLS: which certificates the client takes, and what it says of others.
"""

import datetime
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from loopback import KEY, Serve, answer, answering, asked, closing_after, server, state

from eitui.api.client import Client
from eitui.api.errors import ApiError, BadAnswer, BadSettings, Rejected, Unreachable
from eitui.api.requests import SetImpulseThresholdsRequest
from eitui.config import Secret

NOTHING = SetImpulseThresholdsRequest(thresholds=())


@asynccontextmanager
async def service(serve: Serve, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[Client, list[list[str]]]]:
    """A client of a server; the methods seen on each connection."""
    async with (
        server(serve, tls=tls) as (host, seen),
        Client(f"{'https' if tls else 'http'}://{host}", Secret(KEY), timeout_s=20) as client,
    ):
        yield client, seen


@pytest.mark.parametrize("abruptly", [False, True])
@pytest.mark.parametrize("answers", [1, 2])
async def test_a_look_on_a_connection_that_was_just_closed_is_sent_again(answers: int, abruptly: bool) -> None:
    async with service(closing_after(answers, abruptly=abruptly)) as (client, seen):
        for _ in range(12):
            assert await client.optimize_state_bytes(1)
    assert max(map(len, seen)) == answers + 1
    assert sum(map(len, seen)) > 12


async def test_it_is_sent_again_over_tls_too(tls_server: ssl.SSLContext) -> None:
    async with service(closing_after(1, abruptly=False), tls=tls_server) as (client, seen):
        for _ in range(4):
            assert await client.optimize_state_bytes(1)
    assert ["GET", "GET"] in seen


async def test_on_a_new_connection_it_is_not_sent_again() -> None:
    async with service(closing_after(0, abruptly=False)) as (client, seen):
        with pytest.raises(Unreachable, match="closed the connection"):
            await client.optimize_state_bytes(1)
    assert seen == [["GET"]]


async def test_it_is_sent_again_once() -> None:
    async def serve(number: int, reader: StreamReader, writer: StreamWriter, seen: list[str]) -> None:
        await asked(reader, seen)
        if number == 0:
            writer.write(answer(state(0)))
            await asked(reader, seen)

    async with service(serve) as (client, seen):
        await client.optimize_state_bytes(1)
        with pytest.raises(Unreachable, match="closed the connection"):
            await client.optimize_state_bytes(1)
    assert seen == [["GET", "GET"], ["GET"]]


async def test_a_look_that_was_answered_in_part_is_not_sent_again() -> None:
    async def serve(number: int, reader: StreamReader, writer: StreamWriter, seen: list[str]) -> None:
        await asked(reader, seen)
        writer.write(answer(state(0)))
        await asked(reader, seen)
        writer.write(answer(state(1))[:-3])

    async with service(serve) as (client, seen):
        await client.optimize_state_bytes(1)
        with pytest.raises(Unreachable):
            await client.optimize_state_bytes(1)
    assert seen == [["GET", "GET"]]


async def test_a_change_always_has_a_connection_of_its_own() -> None:
    async with service(closing_after(9, abruptly=False)) as (client, seen):
        for _ in range(2):
            await client.optimize_state_bytes(1)
            await client.set_thresholds(1, 2, NOTHING)
    assert seen == [["GET", "GET"], ["POST"], ["POST"]]


async def test_a_change_is_not_sent_again() -> None:
    async with service(closing_after(0, abruptly=True)) as (client, seen):
        with pytest.raises(ApiError) as raised:
            await client.set_thresholds(1, 2, NOTHING)
    assert raised.value.may_have_acted
    assert seen == [["POST"]]


def talking(extra: bytes) -> Serve:
    """Send something after the first answer that nobody asked for, in one piece with it."""

    async def serve(number: int, reader: StreamReader, writer: StreamWriter, seen: list[str]) -> None:
        while True:
            await asked(reader, seen)
            writer.write(answer(state(100 * number + len(seen))) + (extra if number == 0 else b""))

    return serve


@pytest.mark.parametrize(
    "extra",
    [answer(state(-1)), answer(b""), b"HTTP/1.1 204 No Content\r\n\r\n", b"rubbish", b"\r\n", b"\x00" * 200],
    ids=["an answer", "an empty one", "one without a body", "rubbish", "an empty line", "zeros"],
)
async def test_what_was_there_before_the_question_is_not_its_answer(extra: bytes) -> None:
    async with service(talking(extra)) as (client, seen):
        assert await client.optimize_state_bytes(1) == state(1)
        assert await client.optimize_state_bytes(1) == state(101)
        assert await client.optimize_state_bytes(1) == state(201)
        assert await client.optimize_state_bytes(1) == state(202)
    assert len(seen) == 3


async def test_nor_is_it_over_tls(tls_server: ssl.SSLContext) -> None:
    async with service(talking(answer(state(-1))), tls=tls_server) as (client, _):
        assert await client.optimize_state_bytes(1) == state(1)
        assert await client.optimize_state_bytes(1) == state(101)


async def test_nor_is_it_the_answer_to_a_change() -> None:
    async with service(talking(answer(b'{"success": true}'))) as (client, seen):
        await client.optimize_state_bytes(1)
        await client.set_thresholds(1, 2, NOTHING)
    assert seen == [["GET"], ["POST"]]


async def test_an_answer_at_once_on_a_connection_used_before_is_an_answer() -> None:
    async with service(talking(b"")) as (client, seen):
        for number in range(1, 50):
            assert await client.optimize_state_bytes(1) == state(number)
    assert len(seen) == 1


async def test_an_answer_that_cannot_be_read_is_not_asked_for_again() -> None:
    async def serve(number: int, reader: StreamReader, writer: StreamWriter, seen: list[str]) -> None:
        while True:
            await asked(reader, seen)
            writer.write(answer(state(0) if len(seen) == 1 else b"[]"))

    async with service(serve) as (client, seen):
        await client.optimize_state_bytes(1)
        with pytest.raises(BadAnswer):
            await client.optimize_state_bytes(1)
    assert seen == [["GET", "GET"]]


@pytest.fixture
def tls_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """What a server on 127.0.0.1 needs for TLS; its certificate is trusted."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


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
