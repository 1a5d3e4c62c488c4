"""The server of `eitui serve` over real HTTP: who is answered, with what, and what becomes of a monitor."""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest

from eitui.web import server as web
from eitui.web.child import MOST_UNREAD, Child, Told, environment
from eitui.web.guard import Guard
from eitui.web.server import Server, page_files

TOKEN = "a-token_of-the-test"
PATIENCE = 30.0

ASKS = "import sys; print('ready', flush=True); sys.stdout.write(sys.stdin.readline().upper())"
"""Answers one line."""


class Serving:
    """A server whose monitors are a line of Python, and a client."""

    def __init__(self, session: aiohttp.ClientSession, port: int, children: list[Child]) -> None:
        self.session, self.port, self.children = session, port, children

    def address(self, rest: str = "", token: str = TOKEN) -> str:
        return f"http://127.0.0.1:{self.port}/{token}/{rest}"

    async def status(self, rest: str = "", token: str = TOKEN, method: str = "GET", **headers: str) -> int:
        async with self.session.request(method, self.address(rest, token), headers=headers) as answer:
            await answer.read()
            return answer.status

    def socket(self, **headers: str) -> "aiohttp.client._WSRequestContextManager":
        own = {"Origin": f"http://127.0.0.1:{self.port}"}
        return self.session.ws_connect(self.address("socket?width=70&height=20"), headers=own | headers)


@pytest.fixture
async def serving(tmp_path: Path) -> AsyncIterator[Serving]:
    children: list[Child] = []
    program = tmp_path / "program.py"
    program.write_text(ASKS)

    async def start(columns: int, lines: int) -> Child:
        environ = os.environ | {"HOME": str(tmp_path)}
        child = await Child.start(Told(()), environ, columns, lines, program=(str(program),))
        children.append(child)
        return child

    server = Server(Guard(TOKEN), start, page_files())
    port = await server.listen("127.0.0.1", 0)
    async with aiohttp.ClientSession() as session:
        yield Serving(session, port, children)
        await server.close()


async def read_until(socket: aiohttp.ClientWebSocketResponse[Any], wanted: bytes) -> bytes:
    data = b""
    async with asyncio.timeout(PATIENCE):
        while wanted not in data:
            message = await socket.receive()
            assert message.type is aiohttp.WSMsgType.BINARY, message
            data += message.data
    return data


async def closed(socket: aiohttp.ClientWebSocketResponse[Any]) -> int:
    async with asyncio.timeout(PATIENCE):
        async for _ in socket:
            pass
    assert socket.close_code is not None
    return socket.close_code


async def test_every_file_of_the_page_needs_the_token(serving: Serving) -> None:
    for rest in page_files():
        assert await serving.status(rest) == 200
        for token in ("", "x", TOKEN[:-1], f"{TOKEN}x", TOKEN.upper()):
            assert await serving.status(rest, token) == 403
    assert await serving.status("socket", "x", Origin=f"http://127.0.0.1:{serving.port}") == 403


async def test_no_other_file_is_served(serving: Serving) -> None:
    for rest in ("static/", "static/js/", "..%2fpage.js", "page.html", "static/images/background.png", "ws"):
        assert await serving.status(rest) == 404
    assert await serving.status(method="POST") == 405


async def test_a_stranger_s_name_or_page_is_refused_even_with_the_token(serving: Serving) -> None:
    own = f"http://127.0.0.1:{serving.port}"
    for headers in ({"Host": "evil.example.test"}, {"Origin": "http://evil.example.test"}, {"Origin": "null"}):
        assert await serving.status(**headers) == 403
        assert await serving.status("page.js", **headers) == 403
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await serving.socket(**headers)
        assert refused.value.status == 403
    assert await serving.status(Origin=own) == 200
    assert await serving.status("socket") == 403, "a websocket without an Origin"
    assert serving.children == []


async def test_the_page_fetches_nothing_from_elsewhere_and_lies_in_no_other_page(serving: Serving) -> None:
    async with serving.session.get(serving.address()) as answer:
        text, policy = await answer.text(), answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
    assert TOKEN not in text
    directives = dict(one.split(" ", 1) for one in policy.split("; "))
    socket = f"127.0.0.1:{serving.port}"
    assert directives["default-src"] == directives["frame-ancestors"] == "'none'"
    assert directives["script-src"] == directives["font-src"] == "'self'"
    assert directives["connect-src"] == f"ws://{socket} wss://{socket}"
    for name in ("", "page.css", "page.js", "static/css/xterm.css"):
        found = page_files()[name].read_text()
        assert not re.findall(r"(?:src|href|url|import)\W{1,3}(?:https?:)?//", found)
        fetched = re.findall(r'(?:src=|href=|\.src = |url\()"([^"]+)"', found)
        assert {file for file in fetched if file != "data:,"} <= set(page_files())


async def test_without_its_last_slash_the_address_leads_to_the_page(serving: Serving) -> None:
    async with serving.session.get(serving.address().rstrip("/")) as answer:
        assert (answer.status, str(answer.url)) == (200, serving.address())


