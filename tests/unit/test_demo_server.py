"""The look-alike on a socket, and in a process of its own."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import closing

import pytest
from faults import Fault
from look_alike import LookAlike

from eitui.demo.options import SCENARIOS, Options, command
from eitui.demo.server import KEY_VARIABLE
from eitui.demo.service import PROJECT_ID

KEY = "ei_demo_0123456789abcdef"
STATE = f"/v1/api/{PROJECT_ID}/optimize/state"


@pytest.fixture
def server() -> Iterator[LookAlike]:
    with LookAlike(key=KEY, clock=lambda: 1_760_000_000.0) as server:
        yield server


@pytest.fixture
def client(server: LookAlike) -> Iterator[http.client.HTTPConnection]:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as client:
        yield client


def ask(
    client: http.client.HTTPConnection, path: str = STATE, method: str = "GET", key: str = KEY
) -> tuple[http.client.HTTPResponse, bytes]:
    client.request(method, path, headers={"x-api-key": key})
    response = client.getresponse()
    return response, response.read()


def test_a_connection_serves_many_requests(server: LookAlike, client: http.client.HTTPConnection) -> None:
    bodies = {ask(client)[1] for _ in range(3)}
    assert len(bodies) == 1
    assert list(server.requests) == [("GET", STATE)] * 3
    assert client.sock is not None


def test_statuses_reach_the_client(client: http.client.HTTPConnection) -> None:
    assert ask(client)[0].status == 200
    assert ask(client, key="ei_no")[0].status == 401
    assert ask(client, "/v1/api/nowhere")[0].status == 404
    assert ask(client, method="DELETE")[0].status == 405
    assert ask(client, method="HEAD")[1] == b""


def test_an_oversized_request_is_refused(client: http.client.HTTPConnection) -> None:
    client.request("POST", STATE, headers={"Content-Length": "99999999", "x-api-key": KEY})
    response = client.getresponse()
    response.read()
    assert response.status == 413


def test_a_client_that_leaves_early_disturbs_nobody(server: LookAlike, client: http.client.HTTPConnection) -> None:
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", server.port)) as rude:
            rude.sendall(b"GET " + STATE.encode() + b" HTTP/1.1\r\nx-api-key: " + KEY.encode() + b"\r\n\r\n")
    assert ask(client)[0].status == 200


def test_faults_come_in_order_and_then_all_is_well(server: LookAlike, client: http.client.HTTPConnection) -> None:
    server.faults.add(Fault.refuse(503, retry_after="7"), times=2)
    server.faults.add(Fault.html())
    server.faults.add(Fault.redirect("http://127.0.0.1:1/"))
    server.faults.add(Fault.raw(b'{"success": tr'))
    answers = [ask(client) for _ in range(6)]
    assert [response.status for response, _ in answers] == [503, 503, 200, 302, 200, 200]
    assert answers[0][0].getheader("Retry-After") == "7"
    assert answers[2][0].getheader("Content-Type") == "text/html"
    assert answers[3][0].getheader("Location") == "http://127.0.0.1:1/"
    assert answers[4][1] == b'{"success": tr'
    assert json.loads(answers[5][1])["success"] is True


def test_planned_faults_can_be_dropped(server: LookAlike, client: http.client.HTTPConnection) -> None:
    server.faults.add(Fault.html(500), times=9)
    server.faults.clear()
    assert ask(client)[0].status == 200


def test_an_answer_can_break_off(server: LookAlike, client: http.client.HTTPConnection) -> None:
    server.faults.add(Fault(cut_after=100))
    client.request("GET", STATE, headers={"x-api-key": KEY})
    with pytest.raises(http.client.IncompleteRead), client.getresponse() as response:
        response.read()


def test_an_answer_can_drip(server: LookAlike, client: http.client.HTTPConnection) -> None:
    server.faults.add(Fault(drip=(10_000, 0.0)))
    assert json.loads(ask(client)[1])["success"] is True


def test_stopping_ends_a_drip_a_silence_and_an_idle_connection() -> None:
    with LookAlike(key=KEY) as server:
        server.faults.add(Fault(drip=(1, 3_600.0)))
        server.faults.add(Fault(silent=True))
        clients = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(3)]
        request = b"GET " + STATE.encode() + b" HTTP/1.1\r\nHost: x\r\nx-api-key: " + KEY.encode() + b"\r\n\r\n"
        clients[0].sendall(request)
        assert clients[0].recv(10) == b"HTTP/1.1 2"
        clients[1].sendall(request)
    for client in clients:
        client.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "demo-service"]


def test_a_gzip_bomb_is_small_until_it_is_opened() -> None:
    body = Fault.gzip_bomb(64).body
    assert body is not None
    assert len(body) < 200_000
    assert len(zlib.decompressobj(31).decompress(body)) == 64 * 2**20


def test_stopping_twice_or_before_the_start_is_harmless() -> None:
    server = LookAlike()
    server.stop()
    server.stop()


def test_a_taken_port_is_an_error(server: LookAlike) -> None:
    with pytest.raises(OSError, match="in use"):
        LookAlike(port=server.port)


@pytest.mark.parametrize("key", ["", "secret", "ei_with space", "ei_$(touch x)", "ei_a\nb"])
def test_a_strange_key_is_refused_without_being_repeated(key: str) -> None:
    with pytest.raises(ValueError, match="API key") as caught:
        LookAlike(key=key)
    assert not key or key not in str(caught.value)


def test_the_key_is_not_in_the_servers_description(server: LookAlike) -> None:
    assert KEY not in repr(server) + repr(server.service) + repr(server.faults)


def test_each_server_makes_up_a_key_of_its_own() -> None:
    with LookAlike() as first, LookAlike() as second:
        assert first.key != second.key
        assert re.fullmatch("ei_demo_[0-9a-f]{48}", first.key)


# --- a process of its own -------------------------------------------------------------------------------------------


def spawn(line: list[str], **more: str) -> subprocess.Popen[str]:
    environment = {**os.environ, **more}
    return subprocess.Popen(
        line, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def announced(process: subprocess.Popen[str]) -> dict[str, str]:
    assert process.stdout is not None
    lines = [process.stdout.readline().rstrip("\n") for _ in range(3)]
    return dict(line.removeprefix("export ").split("=", 1) for line in lines)


def test_the_process_says_where_it_is_and_ends_with_its_stdin() -> None:
    with spawn(command(Options(seed=3)), **{KEY_VARIABLE: KEY}) as process:
        found = announced(process)
        assert found["EI_API_KEY"] == KEY
        assert found["EI_PROJECT_ID"] == str(PROJECT_ID)
        port = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/v1", found["EI_API_ENDPOINT"])
        assert port is not None
        with closing(http.client.HTTPConnection("127.0.0.1", int(port[1]), timeout=30)) as client:
            assert json.loads(ask(client)[1])["success"] is True
            rest = process.communicate(timeout=30)
    assert (process.returncode, rest) == (0, ("", ""))
    assert KEY not in " ".join(command(Options()))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_quietly(number: signal.Signals) -> None:
    with spawn(command(Options(), until_eof=False)) as process:
        announced(process)
        process.send_signal(number)
        rest = process.communicate(timeout=30)
    assert (process.returncode, rest) == (0, ("", ""))


def test_a_shell_can_evaluate_what_it_prints() -> None:
    with spawn(command(Options())) as process:
        lines = "".join(f"export {name}={value}\n" for name, value in announced(process).items())
        process.communicate(timeout=30)
    script = lines + 'printf %s "$EI_API_ENDPOINT $EI_PROJECT_ID"'
    shown = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    assert re.fullmatch(rf"http://127\.0\.0\.1:\d+/v1 {PROJECT_ID}", shown.stdout)


def test_it_can_announce_itself_on_a_descriptor_of_its_own() -> None:
    reading, writing = os.pipe()
    line = command(Options(), announce_fd=writing)
    with subprocess.Popen(line, pass_fds=[writing], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        os.close(writing)
        with os.fdopen(reading) as stream:
            assert [text.split("=")[0] for text in stream] == [
                "export EI_API_ENDPOINT",
                "export EI_API_KEY",
                "export EI_PROJECT_ID",
            ]
        assert process.communicate(timeout=30)[0] == b""


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--trials", "0"], "trials must be"),
        (["--speed", "nan"], "speed must be"),
        (["--port", "99999"], "port"),
    ],
)
def test_bad_usage_is_one_line_and_exit_code_two(more: list[str], words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "eitui.demo.server", *more], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert words in done.stderr


def test_a_taken_port_is_one_line_and_exit_code_two(server: LookAlike) -> None:
    done = subprocess.run(
        command(Options(), port=server.port), capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert str(server.port) in done.stderr


def test_a_strange_key_from_the_environment_is_not_repeated() -> None:
    with spawn(command(Options()), **{KEY_VARIABLE: "not a key"}) as process:
        out, error = process.communicate(timeout=30)
    assert (process.returncode, out) == (2, "")
    assert "not a key" not in error


@pytest.mark.parametrize(
    ("field", "value"),
    [("scenario", "none"), ("trials", 0), ("trials", 5_001), ("speed", 0.0), ("speed", float("inf"))],
)
def test_options_that_make_no_sense_are_refused(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        Options(**{field: value})  # type: ignore[arg-type]


def test_every_scenario_is_described() -> None:
    assert set(SCENARIOS) >= {"default", "finished", "empty", "failures", "stall", "hostile", "huge"}
    assert all(SCENARIOS.values())
