"""What of a trial takes long to read, for the columns and filters that need it: some 0.2 ms a trial, read once."""

from collections.abc import Callable, Collection
from typing import Generic, TypeVar

from eitui.analysis.lens import Lens
from eitui.domain.trial import COMPLETED, Trial
from eitui.view.columns import WorstClass

AT_ONCE = 20
"""Trials that are read without letting anybody else have a turn: some 5 ms."""

T = TypeVar("T")


class Deep(Generic[T]):
    """One thing about trials. Asked `if_read`, it notes which trials it does not know, to be read by and by."""

    def __init__(self, read: Callable[[Trial], T], nothing: T) -> None:
        self._read = read
        self._nothing = nothing
        self._known: dict[str, tuple[Trial, T]] = {}
        self.wanted: dict[str, Trial] = {}
        """The trials that were asked about and are still to be read."""

    def read(self, trial: Trial) -> T:
        """Return it, read now where it is not known."""
        known = self._known.get(trial.id)
        # An equal trial is the same object: whatever changed about it makes another.
        if known is not None and known[0] is trial:
            return known[1]
        found = self._read(trial)
        self._known[trial.id] = (trial, found)
        return found

    def if_read(self, trial: Trial) -> T:
        """Return it where it is known, else nothing."""
        known = self._known.get(trial.id)
        if known is not None and known[0] is trial:
            return known[1]
        self.wanted[trial.id] = trial
        return self._nothing

    def read_some(self, most: int = AT_ONCE) -> bool:
        """Read of those that are wanted, `most` at most; whether there are none left."""
        for trial_id in list(self.wanted)[:most]:
            self.read(self.wanted.pop(trial_id))
        return not self.wanted

    def __len__(self) -> int:
        """How many trials it is known of."""
        return len(self._known)

    def forget(self, ids: Collection[str]) -> None:
        """Let go of all trials but those with these ids."""
        self._known = {key: known for key, known in self._known.items() if key in ids}


class Depths:
    """The worst classes of trials as seen through one lens, and what their blocks are called."""

    def __init__(self) -> None:
        self._lens = Lens()
        self.worst: Deep[WorstClass | None] = Deep(self._worst_of, None)
        self.titles: Deep[tuple[str, ...]] = Deep(_titles_of, ())

    def look(self, lens: Lens) -> None:
        """Look through another lens."""
        if lens != self._lens:
            self._lens = lens
            self.worst = Deep(self._worst_of, None)

    def worst_class(self, trial: Trial) -> WorstClass | None:
        """Return the class recognised least, read now."""
        return self.worst.read(trial) if _evaluated(trial) else None

    def worst_if_read(self, trial: Trial) -> WorstClass | None:
        """Return the class recognised least, where it was read."""
        return self.worst.if_read(trial) if _evaluated(trial) else None

    def recall_if_read(self, trial: Trial) -> float | None:
        """Return the recall of that class."""
        found = self.worst_if_read(trial)
        return None if found is None else found[1]

    def begin(self) -> None:
        """Forget which trials were asked about: they are about to be asked about anew."""
        self.worst.wanted.clear()
        self.titles.wanted.clear()

    @property
    def wanted(self) -> int:
        """How many are still to be read."""
        return len(self.worst.wanted) + len(self.titles.wanted)

    @property
    def kept(self) -> int:
        """Of how many trials something is kept, at most."""
        return max(len(self.worst), len(self.titles))

    def read_some(self) -> None:
        """Read on for a while."""
        if self.worst.read_some():
            self.titles.read_some()

    def forget(self, ids: Collection[str]) -> None:
        """Let go of all trials but those with these ids."""
        self.worst.forget(ids)
        self.titles.forget(ids)

    def _worst_of(self, trial: Trial) -> WorstClass | None:
        # Imported here, as in `_titles_of`: reading JSON takes long to load, which the first frame does not wait for.
        from eitui.api.detail import worst_recall

        return worst_recall(trial, self._lens.precision, self._lens.part)


def _titles_of(trial: Trial) -> tuple[str, ...]:
    from eitui.api.detail import block_titles

    return block_titles(trial)


def _evaluated(trial: Trial) -> bool:
    return trial.status == COMPLETED and bool(trial.evaluations)
