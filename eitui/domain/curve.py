"""The curve of one trial: its epochs, as polls told them and as its log did."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import pairwise
from operator import lt

_ROUNDING, _SHARE = 1e-4, 0.005
"""Absolute and relative difference of two figures that are still the same: logs round to four digits."""

_AGREES, _FITS, _ODD, _DIFFERS, _NEVER = 4, 0, -2, -3, -100
"""What it is worth to place an epoch where the others have the same one, where one is missing, where numbers or times
are against it, where they have another one, and where none can be."""

_UNTOLD = -1
"""What it is worth to begin a phase that the others do not tell of."""

_SAME_NUMBERS = 3
"""So many epochs that differ, and none that agrees: log and polls measure differently, and the number must do."""

_MOST_PHASES = 16
"""Phases of a training, far more than there are: what one epoch is compared with stays bounded."""


@dataclass(frozen=True)
class Epoch:
    """The figures of one epoch, as they were told. None is a figure the service sent as null (NaN)."""

    epoch: int
    loss: float | None = None
    val_loss: float | None = None
    accuracy: float | None = None
    val_accuracy: float | None = None
    seen_at: float | None = 0.0
    """Seconds since the Unix epoch, by this machine's clock; None: no poll told this epoch, only the log."""
    completed_at: float | None = None
    """The same by the service's clock, of the end of the epoch; None: it did not tell."""


Epochs = tuple[Epoch, ...]
"""Epochs in the order of training. Where the number does not rise, a phase of training begins."""


@dataclass(frozen=True)
class LogPart:
    """What was read of a log at once, within which no epoch is missing."""

    epochs: Epochs = ()
    """With `seen_at` None."""
    from_start: bool = False
    """Whether nothing was trained before it."""
    to_end: bool = False
    """Whether the trial was over when it was read."""


@dataclass(frozen=True)
class Curve:
    """What is known of the epochs of one trial. Numbers that are missing were never told."""

    polled: Epochs = ()
    """Those that polls told."""
    earlier: tuple[Epochs, ...] = ()
    """Attempts before a retry, oldest first."""
    retries: int = 0
    """The trial's retries when this attempt began."""
    logged: tuple[LogPart, ...] = ()
    """Those that the log told, oldest first."""
    log_read: bool = False
    """Whether the log of this attempt was read."""
    log_ended: bool = False
    """Whether it was read when the trial was over: it will tell nothing more."""
    doubtful: Epoch | None = None
    """A lower epoch in the latest poll: an old answer, or the beginning of a phase, which the next poll tells."""

    @cached_property
    def epochs(self) -> Epochs:
        """Every epoch that polls or the log told, once, in order."""
        return reduce(with_part, self.logged, self.polled)

    @property
    def length(self) -> int:
        """From the first epoch that is known to the last, both included; 0 where none is."""
        steps = steps_of(self.epochs)
        return steps[-1] - steps[0] + 1 if steps else 0


EMPTY_CURVE = Curve()


def phases_of(epochs: Epochs) -> list[Epochs]:
    """Return the phases of training: in each the numbers rise."""
    numbers = [epoch.epoch for epoch in epochs]
    if all(map(lt, numbers, numbers[1:])):
        return [epochs] if epochs else []
    begins = [place for place, (one, other) in enumerate(pairwise(numbers), 1) if other <= one]
    return [epochs[begin:end] for begin, end in pairwise([0, *begins, len(epochs)])]


def steps_of(epochs: Epochs) -> list[int]:
    """Return for each epoch how many were trained until its end, counted on through all phases."""
    numbers = [epoch.epoch for epoch in epochs]
    if all(map(lt, numbers, numbers[1:])):
        return numbers  # one phase, as nearly always
    steps: list[int] = []
    before = 0
    for phase in phases_of(epochs):
        steps += [before + epoch.epoch for epoch in phase]
        before += phase[-1].epoch
    return steps


