"""Bell, notifications, title and progress: what is worth them, and that nothing in them commands the terminal."""

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.domain.moment import EMPTY_MOMENT, Alert, AlertKind, Connection, Instant, Moment, Problem
from eitui.domain.run import Counts, Run
from eitui.domain.text import clean
from eitui.tui.attention import (
    BELL,
    LONG_LOST,
    LONGEST_NOTIFICATION,
    LONGEST_TITLE,
    NO_PROGRESS,
    NOTABLE,
    POP_TITLE,
    PUSH_TITLE,
    Attention,
    Wanted,
    progress_code,
    title_of,
)

XTERM = {"TERM": "xterm-256color"}
TMUX = XTERM | {"TMUX": "/tmp/tmux"}
SCREEN = XTERM | {"STY": "1.pts"}
FINISHED = (Alert(AlertKind.FINISHED, 0.0, "12 completed, 3 failed"),)
NOTIFIED = "\x1b]9;eitui: finished: 12 completed, 3 failed\x07"
GOOD = Connection(last_good=Instant(1000.0, 100.0))

RUNNING = Moment(
    run=Run(status="running", coordinator_job_id=1, counts=Counts(running=2, completed=6, failed=2, pending=34)),
    connection=GOOD,
    project_name="Keyword spotting",
)


def called(alerts: Any, **wanted: bool) -> str:
    return Attention(Wanted(**wanted), XTERM).news(EMPTY_MOMENT, alerts, 0.0).replace("\x1b]9;4;0;\x07", "", 1)


def test_the_end_of_a_run_is_a_bell_and_one_notification() -> None:
    alerts = (*FINISHED, Alert(AlertKind.STALLED, 0.0, "mfe-1"))
    assert called(alerts) == f"{BELL}{NOTIFIED[:-1]}; stalled: mfe-1\x07"


@pytest.mark.parametrize("kind", sorted(set(AlertKind) - NOTABLE))
def test_what_comes_by_the_dozen_calls_nobody(kind: Any) -> None:
    assert called((Alert(kind, 0.0, "mfe-1"),)) == ""


@pytest.mark.parametrize(
    ("wanted", "sent"),
    [({"bell": False}, NOTIFIED), ({"notify": False}, BELL), ({"bell": False, "notify": False}, "")],
)
def test_bell_and_notification_are_switched_off_one_by_one(wanted: dict[str, bool], sent: str) -> None:
    assert called(FINISHED, **wanted) == sent


def test_within_tmux_and_gnu_screen_the_bell_is_theirs_and_the_rest_handed_on() -> None:
    tmux, screen = (Attention(Wanted(title=False, progress=False), environ) for environ in (TMUX, SCREEN))
    assert tmux.news(EMPTY_MOMENT, FINISHED, 0.0) == f"{BELL}\x1bPtmux;\x1b{NOTIFIED}\x1b\\"
    assert screen.news(EMPTY_MOMENT, FINISHED, 0.0) == f"{BELL}\x1bP{NOTIFIED}\x1b\\"


@pytest.mark.parametrize("term", ["linux", "vt100", "vt220", "cons25"])
def test_a_terminal_that_would_show_the_sequences_is_spared_them(term: str) -> None:
    attention = Attention(Wanted(), {"TERM": term})
    assert attention.entering + attention.news(RUNNING, FINISHED, 0.0) + attention.leaving == BELL


@given(st.text())
def test_no_text_ends_the_sequence_or_begins_another(text: str) -> None:
    text = clean(text)  # as all that comes from the service
    sent = called((Alert(AlertKind.FINISHED, 0.0, text),), bell=False)
    inside = sent.removeprefix("\x1b]9;").removesuffix("\x07")
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in inside)
    assert len(inside) <= LONGEST_NOTIFICATION + len("eitui: ")


@given(st.text(st.characters(min_codepoint=0x80)))
def test_gnu_screen_which_hands_on_the_last_byte_of_a_character_is_given_none_that_has_two(name: str) -> None:
    alert = (Alert(AlertKind.FINISHED, 0.0, clean(f"\x1b]52;{name}")),)
    assert Attention(Wanted(), SCREEN).news(replace(RUNNING, project_name=name), alert, 0.0).isascii()


@given(st.text())
def test_no_name_ends_the_title(name: str) -> None:
    title = title_of(replace(RUNNING, project_name=name))
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in title)
    assert len(title) <= LONGEST_TITLE


