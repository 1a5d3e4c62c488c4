"""The figures of a trial: how each is read, and the one table that everything which lists figures comes from.

To add a figure, add a row to `FIGURES`. It becomes a column of the trial table, a field of the filter and of `--until`
with its help and completion, a sort key, a column of the exports, a row of the comparison and a key of `status --json`.
The hyper-parameters of a run are figures too: `varying` finds them, `figure` makes one of its name.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from functools import lru_cache
from typing import Literal, TypeAlias, TypeVar

from eitui.domain.curve import Epoch
from eitui.domain.run import Config, Run, Target
from eitui.domain.text import clean
from eitui.domain.trial import (
    COMPLETED,
    FAILED,
    FLOAT32,
    INT8,
    PENDING,
    RUNNING,
    TEST,
    TRAIN,
    VALIDATION,
    Evaluation,
    Performance,
    Progress,
    Trial,
)

Number = TypeVar("Number", int, float)

FigureValue: TypeAlias = str | float
"""A figure: a number (also a whole one or a switch), or a word."""

LARGEST_ACCURACY = 1e6
"""What is beyond it is no accuracy (0..1), and cannot be shown as one."""

_NONE = Evaluation()
_NO_COST = Performance()


def finite(value: float | None) -> float | None:
    """Return `value` if it is an ordinary number, or None: also for whole numbers beyond what a float holds."""
    try:
        return value if value is not None and math.isfinite(value) else None
    except OverflowError:
        return None


def precision_of(run: Run) -> str:
    """Return the precision a run is about: what it optimises for, else what its trials have, int8 first."""
    seen = {precision for trial in run.completed for _, precision in trial.evaluations}
    wanted = run.config.precision
    if wanted and (wanted in seen or not seen):
        return wanted
    return FLOAT32 if FLOAT32 in seen and INT8 not in seen else INT8


def has_accuracy(figures: Progress | Epoch) -> bool:
    """Return whether an epoch carries an accuracy.

    Where the service computes none (regression, detection without FOMO) it sends exactly 0 for both parts.
    """
    return bool(figures.accuracy) or bool(figures.val_accuracy)


def loss_of(trial: Trial, precision: str, part: str = VALIDATION) -> float | None:
    """Return the loss on `part`: of the trained network, else of the latest epoch, which has none for `test`."""
    found = finite(_evaluation(trial, part, precision).loss)
    if found is not None or part == TEST:
        return found
    return finite(trial.progress.loss if part == TRAIN else trial.progress.val_loss)


def accuracy(trial: Trial, precision: str, part: str = VALIDATION) -> float | None:
    """Return the accuracy (0..1) on `part`; None if there is none.

    It is that of the trained network, else of the latest epoch, which has none for `test`.
    """
    found = _sane(_evaluation(trial, part, precision).accuracy)
    if found is not None or part == TEST:
        return found
    progress = trial.progress
    if not has_accuracy(progress):
        return None
    return _sane(progress.accuracy if part == TRAIN else progress.val_accuracy)


def cost(trial: Trial, precision: str) -> Performance:
    """Return what the network costs on the target at `precision`; figures that cannot be (negative) are None."""
    known = trial.performance.get(precision, _NO_COST)
    return Performance(_possible(known.latency_ms), _possible(known.ram_bytes), _possible(known.rom_bytes))


def _evaluation(trial: Trial, part: str, precision: str) -> Evaluation:
    """Return the evaluation of a trained network; one that still trains, or trains anew, has none that counts."""
    return trial.evaluations.get((part, precision), _NONE) if trial.status == COMPLETED else _NONE


def _sane(accuracy: float | None) -> float | None:
    return accuracy if accuracy is not None and abs(accuracy) <= LARGEST_ACCURACY else None


def _possible(value: Number | None) -> Number | None:
    return value if value is not None and finite(value) is not None and value >= 0 else None


@dataclass(frozen=True)
class Lens:
    """A part of the data set and a precision: those whose figures are looked at."""

    part: str = VALIDATION
    """`validation`, `test` or `train`."""
    precision: str = INT8

    def accuracy(self, trial: Trial) -> float | None:
        """Return the trial's accuracy (0..1), or None."""
        return accuracy(trial, self.precision, self.part)

    def loss(self, trial: Trial) -> float | None:
        """Return the trial's loss, or None."""
        return loss_of(trial, self.precision, self.part)


