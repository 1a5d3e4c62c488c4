"""The table of impulses, with a filter that is typed at the bottom of it, as in the trial table."""

from collections.abc import Mapping, Sequence

from eitui.analysis.impulses import EXAMPLE, ImpulseQuery, Listed, Marked, Vocabularies
from eitui.domain.impulse import NO_IMPULSES, ImpulseTable
from eitui.tui.keys import Key
from eitui.tui.kit.list import RowList
from eitui.tui.widgets.filtered import Filtered, Language
from eitui.view.impulse.table import ImpulseColumn, ImpulseRows
from eitui.view.kit.keys import key_name, keyed
from eitui.view.kit.lines import Line, width_of, wrapped
from eitui.view.kit.marks import Mark
from eitui.view.kit.table import titles
from eitui.view.run.arrangement import Arrangement, most_moved, window
from eitui.view.run.filtering import in_force, nothing_left

_NO_ORDER = Arrangement((), frozenset())


class ImpulsePane(Filtered[Listed, Marked], RowList[str]):
    """One row an impulse; takes the keys of the group "Filter" while a filter is being typed."""

    def __init__(self, keys: Sequence[Key], opens: str) -> None:
        """Let a filter be typed at the key whose id is `opens`."""
        super().__init__(key_name("run.impulses"), "Impulses", id="impulses")
        self.rows = ImpulseRows()
        self.arrangement = _NO_ORDER
        self._table = NO_IMPULSES
        self._language = self._speak()
        self._note: tuple[str, str] = ("", "")
        self._empty = ""
        self._moved = 0
        self._columns: tuple[object, tuple[ImpulseColumn, ...]] = (None, ())
        self.take_keys(keys, opens)

    # What is shown

    def show(
        self, table: ImpulseTable | None, marks: Mapping[str, Mark], note: tuple[str, str], empty: str = ""
    ) -> None:
        """Show the impulses below `note`, a text and its tone; of none, `empty` says why.

        The cursor stays on its impulse, wherever that has gone.
        """
        self._note, self._empty = note, empty
        if table is not None and table is not self._table:
            at = self.rows.index_of(self.cursor) or 0
            self._table = table
            self.rows.show(table, marks)
            self._language = self._speak()
            if self.rows.index_of(self.cursor) is None:
                self.select(at)
        elif table is not None:
            self.rows.show(table, marks)
        self.redraw()

    def show_columns(self, arrangement: Arrangement) -> None:
        """Show other columns."""
        self.arrangement, self._moved = arrangement, 0
        self.redraw()

    @property
    def selected(self) -> Listed | None:
        """The impulse that the cursor is on; None where it is not in the table."""
        index = self.rows.index_of(self.cursor)
        return None if index is None else self.rows.items[index]

    def sort_by(self, key: str | None, *, reverse: bool) -> None:
        """Sort by a column, or by nothing."""
        self.rows.sort_by(key, reverse=reverse)
        self.redraw()

    # Moving

    def count(self) -> int:
        """Return how many impulses pass the filter."""
        return len(self.rows.items)

    def keys(self) -> Sequence[str]:
        """Return the key of each of them."""
        return [item.key for item in self.rows.items]

    def index_of(self, key: str | None) -> int | None:
        """Return the row of an impulse."""
        return self.rows.index_of(key)

    def select_key(self, key: str) -> bool:
        """Put the cursor on an impulse; False where it is not in the table."""
        return self.rows.index_of(key) is not None and super().select_key(key)

    def move_columns(self, by: int) -> None:
        """Bring columns into sight that do not fit."""
        most = most_moved(self.size.width, self.arrangement.of(self.rows.columns))
        self._moved = max(0, min(self._moved + by, most))
        self.redraw()

    # The filter

    def _speak(self) -> Language[Listed, Marked]:
        fields = Vocabularies(self._table)
        return Language(fields.parse, fields.completions, fields.starts, f"{EXAMPLE}  name:word  and or not ( )")

    def language(self) -> Language[Listed, Marked]:
        """Return what filters are written in: the fields are the service's."""
        return self._language

    def in_force(self) -> ImpulseQuery:
        """Return the filter that is in force."""
        return self.rows.filter

    def no_filter(self) -> ImpulseQuery:
        """Return the filter that everything passes."""
        return ImpulseQuery()

    def counts(self) -> tuple[int, int]:
        """Return how many pass, and how many there are."""
        return len(self.rows.items), len(self.rows.all)

    def clear_filter(self) -> bool:
        """Show all impulses again; whether there was a filter."""
        had = bool(self.rows.filter)
        self.put_in_force(ImpulseQuery())
        return had

    def put_in_force(self, query: ImpulseQuery) -> None:
        """Filter by `query`."""
        at = self.rows.index_of(self.cursor) or 0
        self.rows.filter_by(query)
        if self.rows.index_of(self.cursor) is None:
            self.select(at)
        self.redraw()

    # What is drawn

    def above(self, width: int, height: int) -> Sequence[Line]:
        """Return what is said of them, and the columns' titles."""
        return [*self._saying(width), titles(self._chosen(width), self.rows.sort, reverse=self.rows.reverse)]

    def title(self, width: int) -> Line:
        """Return the title, with the filter and where the cursor is."""
        return self._title(width, self._placed(self.rows.index_of(self.cursor), self._chosen(width)))

    def content(self, width: int, first: int, most: int) -> Sequence[Line]:
        """Return the rows in sight."""
        columns = self._chosen(width)
        return self.with_cursor([self.rows.line(index, columns) for index in range(first, first + most)], first)

    def empty(self, width: int, height: int) -> Sequence[Line]:
        """Return what is said, and why there is no row."""
        reason = wrapped(self.why_empty(), width - 2)
        return [self._title(width, ""), *self._saying(width), *(((" ", ""), *line) for line in reason)]

    def _saying(self, width: int) -> list[Line]:
        return [((" ", ""), *line) for line in wrapped(self._note[0], width - 2, self._note[1])]

    def _chosen(self, width: int) -> tuple[ImpulseColumn, ...]:
        key = (width, self._moved, self.arrangement, self.rows.columns)
        if self._columns[0] != key:
            self._columns = (key, window(width, self._moved, self.arrangement.of(self.rows.columns)))
        return self._columns[1]

    def _title(self, width: int, place: str) -> Line:
        rows = self.rows
        room = width - width_of(self.titles(names=False)) - len(place) - 5
        return self.title_line(width, place, in_force(rows.filter, len(rows.items), len(rows.all), room=room))

    def why_empty(self) -> str:
        """Why there are none."""
        rows = self.rows
        if rows.filter and rows.all:
            return nothing_left(rows.filter, len(rows.all), still_typing=self._typed is not None, what="impulse")
        return self._empty

    def _placed(self, cursor: int | None, columns: Sequence[ImpulseColumn]) -> str:
        rows = self.rows
        more = not rows.filter and len(columns) < len(self.arrangement.of(rows.columns))
        parts = [
            f"row {'–' if cursor is None else cursor + 1}/{len(rows.items)}",
            f"by {(rows.sort.title or 'mark').lower()}" if rows.sort else "",
            f"{len(rows.beside.marks)} marked" if rows.beside.marks else "",
            keyed("{move.left}{move.right} more columns") if more else "",
        ]
        return " · ".join(filter(None, parts))
