"""Notifications: what is worth one, and that nothing in them commands the terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.domain.moment import Alert, AlertKind
from eitui.tui.attention import LONGEST, NOTABLE, notification

XTERM = {"TERM": "xterm-256color"}


def test_the_end_of_a_run_is_one_notification():
    alerts = (Alert(AlertKind.FINISHED, 0.0, "12 completed, 3 failed"), Alert(AlertKind.STALLED, 0.0, "mfe-1"))
    assert notification(alerts, XTERM) == "\x1b]9;eitui: finished: 12 completed, 3 failed; stalled: mfe-1\x07"


@pytest.mark.parametrize("kind", sorted(set(AlertKind) - NOTABLE))
def test_what_comes_by_the_dozen_notifies_nobody(kind):
    assert notification((Alert(kind, 0.0, "mfe-1"),), XTERM) == ""


def test_tmux_is_asked_to_hand_it_on_and_the_console_is_spared():
    alerts = (Alert(AlertKind.FINISHED, 0.0, "x"),)
    wrapped = notification(alerts, XTERM | {"TMUX": "/tmp/tmux"})
    assert wrapped == "\x1bPtmux;\x1b\x1b]9;eitui: finished: x\x07\x1b\\"
    assert notification(alerts, {"TERM": "linux"}) == ""


@given(st.text())
def test_no_text_ends_the_sequence_or_begins_another(text):
    sequence = notification((Alert(AlertKind.FINISHED, 0.0, text),), XTERM)
    inside = sequence.removeprefix("\x1b]9;").removesuffix("\x07")
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in inside)
    assert len(inside) <= LONGEST + len("eitui: ")
