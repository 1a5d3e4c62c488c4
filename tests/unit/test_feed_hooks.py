"""The user's own programs at alerts, run for real."""

import json
import sys
import time
from pathlib import Path

import pytest
from build import completed, run

from eitui.config import SettingsError
from eitui.config.values import hooks
from eitui.domain.moment import EMPTY_MOMENT, Alert, AlertKind, Instant
from eitui.feed.events import PollSucceeded
from eitui.feed.hooks import Hooks, check_programs, event_as_json
from eitui.feed.track import fold

PATIENCE = 20.0
MOMENT = fold(EMPTY_MOMENT, PollSucceeded(Instant(1_768_469_400.0, 1000.0), run(completed("7", 0.9)))).moment
BEST = Alert(AlertKind.NEW_BEST, 1_768_469_400.0, "mfe-conv1d-7: val acc 90.0%", "7")


def program(tmp_path: Path, code: str) -> tuple[str, ...]:
    file = tmp_path / "program.py"
    file.write_text(code)
    return sys.executable, str(file), str(tmp_path / "told")


NOTE = "import os, sys; open(sys.argv[1], 'a').write(sys.stdin.read() + repr(sorted(os.environ)) + chr(10))"


def test_a_program_is_told_the_event_and_has_no_key(tmp_path: Path) -> None:
    environ = {"PATH": "/usr/bin:/bin", "EI_API_KEY": "ei_" + "0123456789abcdef" * 4, "MINE": "1"}
    running = Hooks({"new-best": program(tmp_path, NOTE)}, environ)
    running.tell([BEST, Alert(AlertKind.FAILED, 0.0, "mfe-conv1d-3: learn block", "3")], MOMENT)
    running.close(PATIENCE)
    told, environment = (tmp_path / "told").read_text().splitlines()
    assert json.loads(told) == event_as_json(BEST, MOMENT)
    assert json.loads(told)["trial"]["id"] == "7"
    assert json.loads(told)["at"] == "2026-01-15T09:30:00Z"
    assert "MINE" in environment
    assert "EI_API_KEY" not in environment


def test_any_stands_for_every_event(tmp_path: Path) -> None:
    running = Hooks({"any": program(tmp_path, NOTE)})
    running.tell([BEST, Alert(AlertKind.FINISHED, float("nan"), "all done")], MOMENT)
    running.close(PATIENCE)
    events = [json.loads(line)["event"] for line in (tmp_path / "told").read_text().splitlines()[::2]]
    assert events == ["new-best", "finished"]


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("import time; time.sleep(1000)", "was killed after 0.5 s"),
        ("import sys; sys.exit(3)", "ended with code 3"),
        ("import os; os.kill(os.getpid(), 9)", "was ended by signal 9"),
        ("while True: print('x' * 4096)", "was killed after 0.5 s"),
        ("import subprocess, sys; subprocess.run([sys.executable, '-c', 'input(); 1 / 0'])", ""),
    ],
    ids=["hangs", "fails", "dies", "floods", "its-own-program-fails"],
)
def test_a_program_that_misbehaves_holds_up_nothing(tmp_path: Path, code: str, problem: str) -> None:
    said: list[str] = []
    running = Hooks({"new-best": program(tmp_path, code)}, limit_s=0.5 if problem else 60, tell_problem=said.append)
    began = time.monotonic()
    running.tell([BEST], MOMENT)
    assert time.monotonic() - began < PATIENCE
    running.close(PATIENCE)
    assert not running._thread.is_alive()
    assert said == ([f"{sys.executable} {problem}"] if problem else [])


def test_what_is_not_told_at_the_end_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    running = Hooks({"any": program(tmp_path, "import sys; sys.stdin.read()")}, limit_s=60, tell_problem=said.append)
    running.tell([BEST], MOMENT)
    running.close(0)
    assert said[0] == "a program still runs, and events may be left untold"
    running.close(PATIENCE)


def test_a_program_that_is_not_there_is_said_and_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    said: list[str] = []
    running = Hooks({"new-best": ("/nowhere/at/all",)}, tell_problem=said.append)
    running.tell([BEST], MOMENT)
    running.close(PATIENCE)
    assert said == ["/nowhere/at/all cannot be run: No such file or directory"]
    assert said[0] in caplog.text


def test_a_program_that_is_not_there_is_found_at_the_start() -> None:
    check_programs({"failed": (sys.executable, "-c", "pass"), "any": ("true",)})
    with pytest.raises(SettingsError):
        check_programs({"failed": ("/nowhere/at/all",)})


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"finished": "notify-send 'all done'"}, {"finished": ("notify-send", "all done")}),
        ({"new-best": ["say", "it is"]}, {"new-best": ("say", "it is")}),
        ((("failed", "mail me"), ("any", "x")), {"failed": ("mail", "me"), "any": ("x",)}),
    ],
)
def test_a_table_or_pairs_name_the_programs(given: object, read: object) -> None:
    assert hooks(given, "here") == read


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"finish": "x"}, "Did you mean finished?"),
        ({"lunch": "x"}, "The events are finished, "),
        ({"failed": "'"}, "cannot be split"),
        ({"failed": ""}, "neither a text nor a list"),
        ({"failed": 3}, "neither a text nor a list"),
        ("failed", "not a table"),
    ],
)
def test_what_cannot_be_meant_is_said(given: object, said: str) -> None:
    with pytest.raises(SettingsError) as raised:
        hooks(given, "here")
    assert said in raised.value.sentence
