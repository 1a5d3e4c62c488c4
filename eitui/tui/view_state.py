"""What the monitor remembers from one time to the next, in a file of the user's."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eitui.config.files import NotWritten, write
from eitui.domain.text import clean
from eitui.errors import Code, EituiError
from eitui.storage.directory import make_private
from eitui.view.run.columns import USUAL, Arrangement, arranged

LARGEST = 64 * 1024
"""Bytes; what is larger is not ours."""

TRIALS, _IMPULSES = "columns", "impulse_columns"
"""What the columns of each table are called in the file."""


class Forgotten(EituiError):
    """Something could not be remembered."""

    code = Code.FILE


class ViewState:
    """Keeps the tables' columns.

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
        content = {each: {"order": order, "hidden": sorted(out)} for each, (order, out) in kept.items() if order}
        try:
            make_private(self._file.parent)
            write(self._file, (json.dumps(content, indent=1) + "\n").encode())
        except (NotWritten, OSError) as error:
            why = error.why if isinstance(error, NotWritten) else error.strerror or type(error).__name__
            raise Forgotten(
                f"The columns could not be saved: {clean(str(self._file))}: {clean(why)}. They apply until you quit"
            ) from None

    def _unreadable(self, why: str) -> Forgotten:
        return Forgotten(f"Default columns are shown: {clean(str(self._file))} cannot be read: {clean(why)}")


def _columns_in(content: bytes, name: str) -> tuple[tuple[str, ...], frozenset[str]] | None:
    """Return the order of a table's columns and which are hidden, nothing of a table not spoken of; None: damaged."""
    if len(content) > LARGEST:
        return None
    try:
        stored: dict[str, Any] = json.loads(content)
        if not {TRIALS, _IMPULSES}.intersection(stored):
            return None
        columns = stored.get(name, {"order": [], "hidden": []})
        order, hidden = columns["order"], columns["hidden"]
    except (ValueError, RecursionError, TypeError, AttributeError, KeyError, IndexError):
        return None
    return (tuple(order), frozenset(hidden)) if _are_words(order) and _are_words(hidden) else None


def _are_words(stored: Sequence[object]) -> bool:
    return isinstance(stored, list) and all(isinstance(word, str) for word in stored)
