"""What of a trial takes long to read, for the columns and filters that need it: some 0.2 ms a trial, read once."""

from collections.abc import Callable, Collection, Iterable, Mapping
from sys import intern
from typing import Generic, TypeVar

from eitui.analysis.figures import Details, FigureValue, Lens, WorstClass
from eitui.domain.trial import COMPLETED, Trial

AT_ONCE = 20
"""Trials that are read without letting anybody else have a turn: some 5 ms."""

_T = TypeVar("_T")


class Deep(Generic[_T]):
    """One thing about trials. Asked `if_read`, it notes which trials it does not know, to be read by and by."""

    def __init__(self, read: Callable[[Trial], _T], nothing: _T) -> None:
        self._read = read
        self._nothing = nothing
        self._known: dict[str, tuple[Trial, _T]] = {}
        self.wanted: dict[str, Trial] = {}
        """The trials that were asked about and are still to be read."""

    def read(self, trial: Trial) -> _T:
        """Return it, read now where it is not known."""
        if not self._knows(trial):
            self._known[trial.id] = (trial, self._read(trial))
        return self._known[trial.id][1]

    def if_read(self, trial: Trial) -> _T:
        """Return it where it is known, else nothing."""
        if self._knows(trial):
            return self._known[trial.id][1]
        self.wanted[trial.id] = trial
        return self._nothing

    def known(self, trials: Iterable[Trial]) -> list[_T]:
        """Return it of those trials of which it was read, as they are now."""
        return [self._known[trial.id][1] for trial in trials if self._knows(trial)]

    def _knows(self, trial: Trial) -> bool:
        """Whether it was read from the same JSON. An equal trial is mostly the same object."""
        known = self._known.get(trial.id)
        return known is not None and (known[0] is trial or trial.is_unchanged(known[0]))

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


_NO_PARAMETERS: Mapping[str, FigureValue] = {}


class Depths:
    """The worst classes of trials as seen through one lens, their hyper-parameters, and the titles of their blocks."""

    def __init__(self) -> None:
        self._lens = Lens()
        self.worst: Deep[WorstClass | None] = Deep(self._worst_of, None)
        self.names = set[str]()
        """The hyper-parameters that any trial was seen to have."""
        self.parameters: Deep[Mapping[str, FigureValue]] = Deep(self._parameters_of, _NO_PARAMETERS)
        self.titles: Deep[tuple[str, ...]] = Deep(_titles_of, ())
        self.read = Details(
            lambda trial: self.worst.read(trial) if _evaluated(trial) else None,
            self.parameters.read,
            self.titles.read,
        )
        """Reads at once: for what is looked at."""
        self.if_read = Details(
            lambda trial: self.worst.if_read(trial) if _evaluated(trial) else None,
            self.parameters.if_read,
            self.titles.if_read,
        )
        """Knows what was read, and notes the rest: for sorting and filtering, which ask of every trial."""

    def look(self, lens: Lens) -> None:
        """Look through another lens."""
        if lens != self._lens:
            self._lens = lens
            self.worst = Deep(self._worst_of, None)

    @property
    def _all(self) -> "tuple[Deep[WorstClass | None], Deep[Mapping[str, FigureValue]], Deep[tuple[str, ...]]]":
        return self.worst, self.parameters, self.titles

    def begin(self) -> None:
        """Forget which trials were asked about: they are about to be asked about anew."""
        for deep in self._all:
            deep.wanted.clear()

    @property
    def wanted(self) -> int:
        """How many are still to be read."""
        return sum(len(deep.wanted) for deep in self._all)

    @property
    def kept(self) -> int:
        """Of how many trials something is kept, at most."""
        return max(len(deep) for deep in self._all)

    def read_some(self) -> None:
        """Read on for a while."""
        next((deep for deep in self._all if deep.wanted), self.titles).read_some()

    def forget(self, ids: Collection[str]) -> None:
        """Let go of all trials but those with these ids."""
        for deep in self._all:
            deep.forget(ids)

    def _worst_of(self, trial: Trial) -> WorstClass | None:
        # Imported here, as in `_titles_of`: reading JSON takes long to load, which the first frame does not wait for.
        from eitui.api.detail import worst_recall

        return worst_recall(trial, self._lens.precision, self._lens.part)

    def _parameters_of(self, trial: Trial) -> Mapping[str, FigureValue]:
        from eitui.api.detail import parameters_of

        # The names are those of every other trial: kept once.
        found = {intern(name): value for name, value in parameters_of(trial).items()}
        self.names.update(found)
        return found


def _titles_of(trial: Trial) -> tuple[str, ...]:
    from eitui.api.detail import block_titles

    return block_titles(trial)


def _evaluated(trial: Trial) -> bool:
    return trial.status == COMPLETED and bool(trial.evaluations)