WorstClass: TypeAlias = tuple[str, float]
"""The class that a network recognises least, and its recall (0..1)."""


def _no_class(_: Trial) -> WorstClass | None:
    return None


def _no_parameters(_: Trial) -> Mapping[str, FigureValue]:
    return {}


def _no_titles(_: Trial) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True)
class Details:
    """What stands only in a trial's own JSON: reading it takes long. Without readers, nothing is known of any."""

    worst_class: Callable[[Trial], WorstClass | None] = _no_class
    parameters: Callable[[Trial], Mapping[str, FigureValue]] = _no_parameters
    """Hyper-parameters by name; every name has a dot in it."""
    block_titles: Callable[[Trial], tuple[str, ...]] = _no_titles


@dataclass(frozen=True)
class Context:
    """What a figure depends on beside its trial."""

    config: Config = field(default_factory=Config)
    lens: Lens = field(default_factory=Lens)
    best_id: str | None = None
    best_fit_id: str | None = None
    """The best trial within the target's limits."""
    stalled: frozenset[str] = field(default_factory=frozenset)
    """Ids of the running trials that have said nothing new for too long."""
    marks: Mapping[str, int] = field(default_factory=dict)
    """Numbers of the marks of trials, by id, in the order of marking."""
    details: Details = field(default_factory=Details)


Reader: TypeAlias = Callable[[Trial, Context], FigureValue | None]


class FigureKind(Enum):
    """What a figure is: how it is shown, typed and compared. Their order is that of the comparison's rows."""

    MARK = auto()
    NAME = auto()
    TEXT = auto()
    WORDS = auto()
    """Several words, searched from their beginnings."""
    STATUS = auto()
    SHARE = auto()
    """0..1, shown as a percentage."""
    LOSS = auto()
    LATENCY = auto()
    """Milliseconds."""
    MEMORY = auto()
    """Bytes."""
    COUNT = auto()
    FAULTS = auto()
    """A count of what should not be."""
    PARAMETER = auto()
    """A number or a word, as the run has it."""


TEXTS = frozenset({FigureKind.NAME, FigureKind.TEXT, FigureKind.WORDS, FigureKind.STATUS})
"""Kinds of which words are asked for."""


@dataclass(frozen=True)
class Layout:
    """The column of a figure."""

    title: str
    width: int
    """Cells it takes at least."""
    rank: float
    """Importance: where not all columns fit, the highest goes first."""
    widest: int = 0
    """Cells it may grow to; 0: it does not."""


@dataclass(frozen=True)
class FilterSpelling:
    """How a filter asks for a figure."""

    help: str
    """Neighbours with the same help share a line."""
    order: float = 99
    """The lowest is asked for most often: it is named first."""
    name: str = ""
    """Where that is not the figure's id."""
    aliases: tuple[str, ...] = ()
    hint: str = ""
    """An example, where the name alone would not do."""
    words: Callable[[Trial, Context], tuple[str, ...]] | None = None
    """What is searched, in small letters, where that is more than the figure itself."""
    values: tuple[str, ...] = ()
    """What the figure may be, for completion."""


