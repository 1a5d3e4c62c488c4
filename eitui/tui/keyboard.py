"""What comes from the keyboard, from bytes to Textual's messages. No byte ends the program."""

from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator

from textual.message import Message

from eitui.log import log
from eitui.tui.textual_internals import XTermParser

Deliver = Callable[[Message], None]


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

    def feed(self, data: bytes) -> None:
        """Take what was read; characters and sequences may be cut anywhere."""
        text = self._decoder.decode(data)
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
