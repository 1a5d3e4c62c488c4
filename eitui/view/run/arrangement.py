"""Which columns the table shows, and in which order: the user's choice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import inf

from eitui.analysis.figures import is_parameter
from eitui.analysis.query.fields import Facts, Item
from eitui.view.kit.table import GAP, ColumnOf, choose_columns
from eitui.view.run.columns import COLUMNS, FIXED, Column, column_of

MOVABLE = tuple(column.key for column in COLUMNS if column.key not in FIXED)
"""Keys of the columns that can be moved and hidden, in their usual order."""


@dataclass(frozen=True)
class Arrangement:
    """An order of the columns after the fixed ones, and which of them are hidden."""

    order: tuple[str, ...] = MOVABLE
    """Keys of all of them, the hidden ones too: one that is shown again is where it was."""
    hidden: frozenset[str] = frozenset()

    @property
    def columns(self) -> tuple[Column, ...]:
        """The trial table's columns that are shown where there is room, among them those of hyper-parameters."""
        return self.of((*COLUMNS, *map(column_of, filter(is_parameter, self.order))))

    def of(self, columns: Sequence[ColumnOf[Item, Facts]]) -> tuple[ColumnOf[Item, Facts], ...]:
        """Return those of `columns`, a table's in their usual order, that are shown where there is room.

        One that was moved before another is no less important than that: it must not be out of sight where that is in.
        """
        fixed = [column for column in columns if column.key in FIXED]
        movable = {column.key: column for column in columns if column.key not in FIXED}
        usual = list(movable)
        order = [key for key in self.order if key in movable]
        shown = []
        for place, key in enumerate(order):
            if key not in self.hidden:
                usually_before = usual[: usual.index(key)]
                column = movable[key]
                first = min((movable[after].rank for after in order[place:] if after in usually_before), default=inf)
                shown.append(column if first >= column.rank else replace(column, rank=first + 0.5 + column.rank / 1000))
        return (*fixed, *shown)

    def offering(self, keys: Iterable[str]) -> "Arrangement":
        """Return it with columns that it does not have yet, hidden, after all others."""
        added = [key for key in keys if key not in self.order]
        return Arrangement((*self.order, *added), self.hidden.union(added))

    @property
    def without_offers(self) -> "Arrangement":
        """It without the hyper-parameters that are hidden: another run may not have them."""
        idle = frozenset(filter(is_parameter, self.hidden))
        return Arrangement(tuple(key for key in self.order if key not in idle), self.hidden - idle)

    def toggled(self, key: str) -> "Arrangement":
        """Return it with a column hidden, or shown again."""
        return Arrangement(self.order, self.hidden ^ {key})

    def moved(self, key: str, by: int) -> "Arrangement":
        """Return it with a column `by` places further on, as far as there are places."""
        others = [other for other in self.order if other != key]
        place = max(0, min(self.order.index(key) + by, len(others)))
        return Arrangement((*others[:place], key, *others[place:]), self.hidden)


USUAL = Arrangement()


def arranged(
    order: Iterable[str], hidden: Iterable[str], usual: Arrangement = USUAL, *, parameters: bool = False
) -> Arrangement:
    """Return the arrangement that these keys say, of which some may be unknown, missing or there twice.

    A column that is not in `order` comes after the one that it follows in `usual`, and is hidden if it is there.
    `parameters`: whether hyper-parameters have columns, which are known by their names alone.
    """
    known = list(dict.fromkeys(key for key in order if key in usual.order or (parameters and is_parameter(key))))
    known_keys = frozenset(known)
    for place, key in enumerate(usual.order):
        if key not in known_keys:
            known.insert(known.index(usual.order[place - 1]) + 1 if place else 0, key)
    return Arrangement(tuple(known), (usual.hidden - known_keys) | frozenset(hidden).intersection(known))


def window(width: int, moved: int, columns: Sequence[ColumnOf[Item, Facts]]) -> tuple[ColumnOf[Item, Facts], ...]:
    """Return those of `columns` to show in `width` cells: the important ones, or when `moved`, all from some one on.

    At 1 they begin with the first after the fixed ones, at 2 with the second; 0 is the usual choice.
    """
    usual = choose_columns(width, columns)
    if moved <= 0 or len(usual) == len(columns):
        return usual
    fixed = [column for column in columns if column.key in FIXED]
    others = [column for column in columns if column.key not in FIXED][moved - 1 :]
    used = sum(column.width + GAP for column in fixed)
    chosen = fixed if used - GAP <= width else list(choose_columns(width, fixed))
    for column in others:
        if used + column.width > width:
            break
        chosen.append(column)
        used += column.width + GAP
    return tuple(chosen)


def most_moved(width: int, columns: Sequence[ColumnOf[Item, Facts]]) -> int:
    """How far `window` can usefully be moved: until the last column is in sight, and all were on the way."""
    if len(choose_columns(width, columns)) == len(columns):
        return 0
    most = sum(column.key not in FIXED for column in columns)
    moved = 1
    while moved < most and window(width, moved, columns)[-1].key != columns[-1].key:
        moved += 1
    return moved
