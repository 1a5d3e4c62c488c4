"""Notifications: what is worth one, and that nothing in them commands the terminal."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.domain.moment import Alert, AlertKind
from eitui.tui.attention import LONGEST_NOTIFICATION, NOTABLE, notification

XTERM = {"TERM": "xterm-256color"}


def test_the_end_of_a_run_is_one_notification() -> None:
    alerts = (Alert(AlertKind.FINISHED, 0.0, "12 completed, 3 failed"), Alert(AlertKind.STALLED, 0.0, "mfe-1"))
    assert notification(alerts, XTERM) == "\x1b]9;eitui: finished: 12 completed, 3 failed; stalled: mfe-1\x07"


@pytest.mark.parametrize("kind", sorted(set(AlertKind) - NOTABLE))
def test_what_comes_by_the_dozen_notifies_nobody(kind: Any) -> None:
    assert notification((Alert(kind, 0.0, "mfe-1"),), XTERM) == ""


@pytest.mark.parametrize("environ", [{"TMUX": "/tmp/tmux"}, {"TERM": "tmux-256color"}])
def test_within_tmux_a_bell_marks_the_window_beside_what_it_may_hand_on(environ: dict[str, str]) -> None:
    result = notification((Alert(AlertKind.FINISHED, 0.0, "x"),), XTERM | environ)
    assert result == "\x07\x1bPtmux;\x1b\x1b]9;eitui: finished: x\x07\x1b\\"


@pytest.mark.parametrize("environ", [{"STY": "1.pts"}, {"TERM": "screen"}])
def test_within_gnu_screen_too(environ: dict[str, str]) -> None:
    result = notification((Alert(AlertKind.FINISHED, 0.0, "x"),), XTERM | environ)
    assert result == "\x07\x1bP\x1b]9;eitui: finished: x\x07\x1b\\"


def test_the_console_is_spared() -> None:
    assert notification((Alert(AlertKind.FINISHED, 0.0, "x"),), {"TERM": "linux"}) == ""


@given(st.text())
def test_no_text_ends_the_sequence_or_begins_another(text: str) -> None:
    sequence = notification((Alert(AlertKind.FINISHED, 0.0, text),), XTERM)
    inside = sequence.removeprefix("\x1b]9;").removesuffix("\x07")
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in inside)
    assert len(inside) <= LONGEST_NOTIFICATION + len("eitui: ")
