"""What comes from the keyboard: no byte, and no failure on the way, keeps the next key from being heard."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.message import Message

from eitui.tui.driver import PASTE_PATIENCE, Keyboard
from eitui.tui.textual_internals import XTermParser

SETTLED = b"\x18\x18" + b" " * 40 + b"\x1b[201~"
"""Ends what may be open: a character, a sequence (none is longer than 32), a paste."""


def keys(messages: Iterable[Message]) -> list[str]:
    return [message.key for message in messages if isinstance(message, events.Key)]


def heard(*chunks: bytes) -> list[str]:
    """Return the keys that come of these chunks."""
    messages: list[Message] = []
    keyboard = Keyboard(messages.append)
    for chunk in chunks:
        keyboard.feed(chunk)
        keyboard.tick()
    return keys(messages)


@pytest.mark.parametrize(
    "noise",
    [b"\xe9", b"caf\xe9", b"\xff", b"\x9b", b"\x80", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\xe9\xea", b"\xc2\x9b"],
)
def test_bytes_that_are_not_utf_8_leave_the_next_key_alone(noise: bytes) -> None:
    assert heard(noise, b"j")[-1] == "j"
    assert heard(noise + b"j")[-1] == "j"
    assert heard(noise, b"\x1b[A")[-1] == "up"


def test_characters_and_sequences_may_come_byte_by_byte() -> None:
    whole = "é✓\x1b[B\x1b[27u".encode()
    assert heard(whole) == heard(*(bytes([byte]) for byte in whole))
    assert heard(whole)[-2:] == ["down", "escape"]


def test_nothing_read_is_no_end_of_input() -> None:
    assert heard(b"", b"", b"j") == ["j"]


@pytest.mark.parametrize("begin", [(b"\x1b[200~abc",), (b"\x1b[20", b"0~a")])
def test_a_paste_whose_end_got_lost_is_over_after_a_silence(begin: tuple[bytes, ...]) -> None:
    silence = [b""] * PASTE_PATIENCE
    assert heard(*begin, *silence, b"j") == ["j"]
    assert heard(*begin, *silence[1:], b"j") == []
    assert heard(*begin, *silence[1:], b"d", *silence[1:], b"\x1b[201~j") == ["j"]


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_any_bytes_in_any_pieces_leave_the_next_key_alone(chunks: list[bytes]) -> None:
    assert heard(*chunks, SETTLED, b"j")[-1] == "j"


def test_a_chunk_that_the_parser_fails_on_is_dropped_and_reading_goes_on() -> None:
    class Touchy(XTermParser):
        def feed(self, data: str) -> Iterable[Message]:
            for number, message in enumerate(super().feed(data)):
                if data == "abc" and number == 1:
                    raise LookupError(data)
                yield message

    messages: list[Message] = []
    keyboard = Keyboard(messages.append, Touchy)
    for chunk in (b"abc", b"j"):
        keyboard.feed(chunk)
    assert keys(messages) == ["a", "j"]


def test_a_message_that_cannot_be_delivered_is_dropped_and_the_next_is_not() -> None:
    delivered: list[Message] = []

    def deliver(message: Message) -> None:
        if isinstance(message, events.Key) and message.key == "b":
            raise RuntimeError(message.key)
        delivered.append(message)

    Keyboard(deliver).feed(b"abc")
    assert keys(delivered) == ["a", "c"]
