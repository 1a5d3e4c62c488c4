"""What comes from the keyboard, from bytes to Textual's messages. No byte ends the program."""

from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator

from textual.message import Message

from eitui.log import log
from eitui.tui.textual_internals import XTermParser

Deliver = Callable[[Message], None]

PASTE_BEGINS, PASTE_ENDS = "\x1b[200~", "\x1b[201~"

PASTE_PATIENCE = 20
"""Reads in a row without a byte after which a paste that was begun is over: its end got lost on the way."""


class Keyboard:
    """Decodes UTF-8 and parses keys, mouse and replies of the terminal, and hands each message to `deliver`.

    A terminal may send any byte: é in Latin-1, alt and a key as one byte with the eighth bit set, noise on a serial
    line. A byte that is not UTF-8 becomes U+FFFD. A message that `deliver` fails on is dropped; so is the rest of a
    chunk that the parser fails on, and the next chunk is parsed afresh.
    """

    def __init__(self, deliver: Deliver, parser: Callable[[], XTermParser] = XTermParser) -> None:
        self._deliver = deliver
        self._new_parser = parser
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._parser = parser()
        self._tail = ""
        """The last characters, in which the beginning or the end of a paste may be cut."""
        self._pasting = False
        self._silent = 0

    def feed(self, data: bytes) -> None:
        """Take what was read, nothing included; characters and sequences may be cut anywhere."""
        text = self._decoder.decode(data)
        seen = self._tail + text
        begun, ended = seen.rfind(PASTE_BEGINS), seen.rfind(PASTE_ENDS)
        self._tail = seen[1 - len(PASTE_BEGINS) :]
        if begun != ended:  # Both are -1 where there is neither.
            self._pasting = begun > ended
        self._silent = self._silent + 1 if self._pasting and not data else 0
        if self._silent >= PASTE_PATIENCE:
            self._pasting, self._silent = False, 0
            self._hand_on(self._parser.feed(PASTE_ENDS))
        if text:  # The parser takes an empty text for the end of all input.
            self._hand_on(self._parser.feed(text))

    def tick(self) -> None:
        """Take it that nothing was read for a while: an escape that waits for the rest of a sequence is a key."""
        self._hand_on(self._parser.tick())

    def _hand_on(self, messages: Iterable[Message]) -> None:
        for message in self._parsed(messages):
            try:
                self._deliver(message)
            except Exception:  # One message that fails must not take the next with it.
                log.exception("A key or a mouse event was dropped")

    def _parsed(self, messages: Iterable[Message]) -> Iterator[Message]:
        try:
            yield from messages
        except Exception:  # Whatever a terminal sent, the next key must be heard.
            log.exception("What the terminal sent could not be parsed")
            self._parser = self._new_parser()
