"""The real command in a pseudo-terminal, on the look-alike service: pressed, looked at, broken."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from faults import Fault
from look_alike import Clock, LookAlike
from pty_harness import Terminal

from eitui.demo.hostile import PAYLOADS
from eitui.demo.options import Options

EITUI = str(Path(sys.executable).with_name("eitui"))


OWN_TITLE = re.compile(r"[ ▌]4 Alerts +(\d+ )?─")
"""A title line of the alerts: all panes are on the screen."""

HELP = "Keys: Trials"
"""The title of the help on the monitor."""


def demo(*arguments: str, columns: int = 120, rows: int = 40) -> Terminal:
    return Terminal([EITUI, "demo", *arguments], columns=columns, rows=rows)


def accuracies(terminal: Terminal) -> list[float]:
    return [float(found) for found in re.findall(r"✓ completed +(\d+\.\d)%", terminal.text)]


def watching(
    server: LookAlike, columns: int = 120, rows: int = 40, arguments: Sequence[str] = (), **environ: str
) -> Terminal:
    command = [EITUI, "watch", "--interval", "1", *arguments]
    return Terminal(command, columns=columns, rows=rows, environ=server.environment() | environ)


def test_the_demo_shows_trials_and_q_ends_it_and_its_service() -> None:
    with demo(columns=200, rows=60) as terminal:
        terminal.wait_for(re.compile(r"✓ completed +\d+\.\d%"))
        terminal.wait_for("LIVE")
        assert all(len(line) == 200 for line in terminal.screen)
        for heading in ("Val acc", "Latency", "RAM", "ROM", "Epoch"):
            assert heading in terminal.text
        services = psutil.Process(terminal.pid).children(recursive=True)
        assert services
        terminal.send("q")
        assert terminal.wait_exit() == 0
        assert not terminal.alternate
        assert terminal.text.strip() == ""  # its recording is gone
        assert psutil.wait_procs(services, timeout=10)[1] == []


OTHER_SIZE = {"COLUMNS": "40", "LINES": "10"}

TEXTUALS = {"TEXTUAL": "debug", "TEXTUAL_THEME": "no-such", "TEXTUAL_COLOR_SYSTEM": "x", "TEXTUAL_DRIVER": "no.such:x"}
"""Variables that Textual's own tools set for every app, none with a value that eitui could use."""


def has_rows(rows: int, terminal: Terminal) -> bool:
    return len(terminal.text.splitlines()) == rows


def test_a_size_that_comes_from_the_keyboard_counts_for_nothing() -> None:
    with Terminal([EITUI, "demo"], columns=100, rows=30) as terminal:
        terminal.wait_for("completed")
        for typed, rows in ((b"\x1b[48;9999;99999;1;1t", 40), (b"\x1b[48;0;0;0;0t", 30), (b"\x1b[?2048;2$y", 40)):
            terminal.send(typed)
            terminal.send("?")
            terminal.wait_for(HELP)
            terminal.resize(120, rows)
            terminal.wait_for(partial(has_rows, rows))
            terminal.send("\x1b")
            terminal.wait_for(lambda terminal: HELP not in terminal.text)


@pytest.mark.parametrize("command", ["demo", "watch", "replay"])
def test_only_the_terminals_size_and_own_settings_count(command: str, tmp_path: Path) -> None:
    with LookAlike(Options(seed=1)) as server:
        environ = OTHER_SIZE | TEXTUALS | server.environment() | {"EITUI_RECORDINGS": str(tmp_path)}
        if command == "replay":
            recorded = [EITUI, "record", "--interval", "1", "--timeout", "2s"]
            subprocess.run(recorded, env=os.environ | environ, capture_output=True, timeout=60, check=False)
        with Terminal([EITUI, command], columns=100, rows=30, environ=environ) as terminal:
            terminal.wait_for("completed")
            terminal.wait_for(lambda terminal: len(terminal.text.splitlines()) == 30)
            terminal.send(b"\xe9j")
            terminal.send("?")
            terminal.wait_for(HELP)
            terminal.send("\x1b")
            terminal.wait_for(lambda terminal: HELP not in terminal.text)
            terminal.send("q")
            assert terminal.wait_exit() == 0
            assert not list(terminal.home.glob("keys.log"))


