"""Lines on a descriptor, whoever reads it."""

import os
import threading

import pytest

from eitui.cli.narrator import MOST_WAITING, Narrator

LONG = 10.0
"""Seconds after which a test gives up on something that should have happened at once."""


def test_lines_arrive_in_order_and_before_the_end() -> None:
    reading, writing = os.pipe()
    with Narrator(writing) as narrator:
        for line in ("one", "two ✓", "three \udcff"):
            narrator.say(line)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        assert stream.read().decode() == "one\ntwo ✓\nthree ?\n"


def test_a_reader_who_has_left_and_a_closed_descriptor_disturb_nobody() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with Narrator(writing) as narrator:
        narrator.say("nobody hears this")
        narrator.say("nor this")
    os.close(writing)
    with Narrator(writing) as narrator:
        narrator.say("nor that")


def test_who_speaks_never_waits_for_a_reader_who_does_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eitui.cli.narrator.CLOSING_PATIENCE", 0.01)
    reading, writing = os.pipe()
    with Narrator(writing) as narrator:
        for _ in range(2 * MOST_WAITING):
            narrator.say("x" * 1000)
        narrator.say("the end")
    (stuck,) = (thread for thread in threading.enumerate() if thread.name == "narrator")
    with os.fdopen(reading, "rb") as stream:
        first = stream.readline()
        assert first == b"x" * 1000 + b"\n"
        # What was said last is still there, what was lost is older.
        while (line := stream.readline()) != b"the end\n":
            assert line == first
    stuck.join(LONG)
    assert not stuck.is_alive()
    os.close(writing)
