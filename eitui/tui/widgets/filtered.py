"""A pane of rows with a filter that is typed at the bottom of it.

The pane has the keyboard all the while and takes the keys itself: what is typed at once after the key that opens the
line arrives with it over a slow line, and must not be taken for other keys. Nothing is laid out anew, which would
send the whole screen.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Generic

from textual import actions, events
from textual.message import Message

from eitui.analysis.query.fields import Facts, Item
from eitui.analysis.query.grammar import QueryOf
from eitui.tui.keys import Key, keys_of
from eitui.tui.widgets.filter_line import FilterLine, Language
from eitui.view.kit.lines import EMPTY_LINE, Line

LINES = 2
"""Lines that the filter takes while it is being typed."""

_GROUP = "Filter"
"""The group of the keys while it is."""

if TYPE_CHECKING:
    from eitui.tui.kit.pane import Pane as _Base
else:
    # Textual looks for styles along the first base that is a widget: that must be the pane it is mixed into.
    _Base = object


class Filtered(Generic[Item, Facts], _Base):
    """Takes the keys of the group "Filter" while a filter is being typed. To be mixed into a pane."""

    class Typing(Message):
        """A filter is being typed, or no longer."""

        def __init__(self, *, typing: bool) -> None:
            super().__init__()
            self.typing = typing

    _typed: FilterLine[Item, Facts] | None = None
    _earlier: tuple[str, ...] = ()
    _opens: frozenset[str] = frozenset()

    def take_keys(self, keys: Sequence[Key], opens: str) -> None:
        """Let a filter be typed at the key whose id is `opens`."""
        self._opens = frozenset(name for key in keys if key.id == opens for name in _names(key))
        self._does = {name: key.action for key in keys_of(keys, _GROUP) for name in _names(key)}

    # What the rows are

    def language(self) -> Language[Item, Facts]:
        """Return what filters are written in."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    def in_force(self) -> QueryOf[Item, Facts]:
        """Return the filter that is in force."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    def put_in_force(self, query: QueryOf[Item, Facts]) -> None:
        """Filter by `query`."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    def no_filter(self) -> QueryOf[Item, Facts]:
        """Return the filter that everything passes."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    def counts(self) -> tuple[int, int]:
        """Return how many pass, and how many there are."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    def found_nothing(self) -> bool:
        """Whether nothing passes, for sure."""
        return not self.counts()[0]

    def turned(self) -> None:
        """Do what is due when typing begins or ends."""

    # Typing

    @property
    def typing(self) -> bool:
        """Whether a filter is being typed."""
        return self._typed is not None

    def type_filter(self) -> None:
        """Let a filter be typed, or the one in force be changed."""
        if self._typed is None:
            self._typed = FilterLine(self.in_force(), self._earlier, self.language())
            self._turn(typing=True)

    def on_key(self, event: events.Key) -> None:
        """Take a key that is about the filter."""
        if self._takes(event.key, event.character):
            event.stop()
            event.prevent_default()

    def _takes(self, key: str, character: str | None) -> bool:
        if self._typed is None:
            if key in self._opens:
                self.type_filter()
            return key in self._opens
        if key in self._does:
            _, name, parameters = actions.parse(self._does[key])
            getattr(self, f"action_{name}")(*parameters)
            return True
        taken = self._typed.key(key, character)
        if taken:
            self._follow()
        return taken

    def on_paste(self, event: events.Paste) -> None:
        """Take the first line of what is pasted."""
        if self._typed is not None and event.text.strip():
            self._typed.type(event.text.strip().splitlines()[0])
            self._follow()
            event.stop()

    def action_keep_filter(self) -> None:
        """Go back to the rows with the filter; one that is none must be made right first."""
        if self._typed is not None and self._typed.error is None:
            self.put_in_force(self._typed.query)
            self._end()

    def action_clear_filter(self) -> None:
        """Go back to the rows without a filter."""
        if self._typed is not None:
            self._remember()
            self.put_in_force(self.no_filter())
            self._end()

    def action_complete_filter(self) -> None:
        """Complete the word before the cursor."""
        if self._typed is not None:
            self._typed.complete()
            self._follow()

    def action_earlier_filter(self, by: int) -> None:
        """Take an earlier filter, or a later one."""
        if self._typed is not None:
            self._typed.earlier(by)
            self._follow()

    def stop_typing(self) -> None:
        """Take the filter that is in force, whatever is being typed."""
        if self._typed is not None:
            self._end()

    def _end(self) -> None:
        self._remember()
        self._typed = None
        self._turn(typing=False)

    def _turn(self, *, typing: bool) -> None:
        self.post_message(self.Typing(typing=typing))
        self.turned()
        self.redraw()

    def _remember(self) -> None:
        text = self.in_force().text
        if text:
            self._earlier = (*(earlier for earlier in self._earlier if earlier != text), text)

    def _follow(self) -> None:
        """Put what is typed in force, but for the beginning of a field's name: on the way to it nothing is found."""
        typed, before = self._typed, self.in_force()
        if typed is not None and typed.error is None and typed.query != before:
            self.put_in_force(typed.query)
            if self.found_nothing() and typed.completions:
                self.put_in_force(before)
        self.redraw()

    # What is drawn

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the rows, and the filter below them while it is being typed."""
        if self._typed is None:
            return super().build(width, height)
        above = list(super().build(width, height - LINES))[: height - LINES]
        above += [EMPTY_LINE] * (height - LINES - len(above))
        return [*above, *self._typed.lines(width, *self.counts())]


def _names(key: Key) -> list[str]:
    return [name.strip() for name in key.keys.split(",")]