def test_every_pane_on_a_small_screen() -> None:
    with demo(columns=80, rows=24) as terminal:
        terminal.wait_for("completed")
        terminal.send("2")
        terminal.wait_for(re.compile(r" 1 Trials +▌2 Curves +3 Workers +4 Alerts +\w+-\w+-\w+"))
        terminal.send("3")
        terminal.wait_for(re.compile(r" 1 Trials +2 Curves +▌3 Workers +4 Alerts +\d+ busy"))
        terminal.wait_for(re.compile(r"worker-\w+ +busy"))
        terminal.send("4")
        terminal.wait_for(re.compile(r" 1 Trials +2 Curves +3 Workers +▌4 Alerts"))
        terminal.wait_for(re.compile(r"★ new best +\S+: val acc"))
        terminal.send("1")
        terminal.wait_for(re.compile(r"▌1 Trials +2 Curves +3 Workers +4 Alerts"))
        terminal.wait_for("Val acc")


def test_keys_move_the_cursor_zoom_sort_and_open_help_and_the_palette() -> None:
    with demo("--scenario", "finished") as terminal:
        terminal.wait_for(OWN_TITLE)
        terminal.send("2z")
        terminal.wait_for(re.compile(r"▌2 Curves +3 Workers"))
        terminal.wait_for(lambda t: "Val acc" not in t.text and not OWN_TITLE.search(t.text))
        terminal.send("\x1b")
        terminal.wait_for(lambda t: "Val acc" in t.text and OWN_TITLE.search(t.text) is not None)
        terminal.wait_for(re.compile(r"^▌1 Trials +─", re.MULTILINE))

        terminal.send("g")
        terminal.wait_for(re.compile(r"row 1/\d+"))
        terminal.send("jj")
        terminal.wait_for(re.compile(r"row 3/\d+"))
        head = next(row for row, line in enumerate(terminal.screen) if "Val acc" in line)
        third = re.search(r"\w+-\w+-\w+", terminal.screen[head + 3]).group()
        terminal.wait_for(re.compile(rf"2 Curves +{re.escape(third)}"))
        terminal.send("k")
        terminal.wait_for(re.compile(r"row 2/\d+"))

        terminal.send("s")
        terminal.wait_for("Sort by")
        terminal.send("j" * 4 + "\r")
        terminal.wait_for("▼ Val acc")
        # The heading may be drawn before the rows are.
        terminal.wait_for(lambda t: len(accuracies(t)) > 5 and accuracies(t) == sorted(accuracies(t), reverse=True))
        terminal.send("S")
        terminal.wait_for("▲ Val acc")
        terminal.wait_for(lambda t: len(accuracies(t)) > 5 and accuracies(t) == sorted(accuracies(t)))

        terminal.send("?")
        terminal.wait_for("Go to the trial table")
        terminal.send("\x1b")
        terminal.wait_for(lambda t: "Go to the trial table" not in t.text)

        terminal.send("\x10")
        terminal.wait_for("type to search")
        terminal.send("pause")
        terminal.wait_for(lambda t: "Pause" in t.text and "Go to the alerts" not in t.text)
        terminal.send("\r")
        terminal.wait_for("paused")


class Held:
    """Holds when two polls in a row have left the table as it was: a frame drawn in pieces is then whole."""

    def __init__(self, server: LookAlike) -> None:
        self.server, self.since = server, 0
        self.table: list[str] = []

    def __call__(self, terminal: Terminal) -> bool:
        table = terminal.screen[6:20]
        if table != self.table:
            self.table, self.since = table, polls(self.server)
        return polls(self.server) >= self.since + 2


def polls(server: LookAlike) -> int:
    return sum(path.endswith("/optimize/state") for _, path in list(server.requests))


def test_the_screen_holds_still_while_paused() -> None:
    clock = Clock()
    with LookAlike(clock=clock) as server, watching(server) as terminal:
        terminal.wait_for("completed")
        terminal.send("P")
        terminal.wait_for("paused")
        held = Held(server)
        terminal.wait_for(held)
        clock.ahead += 120
        before, asked = held.table, polls(server)
        terminal.wait_for(lambda _: polls(server) >= asked + 3)
        assert terminal.screen[6:20] == before
        terminal.send("P")
        terminal.wait_for(lambda t: "paused" not in t.text and t.screen[6:20] != before)


