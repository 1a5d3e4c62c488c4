"""The one list: rows below a title, moved through by keys, the wheel and clicks.

A list is drawn by `Lines`: an update that changes nothing sends nothing, and a changed row is all that is sent.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.message import Message

from eitui.tui.kit.lines import CURSOR, Lines, indented
from eitui.view.kit.lines import Line, Span, spread, width_of, wrapped

_NAMES = 64
"""Cells from which the title line has room for the names of the other panes."""


class Pane(Lines, can_focus=True):
    """Lines under a title. `key` is the key that goes to it."""

    def __init__(self, key: str, title: str, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.pane_key = key
        self.pane_title = title
        self.among: Sequence[Pane] = ()
        """On screens with room for one pane at a time: all of them, for the title line to name."""
        self.title_places: list[tuple[Pane, int]] = []
        """Where on the title line, as drawn last, each pane is named."""

    def title_line(self, width: int, right: str = "", about: str = "", *, names: bool = True) -> Line:
        """Return the title, what the pane is about, a rule, and `right` at the end of it.

        Without `names` the other panes are there by their keys alone.
        """
        left = self.titles(names=names and width >= _NAMES)
        if about:
            left.append((f"  {about}", ""))
        end: Line = ((f" {right} ", "dim"),) if right else ()
        rule = width - width_of(left) - width_of(end) - 2
        if rule > 0:
            left.append((" " + "─" * rule, "dim"))
        return spread(tuple(left), end, width)

    def titles(self, *, names: bool) -> list[Span]:
        """Return the title, among those of the other panes where they cannot be seen."""
        left: list[Span] = []
        self.title_places = []
        for pane in self.among or (self,):
            self.title_places.append((pane, width_of(left)))
            here = pane is self
            tone = ("title" if self.has_focus else "accent") if here else "dim"
            left += [("▌" if here and self.has_focus else " ", "title"), (f"{pane.pane_key} ", "key")]
            if here or names:
                left += [(pane.pane_title, tone), (" " if self.among else "", "")]
        return left

    def on_focus(self) -> None:
        """Show it in the title, when Textual's own handler, which comes after this one, has noted it."""
        self.call_next(self.redraw)

    def on_blur(self) -> None:
        """Show it in the title, as above."""
        self.call_next(self.redraw)


WHEEL = 3
"""Rows that a notch of the wheel moves by, if nothing else is said."""

RowKey = TypeVar("RowKey", bound=Hashable)


def distinct_keys(names: Iterable[str]) -> list[tuple[str, int]]:
    """Return keys for rows by names that the service chose, of which some may be the same."""
    seen: Counter[str] = Counter()
    keys = []
    for name in names:
        keys.append((name, seen[name]))
        seen[name] += 1
    return keys


class Window:
    """Which rows of a list are in sight.

    Attributes:
        top: the first row in sight, counted from 0.
        room: rows that have room, at least 1.
        count: rows that there are.

    """

    def __init__(self) -> None:
        self.top, self.room, self.count = 0, 1, 0

    def fit(self, count: int, room: int) -> range:
        """Return the rows in sight of `count`, where there is room for `room`."""
        self.count, self.room = count, max(1, room)
        self.top = max(0, min(self.top, count - self.room))
        return range(self.top, min(self.top + self.room, count))

    def move(self, by: int) -> None:
        """Move by `by` rows; `fit` sees to it that there are rows there."""
        self.top = max(0, self.top + by)

    def bring(self, first: int, last: int) -> None:
        """Move no further than need be, so that rows `first` to `last` are in sight, `last` before all."""
        self.top = max(0, min(max(self.top, last - self.room + 1), max(first, last - self.room + 1)))
        self.fit(self.count, self.room)

    def page(self, by: int) -> int:
        """Return how many rows `by` screenfuls are; a row stays in sight."""
        return by * max(1, self.room - 1)

    @property
    def place(self) -> str:
        """Which rows are in sight; empty where all are."""
        last = min(self.top + self.room, self.count)
        return f"{self.top + 1}–{last} of {self.count}" if self.count > self.room else ""

    def windowed(self, lines: Sequence[Line], room: int) -> list[Line]:
        """Return those of `lines` that are in sight in `room` lines; what is not is told on the last of them."""
        if len(lines) <= room:
            self.fit(len(lines), room)
            self.top = 0
            return list(lines)
        shown = [lines[index] for index in self.fit(len(lines), room - 1)][: max(0, room - 1)]
        below = len(lines) - self.top - len(shown)
        sides = [f"↑ {self.top} more" if self.top else "", f"↓ {below} more" if below else ""]
        return [*shown, ((" " + "  ".join(filter(None, sides)), "dim"),)][: max(0, room)]


