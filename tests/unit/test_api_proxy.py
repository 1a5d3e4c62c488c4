"""The client behind proxies, on loopback. Names and passwords are synthetic."""

import asyncio
import ssl
import sys
from asyncio import StreamReader, StreamWriter
from pathlib import Path

import pytest
import trustme
from loopback import KEY, answer, asked, closed, closing_after, server, state

from eitui.api.client import Client
from eitui.api.errors import ApiError, BadSettings
from eitui.config import Secret

HERE = "http://studio.example.test"


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


async def test_a_proxy_is_asked_with_the_user_and_password_it_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    heads: list[str] = []

    async def proxy(number: int, reader: StreamReader, writer: StreamWriter, seen: list[str]) -> None:
        heads.append(await asked(reader, seen))
        writer.write(answer(state(number)))

    async with server(proxy) as (host, _):
        monkeypatch.setenv("HTTP_PROXY", f"http://me:hush@{host}")
        async with Client(HERE, Secret(KEY)) as client:
            assert await client.optimize_state_bytes(1) == state(0)
    assert heads[0].startswith("GET http://studio.example.test/v1/api/1/optimize/state HTTP/1.1")
    assert "proxy-authorization: basic bwu6ahvzaa==" in heads[0].lower()


async def test_behind_a_proxy_too_a_look_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with server(closing_after(1, abruptly=False)) as (host, seen):
        monkeypatch.setenv("all_proxy", host)
        async with Client(HERE, Secret(KEY)) as client:
            for _ in range(4):
                await client.optimize_state_bytes(1)
    assert ["GET", "GET"] in seen


@pytest.mark.parametrize("proxy", ["http://p.test", "https://p.test:1", "socks5://p.test", "socks5h://u:p@[fd00::1]:9"])
@pytest.mark.parametrize("endpoint", [HERE, "https://studio.example.test"])
async def test_every_kind_of_proxy_can_be_used(monkeypatch: pytest.MonkeyPatch, endpoint: str, proxy: str) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    await Client(endpoint, Secret(KEY)).aclose()


async def test_tls_goes_through_a_proxy_to_its_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("studio.example.test").configure_cert(tls)
    heads: list[str] = []

    async with server(closing_after(2, abruptly=False), tls=tls) as (there, seen):

        async def proxy(number: int, reader: StreamReader, writer: StreamWriter, _: list[str]) -> None:
            heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
            to_there = await asyncio.open_connection(*there.split(":"))
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(pumped(reader, to_there[1]), pumped(to_there[0], writer))

        async with server(proxy) as (host, tunnels):
            monkeypatch.setenv("HTTPS_PROXY", host)
            async with Client("https://studio.example.test", Secret(KEY)) as client:
                for _ in range(4):
                    await client.optimize_state_bytes(1)
    assert seen[:2] == [["GET"] * 3, ["GET"]]
    assert len(tunnels) == len(heads) == len(seen)
    assert all(head.startswith("CONNECT studio.example.test:443 HTTP/1.1") for head in heads)
    assert not any(KEY in head for head in heads)


async def pumped(reader: StreamReader, writer: StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    await closed(writer)


async def test_a_socks_proxy_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    targets: list[bytes] = []

    async def proxy(number: int, reader: StreamReader, writer: StreamWriter, seen: list[str]) -> None:
        await reader.readexactly((await reader.readexactly(2))[1])
        writer.write(b"\x05\x00")
        head = await reader.readexactly(5)
        targets.append(await reader.readexactly(head[4] + 2))
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        for _ in range(2):
            await asked(reader, seen)
            writer.write(answer(state(number)))
        await asked(reader, seen)

    async with server(proxy) as (host, seen):
        monkeypatch.setenv("ALL_PROXY", f"socks5h://{host}")
        async with Client(HERE, Secret(KEY)) as client:
            for _ in range(3):
                await client.optimize_state_bytes(1)
    assert targets == [b"studio.example.test\x00\x50"] * 2
    assert seen == [["GET"] * 3, ["GET"]]


async def test_where_socks_is_not_installed_it_is_missed_only_when_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "socksio", None)  # as though it were not there
    monkeypatch.setenv("ALL_PROXY", "socks5://me:hush@proxy.example.test:1080")
    with pytest.raises(BadSettings, match=r"SOCKS \(environment ALL_PROXY\)") as raised:
        Client(HERE, Secret(KEY))
    assert "eitui[socks]" in raised.value.advice
    assert "hush" not in raised.value.what + raised.value.advice
    monkeypatch.setenv("NO_PROXY", "example.test,[::1],fd00::/8")
    await Client(HERE, Secret(KEY)).aclose()


async def test_a_proxy_that_is_not_there_is_not_shown_with_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://me:hush@127.0.0.1:1")
    async with Client(HERE, Secret(KEY)) as client:
        with pytest.raises(ApiError) as raised:
            await client.optimize_state_bytes(1)
    assert "hush" not in raised.value.what + raised.value.advice
