"""What a crash report says, and what it never says."""

import asyncio
import gc
import threading
from functools import partial

import pytest

from eitui.config.hiding import hide, remember
from eitui.crash import ADVICE, background_told, crash_report, crash_summary, run

KEY = "ei_synthetic_key_0123456789"


def crash(message: str) -> Exception:
    with pytest.raises(LookupError) as caught:
        fail(message)
    return caught.value


def fail(message: str) -> None:
    local = "only-in-a-local"
    raise LookupError(message + local[:0])


def test_a_report_says_what_happened_where_and_what_to_do() -> None:
    report = crash_report(crash("too large"))
    assert "Traceback (most recent call last):" in report
    assert "test_crash.py" in report
    assert "eitui stopped: LookupError: too large\n" in report
    assert report.endswith(f"{ADVICE}\n")


def test_a_report_has_no_local_variables() -> None:
    # The source line that sets the variable is not the line that raised.
    assert "only-in-a-local" not in crash_report(crash("x"))


def test_a_report_has_no_secret_not_even_where_a_line_is_cut() -> None:
    for offset in range(240, 300, 7):
        report = crash_report(crash("y" * offset + KEY))
        assert KEY[:8] not in report


def test_a_report_cannot_drive_the_terminal() -> None:
    report = crash_report(crash("\x1b]52;c;ZXZpbA==\x07\x9b2J\u202e\r\nforged"))
    assert all(char == "\n" or char.isprintable() for char in report)


def test_a_report_of_a_long_message_is_short() -> None:
    report = crash_report(crash("line\n" * 10_000))
    assert len(report.splitlines()) < 100
    assert "lines left out" in report
    assert "Traceback" in report
    assert "eitui stopped: LookupError" in report


class RudeError(Exception):
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("error", "result"),
    [(OSError(), "OSError"), (ValueError("x"), "ValueError: x"), (RudeError(), "RudeError: (its message")],
)
def test_a_summary_is_never_empty(error: Exception, result: str) -> None:
    assert crash_summary(error).startswith(result)
    assert result in crash_report(error)


def test_hiding_takes_out_every_key_that_was_met_the_longest_first() -> None:
    for key in ("synthetic-abc", "synthetic-abc-longer"):
        remember(partial(str, key))
    assert hide("x synthetic-abc-longer synthetic-abc y") == "x [API key] [API key] y"


@pytest.mark.parametrize("text", ["ei_0123456789abcdef0123", f"--project={KEY}", "ei_" + "a" * 40 + "7"])
def test_what_looks_like_a_key_is_hidden_though_nobody_said_that_it_is_one(text: str) -> None:
    assert "ei_" not in hide(f"No such command {text!r}.")


def test_a_key_that_begins_with_a_known_one_is_hidden_whole() -> None:
    remember(lambda: "ei_0123456789")
    assert hide("x ei_0123456789abcdef0123456789 y") == "x [API key] y"


@pytest.mark.parametrize("text", ["ei_recordings", "their_own_file", "ei_2024", "ei_a_name_that_has_no_digits"])
def test_a_name_that_only_begins_like_a_key_is_shown(text: str) -> None:
    assert hide(text) == text


def test_what_fails_in_a_thread_is_one_safe_line() -> None:
    told: list[str] = []
    with background_told(told.append):
        thread = threading.Thread(target=fail, args=(f"\x1b[2J\n{KEY}",))
        thread.start()
        thread.join()
    assert told == ["eitui: in the background: LookupError: ␛[2J␊[API key]"]


def test_what_fails_in_a_task_that_nobody_waits_for_is_one_safe_line(capsys: pytest.CaptureFixture[str]) -> None:
    async def work() -> int:
        task = asyncio.ensure_future(asyncio.to_thread(fail, f"\x1b[2J {KEY}"))
        await asyncio.wait([task])
        del task
        gc.collect()
        return 7

    assert run(work()) == 7
    assert capsys.readouterr().err == "eitui: in the background: LookupError: ␛[2J [API key]\n"