def agree(one: Epoch, other: Epoch) -> bool:
    """Return whether two epochs with one number may be the same: a loss is equal but for rounding.

    Where neither loss can be compared the accuracies are; where nothing can be, nothing speaks against it.
    """
    losses = [(one.loss, other.loss), (one.val_loss, other.val_loss)]
    accuracies = [(one.accuracy, other.accuracy), (one.val_accuracy, other.val_accuracy)]
    for pairs in (losses, accuracies):
        known = [(a, b) for a, b in pairs if a is not None and b is not None]
        if known:
            return any(math.isclose(a, b, rel_tol=_SHARE, abs_tol=_ROUNDING) for a, b in known)
    return True


def with_part(first: Epochs, logged: LogPart) -> Epochs:
    """Return `first` and the epochs of `logged`, each once, in order; of two that are the same, that of `first`.

    Neither need be whole: polls miss epochs and whole phases, and a log may begin in the middle. The numbers alone do
    not tell to which phase an epoch belongs; figures that agree do, and times.
    """
    second = logged.epochs
    if not first or not second:
        return first or second
    parts = [{epoch.epoch: epoch for epoch in phase} for phase in phases_of(second)[-_MOST_PHASES:]]
    spare = len(phases_of(first)) + 1
    if spare > _MOST_PHASES:
        return first
    times = [epoch.completed_at for epoch in second if epoch.completed_at is not None]
    began, ended = (min(times), max(times)) if times else (math.inf, -math.inf)
    within = [one for one in first if not times or one.completed_at is None or began <= one.completed_at <= ended]
    pairs = [(epoch, part[epoch.epoch]) for epoch in within for part in parts if epoch.epoch in part]
    by_number = len({epoch for epoch, _ in pairs}) >= _SAME_NUMBERS and not any(agree(*pair) for pair in pairs)
    # A log that was read to its end cannot hold less of a phase than the polls saw: it is of another one.
    by_number = by_number and not (logged.to_end and any(one.epoch > max(parts[-1]) for one in within))

    def worth(epoch: Epoch, place: int) -> int:
        at, number = epoch.completed_at, epoch.epoch
        before, after = at is None or at < began, at is None or at > ended
        if place < spare:
            return _NEVER if logged.from_start else _FITS if before else _DIFFERS
        if place >= spare + len(parts):
            return _NEVER if logged.to_end else _FITS if after else _DIFFERS
        part = parts[place - spare]
        if (other := part.get(number)) is not None:
            return 1 if by_number else _AGREES if agree(epoch, other) else _DIFFERS
        if number < min(part):
            return _FITS if place == spare and before else _ODD
        if number > max(part):
            return _FITS if place == spare + len(parts) - 1 and after else _ODD
        return _FITS

    # Phases that `second` does not tell of may lie before and after those that it does.
    phases: list[dict[int, Epoch]] = [{} for _ in range(spare)] + [dict(part) for part in parts]
    phases += ({} for _ in range(spare))
    entry = [_FITS if spare <= place < spare + len(parts) else _UNTOLD for place in range(len(phases))]
    places = _places(first, entry, [[worth(epoch, place) for epoch in first] for place in range(len(phases))])
    for epoch, place in zip(first, places, strict=True):
        phases[place][epoch.epoch] = epoch
    return tuple(phase[number] for phase in phases for number in sorted(phase))


def _places(epochs: Epochs, entry: Sequence[int], worth: Sequence[Sequence[int]]) -> list[int]:
    """Return for each epoch its phase, so that the sum of `worth[phase][epoch]` and of `entry[phase]` is greatest.

    Phases never fall; within one the numbers rise.
    """
    count = len(worth)
    best: list[float] = list(entry)
    came: list[list[int]] = []
    last = -math.inf
    for index, epoch in enumerate(epochs):
        scores: list[float] = []
        origins = []
        top, top_at = -math.inf, -1
        for place in range(count):
            stay = best[place] if epoch.epoch > last else -math.inf
            enter = top + entry[place]
            score, origin = (stay, place) if stay >= enter else (enter, top_at)
            scores.append(score + worth[place][index])
            origins.append(origin)
            if best[place] >= top:
                top, top_at = best[place], place
        best, last = scores, epoch.epoch
        came.append(origins)
    place = best.index(max(best))
    places = []
    for origins in reversed(came):
        places.append(place)
        place = origins[place]
    return places[::-1]
