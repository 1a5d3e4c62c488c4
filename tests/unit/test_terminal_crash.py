"""What a crash report says, and what it never says."""

import pytest
from textual.worker import WorkerFailed

from eitui.tui.crash import ADVICE, crash_report, scrubber, summary

KEY = "ei_synthetic_key_0123456789"


def crash(message: str) -> Exception:
    with pytest.raises(LookupError) as caught:
        fail(message)
    return caught.value


def fail(message: str) -> None:
    local = "only-in-a-local"
    raise LookupError(message + local[:0])


def test_a_report_says_what_happened_where_and_what_to_do() -> None:
    report = crash_report(crash("too large"), scrubber([]))
    assert "Traceback (most recent call last):" in report
    assert "test_terminal_crash.py" in report
    assert "eitui stopped: LookupError: too large\n" in report
    assert report.endswith(f"{ADVICE}\n")


def test_a_report_has_no_local_variables() -> None:
    # The source line that sets the variable is not the line that raised.
    assert "only-in-a-local" not in crash_report(crash("x"), scrubber([]))


def test_a_report_has_no_secret_not_even_where_a_line_is_cut() -> None:
    for offset in range(240, 300, 7):
        report = crash_report(crash("y" * offset + KEY), scrubber([KEY]))
        assert KEY[:8] not in report


def test_a_report_cannot_drive_the_terminal() -> None:
    report = crash_report(crash("\x1b]52;c;ZXZpbA==\x07\x9b2J\u202e\r\nforged"), scrubber([]))
    assert all(char == "\n" or char.isprintable() for char in report)


def test_a_report_names_the_cause_not_the_worker_that_met_it() -> None:
    assert "eitui stopped: LookupError: inner" in crash_report(WorkerFailed(crash("inner")), scrubber([]))


def test_a_report_of_a_long_message_is_short() -> None:
    report = crash_report(crash("line\n" * 10_000), scrubber([]))
    assert len(report.splitlines()) < 100
    assert "lines left out" in report
    assert "Traceback" in report
    assert "eitui stopped: LookupError" in report


class RudeError(Exception):
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("error", "said"),
    [(OSError(), "OSError"), (ValueError("x"), "ValueError: x"), (RudeError(), "RudeError: (its message")],
)
def test_a_summary_is_never_empty(error: Exception, said: str) -> None:
    assert summary(error).startswith(said)
    assert said in crash_report(error, scrubber([]))


def test_scrubbing_takes_out_every_secret_the_longest_first_and_ignores_empty_ones() -> None:
    assert scrubber(["abc", "", "abcdef"])("x abcdef abc y") == "x *** *** y"