def lost(seconds: float, **more: Any) -> tuple[Moment, float]:
    return replace(RUNNING, connection=replace(GOOD, problem=Problem("No route", **more))), 100.0 + seconds


def test_a_lost_connection_calls_once_and_only_when_it_stays_lost() -> None:
    attention = Attention(Wanted(title=False, progress=False, bell=False), XTERM)
    alert = (Alert(AlertKind.CONNECTION_LOST, 0.0, "No route"),)
    call = "\x1b]9;eitui: connection lost: No route\x07"
    moment, now = lost(1.0)
    assert attention.news(moment, alert, now) == ""
    assert [attention.news(*args(lost(seconds))) for seconds in (LONG_LOST, LONG_LOST + 1)] == [call, ""]
    assert attention.news(RUNNING, (), now) == ""
    assert attention.news(*args(lost(LONG_LOST))) == call


def args(given: tuple[Moment, float]) -> tuple[Moment, tuple[Alert, ...], float]:
    return given[0], (), given[1]


@pytest.mark.parametrize("why", ["final", "refused"])
def test_a_refusal_calls_at_once(why: str) -> None:
    assert "connection lost" in Attention(Wanted(), XTERM).news(*args(lost(0.0, **{why: True})))


def test_title_and_progress_tell_how_far_the_run_is_and_are_written_when_they_change() -> None:
    attention = Attention(Wanted(), XTERM)
    assert attention.entering == PUSH_TITLE
    written = "\x1b]2;8/44 ✓6 ✗2 · Keyword spotting\x07\x1b]9;4;1;18\x07"
    assert attention.news(RUNNING, (), 0.0) == written
    assert attention.news(RUNNING, (), 1.0) == ""
    assert attention.entering == PUSH_TITLE + written, "after ctrl+z"
    assert attention.leaving == NO_PROGRESS + POP_TITLE


def test_each_is_switched_off_and_then_nothing_has_to_be_given_back() -> None:
    for wanted, leaving in (
        (Wanted(title=False), NO_PROGRESS),
        (Wanted(progress=False), POP_TITLE),
        (Wanted(title=False, progress=False), ""),
    ):
        attention = Attention(wanted, XTERM)
        attention.news(RUNNING, (), 0.0)
        assert attention.leaving == leaving


def test_within_tmux_the_title_is_the_pane_s_and_progress_goes_to_both() -> None:
    sent = Attention(Wanted(), TMUX).news(RUNNING, (), 0.0)
    plain = "\x1b]9;4;1;18\x07"
    assert sent == f"\x1b]2;8/44 ✓6 ✗2 · Keyword spotting\x07{plain}\x1bPtmux;\x1b{plain}\x1b\\"


def test_within_gnu_screen_nothing_is_drawn_into_the_last_line() -> None:
    attention = Attention(Wanted(), SCREEN)
    attention.news(RUNNING, (), 0.0)
    assert re.sub(r"\x1bP[^\\]*\x1b\\", "", attention.entering + attention.leaving) == ""


@pytest.mark.parametrize(
    ("environ", "shown"),
    [
        ({"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.5.14"}, False),
        ({"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.6.6"}, True),
        ({"LC_TERMINAL": "iTerm2", "LC_TERMINAL_VERSION": "3.4"}, False),
        ({}, True),
    ],
)
def test_an_iterm_that_would_notify_for_each_step_is_spared_them(environ: dict[str, str], shown: bool) -> None:
    assert ("]9;4;" in Attention(Wanted(), XTERM | environ).leaving) is shown


def test_progress_says_what_has_failed_or_does_not_move() -> None:
    run = RUNNING.run
    assert progress_code(EMPTY_MOMENT) == "0;"
    assert progress_code(lost(0.0)[0]) == "4;18"
    assert progress_code(replace(RUNNING, run=replace(run, status="completed"))) == "0;"
    assert progress_code(replace(RUNNING, run=replace(run, job_running=False, job_error="broken"))) == "2;100"


def test_counts_that_the_service_does_not_give_are_unknown() -> None:
    run = replace(RUNNING.run, uncounted=frozenset({"failed"}))
    assert title_of(replace(RUNNING, run=run)) == "?/44 ✓6 ✗? · Keyword spotting"
    assert title_of(EMPTY_MOMENT) == ""