class List(Pane):
    """Rows that are scrolled; the base of those with a cursor."""

    TITLED: ClassVar[int] = 1
    """Lines of the title."""

    NOTCH: ClassVar[int] = WHEEL
    """Rows that a notch of the wheel moves by."""

    _above = 1
    """Lines above the first row, as drawn."""

    def __init__(self, key: str, title: str, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(key, title, id=id)
        self.window = Window()

    # What there is

    def count(self) -> int:
        """Return how many rows there are."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    def content(self, width: int, first: int, most: int) -> Sequence[Line]:
        """Return the rows from `first` on, `most` of them, `width` cells wide at most."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    def about(self) -> str:
        """Return what stands beside the title."""
        return ""

    def above(self, width: int, height: int) -> Sequence[Line]:
        """Return the lines between the title and the rows."""
        return ()

    def why_empty(self) -> str:
        """Return what to say while there are no rows."""
        return ""

    def title(self, width: int) -> Line:
        """Return the title, with what it says of the rows in sight."""
        return self.title_line(width, self.window.place, self.about())

    def empty(self, width: int, height: int) -> Sequence[Line]:
        """Return what is drawn while there are no rows."""
        reason = wrapped(self.why_empty(), width - 2, "dim")
        return [self.title_line(width), *indented(reason)]

    # What is drawn

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the title and the rows in sight."""
        count = self.count()
        if not count:
            self.window.fit(0, 1)
            return self.empty(width, height)
        above = self.above(width, height)
        self._above = self.TITLED + len(above)
        self.window.fit(count, height - self._above)
        self.settle()
        window = self.window
        rows = self.content(width, window.top, min(window.room, count - window.top))
        return [*([self.title(width)] if self.TITLED else []), *above, *rows]

    def settle(self) -> None:
        """Choose which rows are in sight, before they are drawn."""

    # Moving

    def move(self, by: int) -> None:
        """Move by `by` rows."""
        self.window.move(by)
        self.redraw()

    def move_page(self, by: int) -> None:
        """Move by `by` screenfuls."""
        self.move(self.window.page(by))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move with the wheel."""
        event.stop()
        self.wheel(self.NOTCH)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move with the wheel."""
        event.stop()
        self.wheel(-self.NOTCH)

    def wheel(self, by: int) -> None:
        """Move as the wheel does."""
        self.move(by)


class RowList(List, Generic[RowKey]):
    """A list with a cursor, which stays on its row by the row's key, wherever that goes.

    A row whose key is None is passed over. Until a row was chosen the cursor stays on the first one.
    """

    class Opened(Message):
        """The row with the cursor was clicked twice: what `enter` does is to be done."""

    def __init__(self, key: str, title: str, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(key, title, id=id)
        self.cursor: RowKey | None = None
        """The key of the row that the cursor is on."""
        self._picked = False
        self._place = 0
        """Where the cursor was drawn last."""

    # What there is

    def keys(self) -> Sequence[RowKey | None]:
        """Return the key of every row."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    def count(self) -> int:
        """Return how many rows there are."""
        return len(self.keys())

    def index_of(self, key: RowKey | None) -> int | None:
        """Return the row with a key; None where there is none."""
        return next((index for index, one in enumerate(self.keys()) if one is not None and one == key), None)

    @property
    def cursor_shown(self) -> bool:
        """Whether the cursor is drawn."""
        return True

    def with_cursor(self, lines: Sequence[Line], first: int) -> list[Line]:
        """Return `lines`, of the rows from `first` on, with the cursor on its own."""
        at = self.index_of(self.cursor) if self.cursor_shown else None
        return [(*line, CURSOR) if index == at else line for index, line in enumerate(lines, first)]

    # Moving

    def select(self, index: int) -> None:
        """Put the cursor on row `index`, or the nearest that has a key."""
        found = self._nearest(index)
        if found is not None:
            self.select_key(found)

    def select_key(self, key: RowKey) -> bool:
        """Put the cursor on the row with a key, at once where there is one; return whether there is."""
        self.cursor, self._picked = key, True
        self.redraw()
        return self.index_of(key) is not None

    def move(self, by: int) -> None:
        """Move the cursor by `by` rows that have a key."""
        order = [index for index, key in enumerate(self.keys()) if key is not None]
        if order:
            at = self.index_of(self.cursor)
            place = order.index(at) if at is not None else 0
            self.select(order[max(0, min(place + by, len(order) - 1))])

    def wheel(self, by: int) -> None:
        """Move the cursor; where it is not drawn, the rows, and the cursor no further than need be."""
        if self.cursor_shown:
            self.move(by)
            return
        window, at = self.window, self.index_of(self.cursor) or 0
        window.move(by)
        window.fit(self.count(), window.room)
        self.select(max(window.top, min(at, window.top + window.room - 1)))

    def settle(self) -> None:
        """Keep the cursor on a row that is there, and in sight."""
        at = self.index_of(self.cursor) if self._picked else None
        if at is None:
            # Where its row is gone, the one that is now in its place.
            found = self._nearest(self._place if self._picked else 0)
            self.cursor = found
            at = self.index_of(found)
        if at is not None:
            self._place = at
            self.window.bring(self.first_with(at), at)

    def first_with(self, index: int) -> int:
        """Return the first of the rows that should be in sight with row `index`, which has the cursor."""
        return index

    def _nearest(self, index: int) -> RowKey | None:
        keys = self.keys()
        selectable = [place for place, key in enumerate(keys) if key is not None]
        return keys[min(selectable, key=lambda place: abs(place - index))] if selectable else None

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse points; open the row at the second click."""
        index = self.window.top + event.y - self._above
        if not self.window.top <= index < min(self.window.top + self.window.room, self.count()):
            return
        if self.row_key(index) is None:
            return
        self.select(index)
        if event.chain == 2:
            self.post_message(self.Opened())

    def row_key(self, index: int) -> RowKey | None:
        """Return the key of a row; None where it is passed over."""
        return self.keys()[index]


_LEAST_WIDTH = 60
"""Cells that a tab is laid out for; where there are fewer, its lines are cut."""

ROOMY = 110
"""Cells from which a title has room for a hint."""

Draw = Callable[[int], Sequence[Line]]


class TextPane(List):
    """Text about a trial, made anew when what it is about has changed."""

    def __init__(self, key: str, title: str, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(key, title, id=id)
        self._draw: Draw = lambda _: ()
        self._about: object = None
        self._made: tuple[int, Sequence[Line]] | None = None
        self.hint = ""
        """What keys do here, said where there is room."""

    def show(self, about: object, draw: Draw) -> None:
        """Show what `draw` makes for a width; it is not called again while `about` is equal and so is the width."""
        if about != self._about or self._made is None:
            self._about, self._draw, self._made = about, draw, None
        self.redraw()

    def about(self) -> str:
        """Return the hint where there is room for it beside the names of the tabs."""
        return self.hint if self.size.width >= ROOMY else ""

    def _lines(self, width: int) -> Sequence[Line]:
        if self._made is None or self._made[0] != width:
            self._made = (width, self._draw(max(_LEAST_WIDTH, width - 2)))
        return self._made[1]

    def count(self) -> int:
        """Return how many lines there are."""
        return len(self._lines(self.size.width))

    def content(self, width: int, first: int, most: int) -> Sequence[Line]:
        """Return the lines in sight."""
        # At the least width there is no cell to spare.
        lead: Line = ((" ", ""),) if width > _LEAST_WIDTH else ()
        return [(*lead, *line) for line in self._lines(width)[first : first + most]]

    def why_empty(self) -> str:
        """Return what to say of nothing."""
        return "There is nothing to show."
