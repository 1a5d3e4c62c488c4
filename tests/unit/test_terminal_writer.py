"""The thread that writes to the terminal."""

import os
import pty
import threading
from collections.abc import Iterator

import pytest

from eitui.tui.terminal import RESET, open_for_writing
from eitui.tui.writer import HIGH_WATER, TerminalWriter

PATIENCE = 20.0


class Desk:
    """A writer on a raw pseudo-terminal that is read only when a test reads it."""

    def __init__(self) -> None:
        self.master, self.slave = pty.openpty()
        self.full, self.drained, self.lost = threading.Event(), threading.Event(), threading.Event()
        self.writer = TerminalWriter(
            open_for_writing(self.slave),
            watch=self.slave,
            on_full=self.full.set,
            on_drained=self.drained.set,
            on_lost=self.lost.set,
        )
        self.writer.start()

    def read(self, until: bytes) -> bytes:
        data = b""
        while not data.endswith(until):
            data += os.read(self.master, 65536)
        return data

    def flood(self, end: str = "end") -> str:
        """Write more than the kernel holds."""
        text = "".join(f"{number:07} " for number in range(40_000)) + end
        self.writer.write(text)
        return text

    def fill(self) -> None:
        """Fill the kernel's buffer, past the writer."""
        fd = open_for_writing(self.slave)
        try:
            while True:
                os.write(fd, b"x" * 4096)
        except BlockingIOError:
            return
        finally:
            os.close(fd)

    def hang_up(self) -> None:
        os.close(self.master)
        self.master = -1


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.writer.stop(0)
    for fd in {desk.master, desk.slave} - {-1}:
        os.close(fd)


def test_text_arrives_in_order_as_utf_8(desk: Desk) -> None:
    for number in range(1000):
        desk.writer.write(f"{number} ✓,")
    assert desk.read(b"999 \xe2\x9c\x93,") == "".join(f"{number} ✓," for number in range(1000)).encode()


def test_text_that_is_no_unicode_is_written_all_the_same(desk: Desk) -> None:
    desk.writer.write("a\udc80b")
    assert desk.read(b"b") == b"a?b"


def test_writing_to_a_frozen_terminal_returns_and_nothing_is_lost_when_it_thaws(desk: Desk) -> None:
    text = desk.flood()
    assert desk.full.wait(PATIENCE)
    assert desk.writer.pending > HIGH_WATER
    assert not desk.drained.is_set()
    assert desk.read(b"end") == text.encode()
    assert desk.drained.wait(PATIENCE)
    assert desk.writer.pending == 0


def test_a_little_text_never_counts_as_full(desk: Desk) -> None:
    desk.writer.write("x" * HIGH_WATER + "end")
    desk.read(b"end")
    desk.full.clear()
    desk.writer.write("x" * 100 + "END")
    desk.read(b"END")
    assert not desk.full.is_set()


def test_many_small_writes_to_a_frozen_terminal_are_noticed(desk: Desk) -> None:
    desk.fill()
    # One by one, so that the thread is asleep, waiting for the terminal, when the mark is passed.
    while desk.writer.pending <= HIGH_WATER:
        desk.writer.write("x")
        os.sched_yield()
    assert desk.full.wait(PATIENCE)


def test_stopping_writes_what_is_waiting(desk: Desk) -> None:
    text = desk.flood()
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append(desk.read(b"end")))
    reader.start()
    desk.writer.stop(PATIENCE)
    reader.join()
    assert received == [text.encode()]


def test_stopping_on_a_frozen_terminal_drops_the_rest_and_resets(desk: Desk) -> None:
    text = desk.flood()
    desk.full.wait(PATIENCE)
    desk.writer.stop(0.01)
    data = desk.read(RESET)
    assert len(data) < len(text) // 2


def test_a_terminal_that_goes_away_is_noticed_without_writing(desk: Desk) -> None:
    desk.hang_up()
    assert desk.lost.wait(PATIENCE)


def test_a_terminal_that_goes_away_while_frozen_is_noticed(desk: Desk) -> None:
    desk.flood()
    desk.full.wait(PATIENCE)
    desk.hang_up()
    assert desk.lost.wait(PATIENCE)
    assert desk.writer.pending == 0


def test_nothing_is_kept_for_a_terminal_that_is_gone_or_a_writer_that_has_stopped(desk: Desk) -> None:
    desk.hang_up()
    desk.lost.wait(PATIENCE)
    desk.writer.write("x")
    assert desk.writer.pending == 0


def test_stopping_twice_is_harmless(desk: Desk) -> None:
    desk.writer.stop(PATIENCE)
    desk.writer.write("x")
    assert desk.writer.pending == 0
    desk.writer.stop(PATIENCE)