@dataclass(frozen=True)
class Figure:
    """One figure of a trial."""

    id: str
    """Its name in `view.json` and, where nothing else is said, in filters, exports and running text."""
    kind: FigureKind
    read: Reader
    """None: the trial has none."""
    asking: FilterSpelling
    column: Layout | None = None
    label: str = ""
    """Its name in running text."""
    better: Literal["higher", "lower", ""] = ""
    is_high_first: bool = False
    """Whether high values are looked for although they are not better."""
    of_part: bool = False
    """Whether it is of the part of the data that is looked at."""
    limit: Callable[[Target], float | None] | None = None
    out_of: Callable[[Config], int | None] | None = None
    """What a count may reach."""
    beside: Reader | None = None
    """A word that goes with it."""
    exports: tuple[tuple[str, Reader], ...] = ()
    """Names and values of its columns in exports."""
    is_recorded: bool = True
    """Whether the export of a recording has it as a column; others it has at every precision."""
    is_compared: bool = True

    @property
    def name(self) -> str:
        """Its name in the filter."""
        return self.asking.name or self.id

    @property
    def high_first(self) -> bool:
        """Whether sorting begins with high values."""
        return self.is_high_first or self.better == "higher"

    @property
    def exported(self) -> tuple[tuple[str, Reader], ...]:
        """Names and values of its columns in exports."""
        return self.exports or ((self.id, self.read),)

    def is_over(self, value: FigureValue | None, target: Target) -> bool:
        """Whether a value of it is over the target's limit."""
        most = self.limit(target) if self.limit is not None else None
        return most is not None and isinstance(value, int | float) and value > most

    def of(self, part: str) -> "Figure":
        """Return the figure on a part of the data: `Val loss` becomes `Tst loss`."""
        if not self.of_part or part == VALIDATION:
            return self
        layout, last = self.column, self.id.split("_", 1)[-1]
        title = "" if layout is None else f"{_SHORT.get(part, part)} {layout.title.split(maxsplit=1)[-1]}"
        return replace(
            self,
            column=layout and replace(layout, title=title),
            label=f"{part} {last}",
            exports=((f"{part}_{last}", self.read),),
        )


_SHORT = {TEST: "Tst", TRAIN: "Trn"}

STALLED, UNREADABLE = "stalled", "unreadable"


def status_word(trial: Trial, context: Context) -> str:
    """Return the trial's status: the service's word, or `stalled`, or `unreadable` for a trial with a problem."""
    if trial.problem:
        return UNREADABLE
    return STALLED if trial.status == RUNNING and trial.id in context.stalled else trial.status


def _status_words(trial: Trial, context: Context) -> tuple[str, ...]:
    """Return the words that find a trial: a stalled one is running too, one that could not be read is malformed."""
    status = (trial.status.casefold(),) if trial.status else ()
    if trial.problem:
        return (*status, "malformed", UNREADABLE)
    return (*status, STALLED) if status_word(trial, context) == STALLED else status


def _name(trial: Trial, _: Context) -> str:
    return trial.name or trial.id


def _blocks(trial: Trial, context: Context) -> tuple[str, ...]:
    titles = (title.casefold() for title in context.details.block_titles(trial))
    return (_name(trial, context).casefold(), *(block.kind.casefold() for block in trial.blocks), *titles)


def _mark(trial: Trial, context: Context) -> float | None:
    """Return 0 for the best trial, 1 for the best that fits, then the others that are marked in their order."""
    stars = (context.best_id, context.best_fit_id)
    if trial.id in stars:
        return float(stars.index(trial.id))
    return float(len(stars) + list(context.marks).index(trial.id)) if trial.id in context.marks else None


def _worst_class(trial: Trial, context: Context) -> str | None:
    found = context.details.worst_class(trial)
    return found[0] if found is not None else None


def _worst_recall(trial: Trial, context: Context) -> float | None:
    found = context.details.worst_class(trial)
    return finite(found[1]) if found is not None else None


def _latency(trial: Trial, context: Context) -> float | None:
    return _possible(trial.performance.get(context.lens.precision, _NO_COST).latency_ms)


def _ram(trial: Trial, context: Context) -> float | None:
    return _possible(trial.performance.get(context.lens.precision, _NO_COST).ram_bytes)


def _rom(trial: Trial, context: Context) -> float | None:
    return _possible(trial.performance.get(context.lens.precision, _NO_COST).rom_bytes)


_STATUSES = (PENDING, RUNNING, STALLED, COMPLETED, FAILED, "malformed")
_COUNTED = "a whole number: round:2, epoch>=10, retries>0"
_SIZED = "a bare number is bytes; as the table shows it: ram<=128K, rom>1.2M (K is 1024 bytes)"
_LOST = "a number: val_loss<0.4; loss is of the training data"
_RATED = "val_acc for short; a fraction 0..1 or a percentage: val_accuracy>=0.9, val_acc>=90%"

