"""The log: what is in the file, what never is, and that writing it harms nobody."""

import ast
import logging
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import eitui
from eitui.config.files import NotWritten
from eitui.config.hiding import remember
from eitui.domain.text import clean
from eitui.log import log
from eitui.log_file import FILES, LINE, Formatter, end_log, write_log

KEY = "synthetic-key-of-no-known-form-0123"
remember(lambda: KEY)
EITUI = str(Path(sys.executable).with_name("eitui"))


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    level = log.level
    path = tmp_path / "eitui.log"
    write_log(path)
    yield path
    end_log()
    log.setLevel(level)


def written(path: Path) -> str:
    end_log()
    return path.read_text()


def test_an_entry_has_its_time_in_utc_its_level_and_its_thread(file: Path) -> None:
    log.info("Poll: %d bytes", 5)
    log.debug("Small")
    first, second = written(file).splitlines()
    assert first.endswith(" MainThread: Poll: 5 bytes")
    assert first[10] == "T"
    assert first[26] == "Z"
    assert " INFO " in first
    assert " DEBUG " in second


def test_a_traceback_is_kept_without_the_values_of_variables(file: Path) -> None:
    hidden = "a-value"
    try:
        {}[len(hidden)]
    except KeyError:
        log.exception("Looked up")
    result = written(file)
    assert "Traceback (most recent call last):" in result
    assert "KeyError: 7" in result
    assert "{}[len(hidden)]" in result
    assert "a-value" not in result


@pytest.mark.parametrize("shown", [KEY, KEY.upper(), KEY[3:20], f"ei_{'a1' * 10}"])
def test_no_key_is_in_it_in_whatever_way_it_came(file: Path, shown: str) -> None:
    log.warning("It said %s", shown)
    log.error("Then", exc_info=ValueError(shown))
    result = written(file)
    assert shown not in result
    assert "[API key]" in result


def test_what_came_from_outside_neither_drives_a_terminal_nor_looks_like_an_entry(file: Path) -> None:
    log.info("A name: %s", "\x1b[2J\n2026-01-01T00:00:00.000000Z INFO forged")
    result = written(file)
    assert "\x1b" not in result
    assert [line for line in result.splitlines() if line.startswith("2026-01-01")] == []


