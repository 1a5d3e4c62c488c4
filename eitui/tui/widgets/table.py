"""Rows in columns that the user chose, with a filter that is typed at the bottom of them."""

from collections.abc import Sequence
from typing import Any, Protocol

from eitui.analysis.figures import Lens
from eitui.analysis.query.fields import Facts, Item
from eitui.analysis.query.grammar import QueryOf
from eitui.tui.kit.lines import indented
from eitui.tui.kit.list import RowList
from eitui.tui.widgets.filtered import Filtered
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import Line, width_of, wrapped
from eitui.view.kit.table import ColumnOf, group_titles, titles
from eitui.view.run.columns import Arrangement, most_moved, window
from eitui.view.run.filtering import in_force

_LENS = Lens()

TALL = 16
"""Lines from which there is room for a heading over columns of one kind."""


class Rows(Protocol[Item, Facts]):
    """What of the rows a table asks for, whatever they are of."""

    filter: QueryOf[Item, Facts]
    reverse: bool

    @property
    def sort(self) -> ColumnOf[Item, Any] | None:
        """The column that is sorted by."""

    def index_of(self, key: str | None, /) -> int | None:
        """Return the row of an item; None where it is not in the table."""

    def line(self, index: int, columns: Any, /) -> Line:
        """Return a row."""


class Table(Filtered[Item, Facts], RowList[str]):
    """Columns that do not fit are moved into sight; the title says where the cursor is."""

    rows: Rows[Item, Facts]
    arrangement: Arrangement
    _moved = 0
    _columns: tuple[object, tuple[ColumnOf[Item, Any], ...]] = (None, ())

    # What there is

    @property
    def items(self) -> Sequence[Item]:
        """What passes the filter, in the order of the rows."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    @property
    def arranged(self) -> tuple[ColumnOf[Item, Any], ...]:
        """The columns that the user chose, whether they fit or not."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    @property
    def lens(self) -> Lens:
        """Whose figures the columns' titles name."""
        return _LENS

    def saying(self, width: int) -> list[Line]:
        """Return what is said of all rows, above them."""
        return []

    def notes(self) -> list[str]:
        """Return what the title says beside the cursor's row."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    @property
    def selected(self) -> Item | None:
        """What the cursor is on; None where that is not in the table."""
        index = self.index_of(self.cursor)
        return None if index is None else self.items[index]

    def count(self) -> int:
        """Return how many rows there are."""
        return len(self.items)

    def index_of(self, key: str | None) -> int | None:
        """Return the row with a key, as the rows know it."""
        return self.rows.index_of(key)

    def in_force(self) -> QueryOf[Item, Facts]:
        """Return the filter that is in force."""
        return self.rows.filter

    def no_filter(self) -> QueryOf[Item, Facts]:
        """Return the filter that everything passes."""
        return QueryOf()

    def move_columns(self, by: int) -> None:
        """Bring columns into sight that do not fit."""
        self._moved = max(0, min(self._moved + by, most_moved(self.size.width, self.arranged)))
        self.redraw()

    # What is drawn

    def title(self, width: int) -> Line:
        """Return the title, with the filter and where the cursor is."""
        cursor, more = self.index_of(self.cursor), len(self.in_sight(self.size.width)) < len(self.arranged)
        parts = [
            f"row {'–' if cursor is None else cursor + 1}/{len(self.items)}",
            *self.notes(),
            keyed("{move.left}{move.right} more columns") if more and not self.rows.filter else "",
        ]
        return self._title(width, " · ".join(filter(None, parts)))

    def above(self, width: int, height: int) -> Sequence[Line]:
        """Return what is said of the rows, and the columns' titles."""
        columns = self.in_sight(width)
        heads = titles(columns, self.rows.sort, reverse=self.rows.reverse, lens=self.lens)
        groups = group_titles(columns, self.lens) if height >= TALL else ()
        return [*self.saying(width), *([groups] if groups else []), heads]

    def content(self, width: int, first: int, most: int) -> Sequence[Line]:
        """Return the rows in sight."""
        columns = self.in_sight(width)
        return self.with_cursor([self.rows.line(index, columns) for index in range(first, first + most)], first)

    def empty(self, width: int, height: int) -> Sequence[Line]:
        """Return what is said, and why there is no row."""
        reason = wrapped(self.why_empty(), width - 2)
        return [self._title(width, ""), *self.saying(width), *indented(reason)]

    def in_sight(self, width: int) -> tuple[ColumnOf[Item, Any], ...]:
        """Return the columns that fit, the same object as long as they are the same."""
        arranged = self.arranged
        key = (width, self._moved, arranged)
        if self._columns[0] != key:
            self._columns = (key, window(width, self._moved, arranged))
        return self._columns[1]

    def _title(self, width: int, place: str) -> Line:
        query = self.rows.filter
        if not query:
            return self.title_line(width, place)
        room = width - width_of(self.titles(names=False)) - len(place) - 5
        return self.title_line(width, place, in_force(query, *self.counts(), room=room), names=False)
