"""What the monitor remembers from one time to the next, in a file of the user's."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eitui.config.files import NotWritten, write
from eitui.domain.text import clean
from eitui.errors import Code, EituiError
from eitui.storage.directory import make_private
from eitui.view.run.columns import USUAL, Arrangement, arranged

LARGEST = 64 * 1024
"""Bytes; what is larger is not ours."""

_PANES = "panes"

MOST_CELLS = 500
"""Cells or lines by which a pane may be larger or smaller than usual."""

TRIALS, _IMPULSES = "columns", "impulse_columns"
"""What the columns of each table are called in the file."""


class Forgotten(EituiError):
    """Something could not be remembered."""

    code = Code.FILE


@dataclass(frozen=True)
class Panes:
    """Which panes of the monitor are hidden, and how much larger or smaller than usual others are."""

    hidden: frozenset[str] = frozenset()
    beside: int = 0
    """Columns of the selected trial beside the table."""
    charts: int = 0
    """Lines of the curves."""
    lower: int = 0
    """Lines of the panes at the bottom."""


USUAL_PANES = Panes()


class ViewState:
    """Keeps the tables' columns and the sizes of panes.

    Args:
        file: where; None: nowhere.

    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file

    def columns(self) -> Arrangement:
        """Return the trial table's columns that were kept, or the usual ones.

        Raises:
            Forgotten: there is a file, but not one that says them.
        """
        return self._columns(TRIALS, USUAL)

    def impulse_columns(self, usual: Arrangement) -> Arrangement:
        """Return the columns of the impulses that were kept, as far as this project has them, or the usual ones.

        Raises:
            Forgotten: there is a file, but not one that says them.
        """
        return self._columns(_IMPULSES, usual)

    def keep_columns(self, columns: Arrangement) -> None:
        """Remember these columns of the trial table. May wait for the disk.

        Raises:
            Forgotten: they could not be written.
        """
        self._keep(TRIALS, columns.order, columns.hidden)

    def keep_impulse_columns(self, columns: Arrangement) -> None:
        """Remember these columns of the impulses, and of those that only other projects have what was kept.

        Raises:
            Forgotten: they could not be written.
        """
        order, hidden = self._kept(_IMPULSES)
        others = [key for key in order if key not in columns.order]
        self._keep(_IMPULSES, (*columns.order, *others), columns.hidden | hidden.intersection(others))

    def panes(self) -> Panes:
        """Return the panes that were kept, or the usual ones where none were, or what was kept cannot be read."""
        try:
            return _panes_in(self._content() or b"")
        except Forgotten:
            return Panes()  # `columns` has told it.

    def keep_panes(self, panes: Panes) -> None:
        """Remember these panes. May wait for the disk.

        Raises:
            Forgotten: they could not be written.
        """
        self._write({name: self._kept(name) for name in (TRIALS, _IMPULSES)}, panes)

    def _columns(self, name: str, usual: Arrangement) -> Arrangement:
        content = self._content()
        if content is None:
            return usual
        found = _columns_in(content, name)
        if found is None:
            raise self._unreadable("damaged, or not eitui's")
        return arranged(*found, usual, parameters=name == TRIALS)

    def _kept(self, name: str) -> tuple[tuple[str, ...], frozenset[str]]:
        try:
            content = self._content()
        except Forgotten:
            content = None
        return (None if content is None else _columns_in(content, name)) or ((), frozenset())

    def _content(self) -> bytes | None:
        """Return what is in the file; None where there is none."""
        if self._file is None:
            return None
        try:
            with self._file.open("rb") as file:
                return file.read(LARGEST + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unreadable(error.strerror or type(error).__name__) from None

    def _keep(self, name: str, order: Sequence[str], hidden: frozenset[str]) -> None:
        if self._file is None:
            return
        kept = {other: self._kept(other) for other in (TRIALS, _IMPULSES)} | {name: (tuple(order), hidden)}
        self._write(kept, self.panes())

    def _write(self, kept: Mapping[str, tuple[tuple[str, ...], frozenset[str]]], panes: Panes) -> None:
        if self._file is None:
            return
        content: dict[str, Any] = {
            each: {"order": order, "hidden": sorted(out)} for each, (order, out) in kept.items() if order
        }
        if panes != Panes() or not content:
            content[_PANES] = asdict(panes) | {"hidden": sorted(panes.hidden)}
        try:
            make_private(self._file.parent)
            write(self._file, (json.dumps(content, indent=1) + "\n").encode())
        except (NotWritten, OSError) as error:
            why = error.why if isinstance(error, NotWritten) else error.strerror or type(error).__name__
            raise Forgotten(
                f"The view could not be saved: {clean(str(self._file))}: {clean(why)}. It applies until you quit"
            ) from None

    def _unreadable(self, why: str) -> Forgotten:
        return Forgotten(f"Default columns are shown: {clean(str(self._file))} cannot be read: {clean(why)}")


def _columns_in(content: bytes, name: str) -> tuple[tuple[str, ...], frozenset[str]] | None:
    """Return the order of a table's columns and which are hidden, nothing of a table not spoken of; None: damaged."""
    if len(content) > LARGEST:
        return None
    try:
        stored: dict[str, Any] = json.loads(content)
        if not {TRIALS, _IMPULSES, _PANES}.intersection(stored):
            return None
        columns = stored.get(name, {"order": [], "hidden": []})
        order, hidden = columns["order"], columns["hidden"]
    except (ValueError, RecursionError, TypeError, AttributeError, KeyError, IndexError):
        return None
    return (tuple(order), frozenset(hidden)) if _are_words(order) and _are_words(hidden) else None


def _panes_in(content: bytes) -> Panes:
    """Return the panes that are kept; the usual ones where there are none."""
    try:
        stored = json.loads(content)[_PANES]
        hidden, sizes = stored["hidden"], {name: stored[name] for name in ("beside", "charts", "lower")}
    except (ValueError, RecursionError, TypeError, KeyError, IndexError):
        return Panes()
    if not _are_words(hidden) or not all(type(size) is int and abs(size) <= MOST_CELLS for size in sizes.values()):
        return Panes()
    return Panes(frozenset(hidden), **sizes)


def _are_words(stored: Sequence[object]) -> bool:
    return isinstance(stored, list) and all(isinstance(word, str) for word in stored)
