"""Lines on a descriptor, whoever reads it."""

import os
import threading

import pytest

from eitui.cli.following import MOST_WAITING, StderrWriter

LONG = 10.0
"""Seconds after which a test gives up on something that should have happened at once."""


def test_lines_arrive_in_order_and_before_the_end() -> None:
    reading, writing = os.pipe()
    with StderrWriter(writing) as writer:
        for line in ("one", "two ✓", "three \udcff"):
            writer.say(line)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        assert stream.read().decode() == "one\ntwo ✓\nthree ?\n"


def test_a_reader_who_has_left_and_a_closed_descriptor_disturb_nobody() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with StderrWriter(writing) as writer:
        writer.say("nobody hears this")
        writer.say("nor this")
    os.close(writing)
    with StderrWriter(writing) as writer:
        writer.say("nor that")


def test_who_speaks_never_waits_for_a_reader_who_does_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eitui.cli.following.CLOSING_PATIENCE", 0.01)
    reading, writing = os.pipe()
    with StderrWriter(writing) as writer:
        for _ in range(2 * MOST_WAITING):
            writer.say("x" * 1000)
        writer.say("the end")
    (stuck,) = (thread for thread in threading.enumerate() if thread.name == "stderr writer")
    with os.fdopen(reading, "rb") as stream:
        first = stream.readline()
        assert first == b"x" * 1000 + b"\n"
        # What was said last is still there, what was lost is older.
        while (line := stream.readline()) != b"the end\n":
            assert line == first
    stuck.join(LONG)
    assert not stuck.is_alive()
    os.close(writing)