async def test_what_is_typed_reaches_the_program_and_what_it_writes_the_browser(serving: Serving) -> None:
    async with serving.socket() as socket:
        await read_until(socket, b"ready")
        await socket.send_json(["stdin", "grüße\r"])
        assert "GRÜSSE" in (await read_until(socket, b"GR\xc3\x9cSSE")).decode()
        assert await closed(socket) == 1000, "the end of the program closes the socket"


async def test_a_browser_that_goes_away_ends_its_program_and_no_other(serving: Serving) -> None:
    async with serving.socket() as first, serving.socket() as second:
        await read_until(first, b"ready")
        await read_until(second, b"ready")
        gone, stays = (psutil.Process(child.pid) for child in serving.children)
        first._response.connection.transport.abort()
        await asyncio.to_thread(gone.wait, PATIENCE)
        assert stays.is_running()
        await second.send_json(["stdin", "a\r"])
        await read_until(second, b"A")


@pytest.mark.parametrize("sent", ["", "{}", "[]", "no", '["stdin", 1]', '["resize", {"width": "a"}]', '["quit"]'])
async def test_what_the_page_never_sends_ends_the_monitor(serving: Serving, sent: str) -> None:
    async with serving.socket() as socket:
        await read_until(socket, b"ready")
        process = psutil.Process(serving.children[0].pid)
        await socket.send_str(sent)
        await closed(socket)
        await asyncio.to_thread(process.wait, PATIENCE)


async def test_the_page_s_other_messages_are_no_harm(serving: Serving) -> None:
    async with serving.socket() as socket:
        await read_until(socket, b"ready")
        for message in (["ping", "1"], ["focus"], ["blur"], ["resize", {"width": 10**9, "height": -1}]):
            await socket.send_json(message)
        await socket.send_json(["stdin", "a\r"])
        await read_until(socket, b"A")


async def test_there_is_an_end_to_how_many_may_watch(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "MOST_MONITORS", 1)
    async with serving.socket() as socket:
        await read_until(socket, b"ready")
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await serving.socket()
        assert refused.value.status == 503


async def run(tmp_path: Path, source: str, *variables: str) -> Child:
    program = tmp_path / "program.py"
    program.write_text(source)
    told = Told(("status",), dict.fromkeys(variables, "a secret"))
    return await Child.start(told, os.environ, 71, 23, program=(str(program),))


async def until_ready(child: Child) -> str:
    seen = ""
    async with asyncio.timeout(PATIENCE):
        while "ready" not in seen:
            data = await child.read()
            assert data, seen
            seen += data.decode()
    return seen


async def all_of(child: Child) -> str:
    data = b""
    async with asyncio.timeout(PATIENCE):
        while more := await child.read():
            data += more
    return data.decode()


async def test_a_program_has_a_terminal_of_its_own_with_the_size_and_a_hang_up(tmp_path: Path) -> None:
    child = await run(
        tmp_path,
        "import fcntl, os, signal, sys, termios\n"
        "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
        "def end(*_):\n    open(sys.argv[0] + '.end', 'w').close(); os._exit(0)\n"
        "signal.signal(signal.SIGHUP, end)\n"
        "print(os.get_terminal_size(0), os.getsid(0) == os.getpid(), flush=True)\n"
        "os.close(os.open('/dev/tty', os.O_RDWR))\nprint('ready', flush=True)\n"
        "while True: signal.pause()",
    )
    seen = await until_ready(child)
    assert "columns=71, lines=23" in seen
    assert "True" in seen
    child.resize(10**9, 0)
    await child.close(PATIENCE)
    assert (tmp_path / "program.py.end").exists()


async def test_a_program_that_does_not_end_is_killed_with_what_it_started(tmp_path: Path) -> None:
    child = await run(
        tmp_path,
        "import signal, subprocess, sys\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "subprocess.Popen(['sleep', '1000'])\nprint('ready', flush=True)\nwhile True: signal.pause()",
    )
    await until_ready(child)
    (below,) = psutil.Process(child.pid).children()
    await child.close(0.0)
    below.wait(PATIENCE)
    assert not psutil.pid_exists(child.pid)


async def test_typing_into_a_program_that_reads_nothing_takes_no_more_than_some_memory(tmp_path: Path) -> None:
    child = await run(tmp_path, "import signal\nprint('ready', flush=True)\nwhile True: signal.pause()")
    await until_ready(child)
    for _ in range(8):
        child.write(b"x" * MOST_UNREAD)
    assert child.waiting <= 2 * MOST_UNREAD
    await child.close(0.0)


async def test_no_word_and_no_variable_stands_where_other_users_can_read_it(tmp_path: Path) -> None:
    child = await Child.start(Told(("no-such-command",), {"EI_API_KEY": "ei_a-secret-key"}), os.environ, 80, 24)
    process = psutil.Process(child.pid)
    command, environ = process.cmdline(), process.environ()
    assert "There is no command `eitui no-such-command`" in await all_of(child)
    await child.close()
    assert "no-such-command" not in " ".join(command)
    assert "ei_a-secret-key" not in json.dumps(environ)


def test_a_browser_s_terminal_is_not_the_one_that_the_server_is_in() -> None:
    found = environment({"TMUX": "/x,1,0", "STY": "1", "TERM": "linux", "TERM_PROGRAM": "x", "LANG": "C", "HOME": "/h"})
    assert found == {
        "LANG": "C", "HOME": "/h", "TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8",
    }  # fmt: skip