def test_an_outage_is_explained_and_the_data_stay() -> None:
    server = LookAlike().start()
    port = server.port
    with watching(server) as terminal:
        terminal.wait_for("✓ completed")
        server.stop()
        terminal.wait_for("LATE")
        terminal.wait_for("connection lost")
        assert "✓ completed" in terminal.text
        assert re.search(r"Data shown is from (\d+ \w+ (\d{4} )?)?\d\d:\d\d", terminal.text)
        with LookAlike(port=port, key=server.key):
            terminal.send("r")
            terminal.wait_for("connection back")
            terminal.wait_for("LIVE")


def test_a_refused_key_stops_and_says_what_to_do() -> None:
    with LookAlike() as server:
        with watching(server, EI_API_KEY="ei_wrong_0000") as terminal:
            terminal.wait_for("STOPPED")
            terminal.wait_for("Set EI_API_KEY")
            asked = len(server.requests)
            terminal.send("r")
            terminal.wait_for(lambda _: len(server.requests) > asked)
            terminal.wait_for("STOPPED")
            terminal.send("q")
            assert terminal.wait_exit() == 0
            assert b"ei_wrong_0000" not in terminal.raw
        # What the first attempt asked, and the same once more for the key: nothing between and nothing after.
        assert len(server.requests) <= 2 * asked


def test_answers_of_no_use_never_end_it() -> None:
    with LookAlike() as server, watching(server) as terminal:
        terminal.wait_for(re.compile("elapsed .*left"))
        for fault in (Fault.refuse(500), Fault.html(), Fault.raw(b"[]"), Fault(cut_after=100)):
            server.faults.add(fault, times=50)
            terminal.wait_for("LATE")
            server.faults.clear()
            terminal.send("r")
            terminal.wait_for("LIVE")


def test_a_resize_changes_the_layout_there_and_back() -> None:
    with demo() as terminal:
        terminal.wait_for(OWN_TITLE)
        terminal.resize(80, 24)
        terminal.wait_for(re.compile(r"▌1 Trials +2 Curves +3 Workers +4 Alerts"))
        terminal.resize(30, 8)
        terminal.wait_for(lambda t: len(t.screen) == 8 and "Trials" in t.text)
        terminal.resize(200, 60)
        terminal.wait_for(lambda t: OWN_TITLE.search(t.text) is not None and "2 Curves  3 Workers" not in t.text)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_it_cleanly(number: Any, code: int) -> None:
    with demo() as terminal:
        terminal.wait_for("completed")
        services = psutil.Process(terminal.pid).children(recursive=True)
        terminal.signal(number)
        assert terminal.wait_exit() == code
        assert not terminal.alternate
        assert psutil.wait_procs(services, timeout=10)[1] == []


def test_the_end_of_a_run_notifies_unless_switched_off() -> None:
    for options, expected in (((), True), (("--no-notify",), False)):
        clock = Clock()
        with LookAlike(clock=clock) as server, watching(server, arguments=options) as terminal:
            terminal.wait_for("LIVE")
            clock.end_run()
            terminal.wait_for(re.compile(r"✓ finished +\d+ completed"))
            terminal.send("q")
            assert terminal.wait_exit() == 0
            assert (b"\x1b]9;eitui: finished: " in terminal.raw) is expected
            assert re.search(r"^Recorded \d+ polls? of run (\d+) · eitui replay \1$", terminal.text, re.MULTILINE)


def test_where_nothing_was_recorded_nothing_is_said_of_it() -> None:
    with LookAlike() as server, watching(server, arguments=("--no-record",)) as terminal:
        terminal.wait_for("LIVE")
        terminal.send("q")
        assert terminal.wait_exit() == 0
        assert terminal.text.strip() == ""


def test_a_project_without_a_run_says_what_to_do() -> None:
    with demo("--scenario", "empty") as terminal:
        terminal.wait_for("This project has no")
        terminal.wait_for("Start one in the Studio")


