"""Textual's Linux driver, made to outlive a terminal that is slow, frozen or gone."""

import os
import selectors
import sys
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, TextIO, cast

from textual.events import Resize
from textual.message import Message
from textual.messages import InBandWindowResize

from eitui.log import log
from eitui.tui.ascii import to_ascii
from eitui.tui.frugal import frugal
from eitui.tui.terminal import open_for_writing
from eitui.tui.textual_internals import OpenDriver, XTermParser
from eitui.tui.writer import TerminalWriter

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


if TYPE_CHECKING:
    from textual.app import App

_PATIENCE = 0.25
"""Seconds a terminal is given to take the last bytes before they are dropped."""

LISTEN = 0.1
"""Seconds the keyboard's thread waits for input before it looks whether it should end."""

_CHUNK = 4096


class TerminalOwner(Protocol):
    """What the driver asks of the app."""

    in_ascii: bool
    """Whether the terminal shows ASCII only."""

    @property
    def entering(self) -> str:
        """What the terminal is sent when it is taken over."""

    @property
    def leaving(self) -> str:
        """What it is sent when it is given back, however that happens."""

    def hold_frames(self) -> None:
        """Draw nothing until further notice: the terminal does not keep up."""

    def release_frames(self) -> None:
        """Draw again: the terminal has caught up."""

    def terminal_lost(self) -> None:
        """End: the terminal is gone. Called from another thread."""


class SafeDriver(OpenDriver):
    """A driver whose writes never block the event loop and which notices that the terminal has gone.

    The stock driver's input thread ends on a byte that is not UTF-8, and the size it asks for is that of stdout, which
    may be a file.
    """

    def __init__(self, app: "App[Any]", **options: Any) -> None:
        self._owner = cast(TerminalOwner, app)
        # The same as the stock driver's own file, which may be None in its type only: run_app has made sure.
        self._screen_fd = cast(TextIO, sys.__stderr__).fileno()
        super().__init__(app, **options)
        self._writer: TerminalWriter | None = None
        self._starting = False
        self._continued = False
        self.in_use = False
        """Whether the terminal is in application mode now."""

    def write(self, data: str) -> None:
        """Queue `data`; never waits. Nothing is written outside application mode."""
        if self._writer is not None:
            self._writer.write(frugal(to_ascii(data) if self._owner.in_ascii else data))

    def start_application_mode(self) -> None:
        """Take over the terminal; in the background (the shell's `bg`) stop, and take it over after `fg`."""
        self._starting = self._continued = True
        try:
            # The attempt that was stopped in the background fails once it is continued: then it is time for another.
            while self._continued and not self.in_use:
                self._continued = False
                if self._writer is None:
                    self._writer = TerminalWriter(
                        open_for_writing(self._screen_fd),
                        watch=self.fileno,
                        on_full=lambda: self._in_loop(self._owner.hold_frames),
                        on_drained=lambda: self._in_loop(self._owner.release_frames),
                        on_lost=self._owner.terminal_lost,
                        leaving=self._owner.leaving,
                    )
                    self._writer.start()
                super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual leaves this one untyped
                if self.end_stock_writer():
                    self.in_use = True
                    self.write(self._owner.entering)
                    log.info("The terminal is taken over: %s", self.terminal_size())
        finally:
            self._starting = False

    def stop_application_mode(self) -> None:
        """Give the terminal back, at the end or for ctrl+z."""
        if self.in_use:
            self.write(self._owner.leaving)
        super().stop_application_mode()

    def close(self) -> None:
        """Write the last bytes, or drop them if the terminal does not take them within `_PATIENCE`."""
        if self._writer is not None:
            log.info("The terminal is given back")
            self._writer.stop(_PATIENCE)
            self._writer = None
        self.in_use = False

    def _in_loop(self, callback: Callable[[], None]) -> None:
        try:
            self.loop.call_soon_threadsafe(callback)
        except RuntimeError:
            return  # The loop has been closed: there are no frames to hold or release.

    def process_message(self, message: Message) -> None:
        """Hand on what came from the keyboard, but for sizes (mode 2048): a line with noise on it may say any.

        The size has one source, the kernel, which tells of a change by SIGWINCH.
        """
        if not isinstance(message, InBandWindowResize | Resize):
            super().process_message(message)

    def read_input(self) -> None:
        """Read the terminal, whatever bytes come, until the driver ends or the terminal is gone."""
        keyboard = Keyboard(self.process_message)
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                data = b""
                if selector.select(LISTEN):
                    try:
                        data = os.read(self.fileno, _CHUNK)
                    except BlockingIOError:
                        pass  # Another process has read it: the descriptor is the shell's too, and may be non-blocking.
                    except OSError as error:
                        log.info("The terminal cannot be read: %s", error)
                        return  # EIO: the terminal is gone, which the writer's thread sees too.
                    if not data:  # Readable without a byte: gone as well, or ctrl+d after another process set the mode.
                        self.exit_event.wait(LISTEN)
                keyboard.feed(data)
                keyboard.tick()

    def continued(self) -> None:
        """Take the terminal back after `fg`, or after a stop that could not be caught."""
        self._continued = True
        if self._starting or not self.restarts:
            return  # A start within a start would take the settings it has just made for the terminal's first ones.
        if self.in_use:
            # SIGSTOP (`kill -STOP`) cannot be caught, so the terminal is still in application mode. Starting a second
            # time, as the stock handler does, would leave two input threads and forget the terminal's first settings.
            self._in_loop(self.tell_resumed)
        elif self.stopped_by_user:  # Suspended by ctrl+z, and not ending already.
            self.resume_application_mode()

    def terminal_size(self) -> tuple[int, int] | None:
        """Return columns and lines of the terminal that is drawn on; None where it does not say."""
        try:
            size = os.get_terminal_size(self._screen_fd)
        except OSError:
            return None
        return (size.columns, size.lines) if size.columns and size.lines else None