FIGURES: tuple[Figure, ...] = (
    Figure(
        "mark",
        FigureKind.MARK,
        _mark,
        FilterSpelling("best, over_limit (of the target), marked, stalled", 8, "is", ("mark",)),
        Layout("", 2, 0.5),
        label="best, then marked",
        exports=(
            ("is_best", lambda trial, context: trial.id == context.best_id),
            ("is_marked", lambda trial, context: trial.id in context.marks),
        ),
        is_recorded=False,
        is_compared=False,
    ),
    Figure(
        "name",
        FigureKind.NAME,
        _name,
        FilterSpelling("text anywhere in the name; = for the whole of it, != for another: as for all texts", 9),
        Layout("Name", 18, 0, widest=28),
        exports=(("trial_name", lambda trial, _: trial.name or None),),
        is_compared=False,
    ),
    Figure(
        "status",
        FigureKind.STATUS,
        lambda trial, context: status_word(trial, context) or None,
        FilterSpelling(", ".join(_STATUSES), 6, words=_status_words, values=_STATUSES),
        Layout("Status", 11, 1),
    ),
    Figure(
        "round",
        FigureKind.COUNT,
        lambda trial, _: finite(trial.round),
        FilterSpelling(_COUNTED, 11),
        Layout("Round", 5, 11),
        is_high_first=True,
    ),
    Figure(
        "epoch",
        FigureKind.COUNT,
        lambda trial, _: finite(trial.epoch),
        FilterSpelling(_COUNTED, 12),
        Layout("Epoch", 7, 7),
        label="epochs",
        is_high_first=True,
        out_of=lambda config: config.training_cycles,
    ),
    Figure(
        "loss",
        FigureKind.LOSS,
        lambda trial, context: loss_of(trial, context.lens.precision, TRAIN),
        FilterSpelling(_LOST, 14),
        Layout("Loss", 6, 10),
        label="train loss",
        is_recorded=False,
    ),
    Figure(
        "val_loss",
        FigureKind.LOSS,
        lambda trial, context: context.lens.loss(trial),
        FilterSpelling(_LOST, 15),
        Layout("Val loss", 8, 8),
        label="val loss",
        better="lower",
        of_part=True,
    ),
    Figure(
        "accuracy",
        FigureKind.SHARE,
        lambda trial, context: accuracy(trial, context.lens.precision, TRAIN),
        FilterSpelling("of the training data, as val_accuracy", 16, aliases=("acc",)),
        Layout("Acc", 6, 9),
        label="train accuracy",
        is_high_first=True,
        is_recorded=False,
    ),
    Figure(
        "val_accuracy",
        FigureKind.SHARE,
        lambda trial, context: context.lens.accuracy(trial),
        FilterSpelling(_RATED, 4, aliases=("val_acc",), hint="val_acc>=90%"),
        Layout("Val acc", 7, 3),
        label="val accuracy",
        better="higher",
        of_part=True,
    ),
    Figure(
        "worst_recall",
        FigureKind.SHARE,
        _worst_recall,
        FilterSpelling(
            "recall of the class that is recognised least, as val_accuracy: worst_recall<70%", 5, aliases=("recall",)
        ),
        Layout("Worst class", 12, 14, widest=24),
        better="higher",
        beside=_worst_class,
        exports=(("worst_class", _worst_class), ("worst_recall", _worst_recall)),
        is_recorded=False,
        is_compared=False,
    ),
    Figure(
        "latency",
        FigureKind.LATENCY,
        _latency,
        FilterSpelling(
            "milliseconds: latency<50, latency<50ms, latency<1.3s", 1, "", ("latency_ms", "lat"), "latency<50"
        ),
        Layout("Latency", 8, 4),
        better="lower",
        limit=lambda target: target.latency_ms,
        exports=(("latency_ms", _latency),),
        is_recorded=False,
    ),
    Figure(
        "ram",
        FigureKind.MEMORY,
        _ram,
        FilterSpelling(_SIZED, 2, aliases=("ram_bytes",)),
        Layout("RAM", 6, 5),
        label="RAM",
        better="lower",
        limit=lambda target: target.ram_bytes,
        exports=(("ram_bytes", _ram),),
        is_recorded=False,
    ),
    Figure(
        "rom",
        FigureKind.MEMORY,
        _rom,
        FilterSpelling(_SIZED, 3, aliases=("rom_bytes", "flash")),
        Layout("ROM", 6, 6),
        label="ROM",
        better="lower",
        limit=lambda target: target.rom_bytes,
        exports=(("rom_bytes", _rom),),
        is_recorded=False,
    ),
    Figure(
        "worker",
        FigureKind.TEXT,
        lambda trial, _: trial.worker_id or None,
        FilterSpelling("the worker's name", 10),
        Layout("Worker", 11, 12),
        exports=(("worker_id", lambda trial, _: trial.worker_id or None),),
        is_compared=False,
    ),
    Figure(
        "block",
        FigureKind.WORDS,
        lambda trial, context: ", ".join(_blocks(trial, context)),
        FilterSpelling("kind or title of a block: block:mfe, block:conv", 7, words=_blocks),
        is_recorded=False,
        is_compared=False,
    ),
    Figure(
        "retries",
        FigureKind.FAULTS,
        lambda trial, _: finite(trial.retries),
        FilterSpelling(_COUNTED, 13, aliases=("retry",)),
        Layout("Retry", 5, 13),
        is_high_first=True,
    ),
)
"""Every figure of a trial but its hyper-parameters, in the order of the table's columns."""