CONTROL = [payload for payload in PAYLOADS if any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in payload)]
BIDI_AND_INVISIBLE = "\u202e\u202c\u2066\u200b\u200d\u2060\ufeff\u2028\u2029\ue000"


def test_hostile_words_never_reach_the_terminal() -> None:
    with demo("--scenario", "hostile", "--speed", "300", columns=160, rows=50) as terminal:
        terminal.wait_for("␛")
        for key, title in (("2", "▌2 Curves"), ("3", "▌3 Workers"), ("4", "▌4 Alerts"), ("1", "▌1 Trials")):
            terminal.send(key)
            terminal.wait_for(title)
        terminal.send("bnGg\r")
        for key, title in zip("123456", ("Curves", "Metrics", "Device", "Impulse", "Progress", "Log"), strict=True):
            terminal.send(key)
            terminal.wait_for(f"▌{key} {title}")
        terminal.send("\x1b")
        terminal.wait_for("1 Trials")
        terminal.send("F")
        terminal.wait_for("▌F By cause")
        terminal.wait_for("esc Back")
        terminal.send("\x1b")
        terminal.wait_for(lambda t: "1 Trials" in t.text and "esc Back" not in t.text)
        terminal.send("1s")
        terminal.wait_for("Sort by")
        terminal.send("jj\r")
        terminal.wait_for("▲")
        terminal.send("q")
        assert terminal.wait_exit() == 0
        sent, title = terminal.raw.decode(), terminal.title
    assert "pwned" in sent, "the hostile names were shown, as text"
    assert [payload for payload in CONTROL if payload.strip("\r\n\t") and payload in sent] == []
    assert [char for char in sent if 0x7F <= ord(char) < 0xA0 or char in BIDI_AND_INVISIBLE] == []
    # Textual itself sets the pointer's shape (OSC 22), and eitui the title (2), progress and notifications (9): nothing
    # else is sent.
    assert set(re.findall(r"\x1b\](\d+)", sent)) <= {"2", "9", "22"}
    assert re.findall(r"\x1b[P_^X]", sent) == []
    assert re.match(r"\d+/\d+ ✓\d+ ✗\d+ · ", title)


