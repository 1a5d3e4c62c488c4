"""The table of impulses, with a filter that is typed at the bottom of it, as in the trial table."""

from collections.abc import Mapping, Sequence

from eitui.analysis.impulses import EXAMPLE, ImpulseQuery, Listed, Marked, Vocabularies
from eitui.domain.impulse import NO_IMPULSES, ImpulseTable
from eitui.tui.keys import Key
from eitui.tui.kit.lines import indented
from eitui.tui.widgets.filtered import Language
from eitui.tui.widgets.table import Table
from eitui.view.impulse.table import ImpulseColumn, ImpulseRows
from eitui.view.kit.keys import key_name
from eitui.view.kit.lines import Line, wrapped
from eitui.view.kit.marks import Mark
from eitui.view.run.columns import Arrangement
from eitui.view.run.filtering import nothing_left

_NO_ORDER = Arrangement((), frozenset())


class ImpulsePane(Table[Listed, Marked]):
    """One row an impulse."""

    rows: ImpulseRows

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__(key_name("run.impulses"), "Impulses", id="impulses")
        self.rows = ImpulseRows()
        self.arrangement = _NO_ORDER
        self._table = NO_IMPULSES
        self._language = self._speak()
        self._note: tuple[str, str] = ("", "")
        self._empty = ""
        self.take_keys(keys)

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

    def sort_by(self, key: str | None, *, reverse: bool) -> None:
        """Sort by a column, or by nothing."""
        self.rows.sort_by(key, reverse=reverse)
        self.redraw()

    # Moving

    @property
    def items(self) -> Sequence[Listed]:
        """The impulses that pass the filter."""
        return self.rows.items

    @property
    def arranged(self) -> tuple[ImpulseColumn, ...]:
        """The columns that the user chose."""
        return self.arrangement.of(self.rows.columns)

    def keys(self) -> Sequence[str]:
        """Return the key of each of them."""
        return [item.key for item in self.rows.items]

    def select_key(self, key: str) -> bool:
        """Put the cursor on an impulse; False where it is not in the table."""
        return self.rows.index_of(key) is not None and super().select_key(key)

    # The filter

    def _speak(self) -> Language[Listed, Marked]:
        fields = Vocabularies(self._table)
        return Language(fields.parse, fields.completions, fields.starts, f"{EXAMPLE}  name:word  and or not ( )")

    def language(self) -> Language[Listed, Marked]:
        """Return what filters are written in: the fields are the service's."""
        return self._language

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

    def saying(self, width: int) -> list[Line]:
        """Return the note."""
        return indented(wrapped(self._note[0], width - 2, self._note[1]))

    def notes(self) -> list[str]:
        """Return what is sorted by, and how many are marked."""
        rows = self.rows
        return [
            f"by {(rows.sort.title or 'mark').lower()}" if rows.sort else "",
            f"{len(rows.beside.marks)} marked" if rows.beside.marks else "",
        ]

    def why_empty(self) -> str:
        """Why there are none."""
        rows = self.rows
        if rows.filter and rows.all:
            return nothing_left(rows.filter, len(rows.all), still_typing=self._typed is not None, what="impulse")
        return self._empty