LIMITED = tuple(figure for figure in FIGURES if figure.limit is not None)
"""What a network costs on the target, which may have a limit for it."""

_BY_ID = {figure.id: figure for figure in FIGURES}

_MOST_VALUES = 100
"""Values of a hyper-parameter that are offered."""

_NARROWEST, _WIDEST = 8, 20
"""Cells of a hyper-parameter's column."""


def over_limits(trial: Trial, precision: str, target: Target) -> frozenset[str]:
    """Return which of `latency`, `ram`, `rom` are known to be over the target's limits."""
    context = Context(lens=Lens(precision=precision))
    return frozenset(figure.id for figure in LIMITED if figure.is_over(figure.read(trial, context), target))


@lru_cache(maxsize=4096)
def figure(name: str) -> Figure:
    """Return the figure with this id, which is a hyper-parameter where it has a dot in it.

    Raises:
        KeyError: there is none.
    """
    if name in _BY_ID:
        return _BY_ID[name]
    if not is_parameter(name):
        raise KeyError(name)
    # Such a column is there because the user asked for it: that is what makes it important.
    layout = Layout(name, max(_NARROWEST, min(len(name), _WIDEST)), 2)
    asking = FilterSpelling(PARAMETERS_HELP)
    return Figure(
        name, FigureKind.PARAMETER, lambda trial, context: context.details.parameters(trial).get(name), asking, layout
    )


PARAMETERS_HELP = "a hyper-parameter that differs among trials: training.learning_rate<0.01, dsp.type=mfe"


def is_parameter(name: str) -> bool:
    """Whether this may be the name of a hyper-parameter: such names have a dot, those of other figures none."""
    return "." in name and clean(name) == name


def varying(parameters: Iterable[Mapping[str, FigureValue]]) -> tuple[Figure, ...]:
    """Return the hyper-parameters that differ among trials, in the order in which the trials bring them.

    A trial without a hyper-parameter that another has differs from it; a trial of which none is known counts for none.
    """
    known = [one for one in parameters if one]
    values: dict[str, dict[FigureValue, int]] = {}
    for one in known:
        for name, value in one.items():
            counts = values.setdefault(name, {})
            counts[value] = counts.get(value, 0) + 1
    return tuple(
        replace(figure(name), asking=FilterSpelling(PARAMETERS_HELP, values=_offered(found)))
        for name, found in values.items()
        if (len(found) > 1 or sum(found.values()) < len(known)) and is_parameter(name)
    )


def _offered(values: Iterable[FigureValue]) -> tuple[str, ...]:
    """Return values as they are typed, numbers before words."""
    numbers = sorted(value for value in values if not isinstance(value, str))
    words = sorted(value for value in values if isinstance(value, str))
    return (*(f"{number:.12g}" for number in numbers), *words)[:_MOST_VALUES]