def test_the_commands_refuse_what_is_no_terminal() -> None:
    done = subprocess.run([EITUI, "demo"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert "eitui status" in done.stderr
    assert done.stdout == ""


def status(server: LookAlike, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"} | server.environment() | environ
    return subprocess.run([EITUI, *arguments], env=environment, capture_output=True, text=True, timeout=30, check=False)


def test_status_as_json_has_what_scripts_need() -> None:
    with LookAlike("finished") as server:
        done = status(server, "status", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    assert result["project_id"] == int(server.environment()["EI_PROJECT_ID"])
    assert result["run"]["finished"] is True
    assert result["trials"]["total"] == sum(
        result["trials"][word] for word in ("pending", "running", "completed", "failed")
    )
    assert 0.5 < result["best"]["val_accuracy"] <= 1
    assert set(result["workers"]) == {"pending", "ready", "busy"}


def test_the_monitor_says_that_the_key_can_be_read_on_the_way() -> None:
    with LookAlike() as server:
        away = {"EI_API_ENDPOINT": "http://studio.example.test", "HTTP_PROXY": "http://127.0.0.1:1"}
        with watching(server, columns=80, rows=24, **away) as terminal:
            terminal.wait_for("! http: API key is sent unencrypted")
            terminal.wait_for("connection refused")
            assert "! http: API key is sent unencrypted" in terminal.text
            terminal.send("q")
            assert terminal.wait_exit() == 0
        with watching(server) as terminal:
            terminal.wait_for("LIVE")
            assert "unencrypted" not in terminal.text


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (50.0, ""),
        (86_430.0, "this clock is 1d 00h behind the service."),
        (-947e6, "this clock is 30 y ahead of the service."),
    ],
)
def test_a_wrong_clock_is_named_by_doctor_and_falsifies_no_age(ahead: float, words: str) -> None:
    with LookAlike(clock=lambda: time.time() + ahead) as server:
        result, named = status(server, "status").stdout, status(server, "doctor").stdout
    assert words in named
    assert ("! clock" in named) == bool(words)
    assert re.search(r"^Time +elapsed 1m, .*\d min left", result, re.MULTILINE)


def test_status_never_loads_the_screen() -> None:
    code = (
        "import sys, eitui.cli.status, eitui.cli.main, eitui.cli.connect, eitui.api.client, eitui.feed.live;"
        "print({'textual', 'rich', 'plotext'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=30)
    assert (done.stdout, done.stderr) == ("set()\n", "")


def test_the_first_frame_waits_for_no_room_that_it_does_not_show() -> None:
    code = (
        "import sys, eitui.cli.demo, eitui.cli.monitor, eitui.tui.app, eitui.tui.safe_app;"
        "rooms = ('eitui.thresholds', 'eitui.analysis.whatif', 'eitui.domain.impulse', 'eitui.api.client',"
        " 'httpx', 'msgspec', 'sqlite3');"
        "print([name for name in sys.modules if name.startswith(rooms)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=30)
    assert (done.stdout, done.stderr) == ("[]\n", "")


ALERT = re.compile(r"(✗ failed|★ new best) +\S+: ")


def first_picture(terminal: Terminal) -> str:
    """Wait until the run is on the screen, with the alerts, which are drawn last; return the screen."""
    terminal.wait_for(ALERT)
    return terminal.text


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40)])
def test_the_first_picture_of_the_demo_is_not_empty(columns: int, rows: int) -> None:
    with demo(columns=columns, rows=rows) as terminal:
        head = first_picture(terminal)
        counts = {word: int(count) for count, word in re.findall(r"(\d+) (completed|running|failed)", head)}
        assert counts["completed"] >= 2
        assert counts["running"] >= 2
        assert counts["failed"] >= 1
        assert "time left unknown" not in head
        if columns < 100:
            terminal.send("2")
        terminal.wait_for("train 0.")
        named = re.search(r"2 Curves(?:  3 Workers  4 Alerts)? +(\S+) ─", terminal.text)[1]
        assert "No curve" not in terminal.text
        assert "was not watched" not in terminal.text
        if columns >= 100:
            row = next(line for line in terminal.text.splitlines() if named in line and "/50" in line)
            assert "● running" in row
            epoch = int(re.search(r"(\d+)/50", row)[1])
            assert 10 <= epoch <= 40
            grown = [f" {epoch + more}/50" for more in (2, 3, 4)]
            terminal.wait_for(lambda terminal: any(epochs in terminal.text for epochs in grown))


def test_a_killed_demo_leaves_nothing_for_long(tmp_path: Path) -> None:
    def places() -> set[str]:
        return {path.name for path in tmp_path.iterdir() if path.name.startswith("eitui-demo-")}

    def opened() -> Terminal:
        return Terminal([EITUI, "demo"], columns=80, rows=24, environ={"TMPDIR": str(tmp_path)})

    with opened() as killed:
        first_picture(killed)
        left = places()
        assert len(left) == 1
        killed.signal(signal.SIGKILL)
        killed.wait_exit()
        assert places() == left
    with opened() as one, opened() as other:
        first_picture(one)
        first_picture(other)
        assert len(places()) == 2
        assert not places() & left
        for terminal in (one, other):
            terminal.send("q")
            assert terminal.wait_exit() == 0
    assert places() == set()


@pytest.mark.parametrize("environ", [{"LANG": "C"}, {"TERM": "linux", "COLORTERM": None}], ids=["locale", "console"])
def test_a_terminal_without_other_signs_is_sent_ascii(environ: dict[str, str | None]) -> None:
    with Terminal([EITUI, "demo", "--scenario", "finished"], columns=120, rows=40, environ=environ) as terminal:
        terminal.wait_for("v completed")
        terminal.send("?")
        terminal.wait_for(HELP)
        terminal.wait_for("Moving")
        terminal.wait_for("esc back")
        terminal.send("\x1b")
        terminal.wait_for(lambda terminal: HELP not in terminal.text)
        terminal.send("q")
        assert terminal.wait_exit() == 0
        assert terminal.raw.isascii()