def test_it_is_for_its_owner_alone_also_where_it_was_not(tmp_path: Path) -> None:
    path = tmp_path / "old.log"
    path.touch(0o644)
    path.chmod(0o644)
    try:
        write_log(path)
    finally:
        end_log()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_full_files_are_turned_and_only_some_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    most, path = 50_000, tmp_path / "eitui.log"
    monkeypatch.setattr("eitui.log_file.MOST_BYTES", most)
    write_log(path)
    for _ in range((FILES + 2) * most // 1000):
        log.info("x" * 1000)
    end_log()
    found = sorted(one.name for one in tmp_path.iterdir() if one.name.startswith("eitui.log"))
    assert found == ["eitui.log", *(f"eitui.log.{number}" for number in range(1, FILES))]
    assert all(one.stat().st_size <= most for one in tmp_path.iterdir())
    assert {stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()} == {0o600}


def test_beginning_it_twice_writes_an_entry_once(file: Path) -> None:
    write_log(file)
    log.info("Once")
    assert written(file).count("Once") == 1


@pytest.mark.parametrize("name", ["", "missing/eitui.log", "nul\0"])
def test_what_cannot_be_written_is_an_error_in_words(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotWritten, match="cannot be written"):
        write_log(tmp_path / name)


def test_nothing_is_written_without_it_nor_said_on_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    assert not any(not isinstance(handler, logging.NullHandler) for handler in log.handlers)
    logging.getLogger("eitui").error("Nobody hears it")
    assert capfd.readouterr().out == ""


@given(st.text())
def test_whatever_is_logged_is_one_entry_that_can_be_printed(text: str) -> None:
    result = Formatter("%(message)s").format(logging.makeLogRecord({"msg": "%s", "args": (text,)}))
    first, *rest = result.split("\n")
    assert clean(first, LINE) == first
    assert all(line.startswith("    ") and clean(line, LINE + 4) == line for line in rest)


def test_an_exception_whose_message_fails_ends_nothing(file: Path) -> None:
    class Odd(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    log.error("Odd", exc_info=Odd())
    log.handlers[-1].handle(logging.makeLogRecord({"msg": "Odd: %s", "args": (Odd(),)}))
    log.info("Afterwards")
    assert "Afterwards" in written(file)


# From the command line


def run(home: Path, *words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [EITUI, *words], env={"HOME": str(home), "EI_API_KEY": KEY, "EI_HOST": "localhost:1"} | environ, cwd=home,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8", timeout=60,
    )  # fmt: skip


def test_a_flag_wins_over_the_environment_and_the_file(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f'log = "{tmp_path / "by-file.log"}"\n')
    environ = {"EITUI_CONFIG": str(tmp_path / "config.toml")}
    run(tmp_path, "runs", **environ)
    run(tmp_path, "runs", **environ, EITUI_LOG="by-environment.log")
    run(tmp_path, "--log", "by-flag.log", "runs", **environ, EITUI_LOG="")
    assert {path.name for path in tmp_path.glob("*.log")} == {"by-file.log", "by-environment.log", "by-flag.log"}


def test_a_command_that_fails_says_why_in_the_log_and_no_key(tmp_path: Path) -> None:
    done = run(tmp_path, "status", "--log", "eitui.log")
    result = (tmp_path / "eitui.log").read_text()
    assert done.returncode == 3
    assert f"Setting api key: set ({len(KEY)} characters) (environment EI_API_KEY)" in result
    assert "ConnectError" in result
    assert "The command ended with exit code 3" in result
    assert KEY not in result
    assert "eitui.log" not in done.stdout + done.stderr


def test_a_log_that_cannot_be_written_is_a_line_and_no_failure(tmp_path: Path) -> None:
    without = run(tmp_path, "runs")
    done = run(tmp_path, "runs", "--log", "missing/eitui.log")
    assert done.returncode == without.returncode == 0
    assert done.stdout == without.stdout
    (line,) = set(done.stderr.splitlines()) - set(without.stderr.splitlines())
    assert line.startswith("eitui: no log: ")
    assert len(done.stderr.splitlines()) == len(without.stderr.splitlines()) + 1


# No traceback is lost

KEEP_IT = {
    "problem",
    "as_api_error",
    "_reason",
    "_unreadable",
    "_Ended",
    "crashed",
    "_explain",
    "_missed",
    "_failed",
    "_say",
}
"""Functions that a caught exception is handed to, each of which logs what was not expected or raises it again."""


def _keeps(handler: ast.ExceptHandler) -> bool:
    for node in ast.walk(handler):
        if isinstance(node, ast.Raise):
            return True
        if isinstance(node, ast.Call):
            named = node.func
            if isinstance(named, ast.Attribute) and isinstance(named.value, ast.Name) and named.value.id == "log":
                return True
            name = named.attr if isinstance(named, ast.Attribute) else getattr(named, "id", "")
            if name in KEEP_IT:
                return True
    return False


def _is_wide(handler: ast.ExceptHandler) -> bool:
    caught = handler.type
    return caught is None or (isinstance(caught, ast.Name) and caught.id in ("Exception", "BaseException"))


def test_whoever_catches_every_exception_logs_it_or_raises_it_again() -> None:
    lost, found = [], 0
    for path in Path(eitui.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ExceptHandler) and _is_wide(node):
                found += 1
                if not _keeps(node):
                    lost.append(f"{path.name}:{node.lineno}")
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "suppress":
                lost += [f"{path.name}:{node.lineno}" for one in node.args if getattr(one, "id", "") == "Exception"]
    assert found > 20
    # These end in the log too: what fails while an exception's own text is asked for is an entry that says so.
    assert sorted(place.partition(":")[0] for place in lost) == LOST


LOST = ["crash.py", "log_file.py"]
"""Where an exception is asked for its text, and its own code fails."""
