"""The figures of a trial: how each is read, and the one table that everything which lists figures comes from.

To add a figure, add a row to `FIGURES`. It becomes a column of the trial table, a field of the filter and of `--until`
with its help and completion, a sort key, a column of the exports, a row of the comparison and a key of `status --json`.
The hyper-parameters of a run are figures too: `varying` finds them, `figure` makes one of its name.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from functools import lru_cache
from typing import Any, Literal, Protocol, TypeAlias, TypeVar

from eitui.analysis.flags import FlagKind, evaluation_flags
from eitui.domain.curve import EMPTY_CURVE, Curve, Epoch
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
    UNKNOWN_COST,
    VALIDATION,
    Evaluation,
    Performance,
    Progress,
    Trial,
    ValueSource,
)

Number = TypeVar("Number", int, float)

FigureValue: TypeAlias = str | float
"""A figure: a number (also a whole one or a switch), or a word."""

_NONE = Evaluation()


def finite(value: float | None) -> float | None:
    """Return `value` if it is an ordinary number, or None: also for whole numbers beyond what a float holds."""
    try:
        return value if value is not None and math.isfinite(value) else None
    except OverflowError:
        return None


def known_sum(values: Iterable[Number | None]) -> Number | None:
    """Return the sum; None where there is nothing, or where any value is not known."""
    found = list(values)
    known = [value for value in found if value is not None]
    return sum(known) if known and len(known) == len(found) else None


def precision_of(run: Run) -> str:
    """Return the precision a run is about: what it optimises for, else what most completed trials have, int8 first.

    A run that optimises for a precision which none of its completed trials has is about another.
    """
    wanted, completed = run.config.precision, run.completed
    if wanted and any(precision == wanted for trial in completed for _, precision in trial.evaluations):
        return wanted
    seen = Counter(precision for trial in completed for precision in {key[1] for key in trial.evaluations})
    seen = seen or Counter(precision for trial in completed for precision in trial.performance)
    if not seen or wanted in seen:
        return wanted or INT8
    return min(seen, key=lambda precision: (-seen[precision], precision != INT8, precision != FLOAT32, precision))


def has_accuracy(figures: Progress | Epoch) -> bool:
    """Return whether an epoch carries an accuracy.

    Where the service computes none (regression, detection without FOMO) it sends exactly 0 for both parts.
    """
    return bool(figures.accuracy) or bool(figures.val_accuracy)


@dataclass(frozen=True)
class Lens:
    """A part of the data set and a precision: those whose figures are looked at."""

    part: str = VALIDATION
    """`validation`, `test` or `train`."""
    precision: str = INT8

    def source(self, trial: Trial) -> ValueSource | None:
        """Return where the accuracy and the loss come from, which is the same for both; None: the trial has neither.

        They are of the trained network, else of the latest epoch. An epoch has no test data, and no precision.
        """
        known, progress = self._evaluation(trial), trial.progress
        if known.accuracy is not None or known.loss is not None:
            return ValueSource.EVALUATION
        loss = progress.loss if self.part == TRAIN else progress.val_loss
        return ValueSource.EPOCH if self.part != TEST and (loss is not None or has_accuracy(progress)) else None

    def accuracy(self, trial: Trial) -> float | None:
        """Return the trial's accuracy; None if there is none, or a number beyond 0..1."""
        source, progress = self.source(trial), trial.progress
        value = None
        if source is ValueSource.EVALUATION:
            value = self._evaluation(trial).accuracy
        elif source is ValueSource.EPOCH and has_accuracy(progress):
            value = progress.accuracy if self.part == TRAIN else progress.val_accuracy
        return value if value is not None and 0 <= value <= 1 else None

    def loss(self, trial: Trial) -> float | None:
        """Return the trial's loss, or None."""
        source, progress = self.source(trial), trial.progress
        if source is ValueSource.EVALUATION:
            return finite(self._evaluation(trial).loss)
        if source is None:
            return None
        return finite(progress.loss if self.part == TRAIN else progress.val_loss)

    def _evaluation(self, trial: Trial) -> Evaluation:
        """Return that of a trained network; one that still trains, or trains anew, has none that counts."""
        return trial.evaluations.get((self.part, self.precision), _NONE) if trial.status == COMPLETED else _NONE

    def comparable(self, trials: Sequence[Trial]) -> Sequence[Trial]:
        """Return the trials whose values may be held against each other: the evaluated ones, where there are any."""
        evaluated = [trial for trial in trials if self.source(trial) is ValueSource.EVALUATION]
        return evaluated or trials


_DSP, NETWORK, _ANOMALY = "DSP", "network", "anomaly block"
"""The parts of an impulse that cost something."""

WHOLE = "impulse"
"""What a cost is of when that of every part is known."""


class Costed(Protocol):
    """An impulse of which every part has a cost: that of a trial, or of the project."""

    @property
    def performance(self) -> Mapping[str, Performance]:
        """The network's, by precision."""

    @property
    def dsp(self) -> Performance:
        """The DSP blocks' together."""

    @property
    def anomaly(self) -> Mapping[str, Performance] | None:
        """The anomaly block's, by precision; None where there is none."""


def cost_parts(costed: Costed, precision: str) -> tuple[tuple[str, Performance], ...]:
    """Return the parts of a trial's impulse with what each costs, in the order that data goes through them."""
    return (
        (_DSP, _possible_cost(costed.dsp)),
        (NETWORK, _possible_cost(costed.performance.get(precision, UNKNOWN_COST))),
        *(() if costed.anomaly is None else ((_ANOMALY, _possible_cost(_anomaly(costed.anomaly, precision))),)),
    )


def cost(costed: Costed, precision: str) -> Performance:
    """Return what the impulse costs on the target at `precision`: the sum of what is known of its parts.

    None where the network's own cost is not known, or cannot be (negative). `covers` says whether parts are missing.
    """
    return Performance(
        _total(costed, precision, "latency_ms"),
        _total(costed, precision, "ram_bytes"),
        _total(costed, precision, "rom_bytes"),
    )


def covers(costed: Costed, precision: str, name: str) -> str | None:
    """Return what a trial's cost is of: `impulse`, or the parts of it that are known, such as `network`.

    `name` is a field of `Performance`. None where there is no cost.
    """
    if _total(costed, precision, name) is None:
        return None
    parts = cost_parts(costed, precision)
    known = [part for part, found in parts if getattr(found, name) is not None]
    return WHOLE if len(known) == len(parts) else " and ".join(known)


def _total(costed: Costed, precision: str, name: str) -> Any:
    network = _possible(getattr(costed.performance.get(precision, UNKNOWN_COST), name))
    if network is None or (costed.dsp is UNKNOWN_COST and costed.anomaly is None):
        return network
    beside = (_possible(getattr(one, name)) for one in (costed.dsp, _anomaly(costed.anomaly or {}, precision)))
    return _possible(network + sum(value for value in beside if value is not None))


def _anomaly(costs: Mapping[str, Performance], precision: str) -> Performance:
    """Return the cost at `precision`: a block that comes at one precision only has that in every impulse."""
    only = next(iter(costs.values())) if len(costs) == 1 else UNKNOWN_COST
    return costs.get(precision, only)


def _possible_cost(known: Performance) -> Performance:
    return Performance(_possible(known.latency_ms), _possible(known.ram_bytes), _possible(known.rom_bytes))


def _possible(value: Number | None) -> Number | None:
    return value if value is not None and finite(value) is not None and value >= 0 else None


WorstClass: TypeAlias = tuple[str, float]
"""The class that a network recognises least, and its recall (0..1)."""


@dataclass(frozen=True)
class Details:
    """What stands only in a trial's own JSON: reading it takes long. Without readers, nothing is known of any."""

    worst_class: Callable[[Trial], WorstClass | None] = lambda _: None
    parameters: Callable[[Trial], Mapping[str, FigureValue]] = lambda _: {}
    """Hyper-parameters by name; every name has a dot in it."""
    block_titles: Callable[[Trial], tuple[str, ...]] = lambda _: ()


@dataclass(frozen=True)
class Context:
    """What a figure depends on beside its trial."""

    config: Config = field(default_factory=Config)
    lens: Lens = field(default_factory=Lens)
    best_id: str | None = None
    best_fit_id: str | None = None
    """The best trial within the target's limits."""
    curve_flags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What the epochs of trials are suspicious of, by id (see `eitui.analysis.flags`)."""
    stalled: frozenset[str] = field(default_factory=frozenset)
    """Ids of the running trials that have said nothing new for too long."""
    marks: Mapping[str, int] = field(default_factory=dict)
    """Numbers of the marks of trials, by id, in the order of marking."""
    details: Details = field(default_factory=Details)
    curve: Callable[[Trial], Curve] = lambda _: EMPTY_CURVE
    """The epochs of a trial that are known. They may change while the context stays the same."""


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
    short: int = 0
    """Cells in which it still says the most important; 0: it needs them all."""
    full_rank: float = 0.0
    """Importance of the other cells."""
    unit: str = ""
    """Of all values."""
    brief: str = ""
    """A short title with the unit."""


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
    stands_in: Callable[[Trial, Context], bool] | None = None
    """Whether a value stands in for the one that is meant: an epoch's for an evaluated one, the network's cost for the
    impulse's."""
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


def _flags(trial: Trial, context: Context) -> tuple[str, ...]:
    told = (flag.kind.value for flag in evaluation_flags(trial, context.lens.precision))
    return (*told, *context.curve_flags.get(trial.id, ()))


def _worst_class(trial: Trial, context: Context) -> str | None:
    found = context.details.worst_class(trial)
    return found[0] if found is not None else None


def _worst_recall(trial: Trial, context: Context) -> float | None:
    found = context.details.worst_class(trial)
    return finite(found[1]) if found is not None else None


def _cost(name: str) -> Reader:
    """Return what reads the cost of the impulse: a field of `Performance`."""
    return lambda trial, context: _total(trial, context.lens.precision, name)


def _covers(name: str) -> Reader:
    return lambda trial, context: covers(trial, context.lens.precision, name)


def _is_incomplete(name: str) -> Callable[[Trial, Context], bool]:
    return lambda trial, context: covers(trial, context.lens.precision, name) not in (None, WHOLE)


def _dsp(name: str) -> Reader:
    return lambda trial, _: _possible(getattr(trial.dsp, name))


def _network(name: str) -> Reader:
    return lambda trial, context: _possible(getattr(trial.performance.get(context.lens.precision, UNKNOWN_COST), name))


def _source(trial: Trial, context: Context) -> str | None:
    found = context.lens.source(trial)
    return None if found is None else str(found)


def _precision(trial: Trial, context: Context) -> str | None:
    """Return the precision that a trial was evaluated at, if it was."""
    return context.lens.precision if context.lens.source(trial) is ValueSource.EVALUATION else None


def _is_of_epoch(trial: Trial, context: Context) -> bool:
    return context.lens.source(trial) is ValueSource.EPOCH


def _is_of_training_epoch(trial: Trial, context: Context) -> bool:
    return Lens(TRAIN, context.lens.precision).source(trial) is ValueSource.EPOCH


_STATUSES = (PENDING, RUNNING, STALLED, COMPLETED, FAILED, "malformed")
_COUNTED = "a whole number: round:2, epoch>=10, retries>0"
_SIZED = "a bare number is bytes: ram<=131072, ram<=128KB, rom>1.2MB (1 KB is 1,024 bytes)"
_OF_PARTS = "latency and RAM of the DSP blocks, and of the network alone: dsp_latency>50ms"
_LOST = "a number: val_loss<0.4; loss is of the training data"
_RATED = "val_acc for short; a fraction 0..1 or a percentage: val_accuracy>=0.9, val_acc>=90%"

FIGURES: tuple[Figure, ...] = (
    Figure(
        "mark",
        FigureKind.MARK,
        _mark,
        FilterSpelling("best, fits (best within the limits), over_limit, marked, stalled", 8, "is", ("mark",)),
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
        Layout("Name", 18, 0, widest=28, short=14, full_rank=4.6),
        exports=(("trial_name", lambda trial, _: trial.name or None),),
        is_compared=False,
    ),
    Figure(
        "status",
        FigureKind.STATUS,
        lambda trial, context: status_word(trial, context) or None,
        FilterSpelling(", ".join(_STATUSES), 6, words=_status_words, values=_STATUSES),
        Layout("Status", 11, 1, short=1, full_rank=4.5),
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
        lambda trial, context: Lens(TRAIN, context.lens.precision).loss(trial),
        FilterSpelling(_LOST, 14),
        Layout("Loss", 7, 10),
        label="train loss",
        stands_in=_is_of_training_epoch,
        is_recorded=False,
    ),
    Figure(
        "val_loss",
        FigureKind.LOSS,
        lambda trial, context: context.lens.loss(trial),
        FilterSpelling(_LOST, 15),
        Layout("Val loss", 9, 8),
        label="val loss",
        better="lower",
        of_part=True,
        stands_in=_is_of_epoch,
    ),
    Figure(
        "accuracy",
        FigureKind.SHARE,
        lambda trial, context: Lens(TRAIN, context.lens.precision).accuracy(trial),
        FilterSpelling("of the training data, as val_accuracy", 16, aliases=("acc",)),
        Layout("Acc", 7, 9),
        label="train accuracy",
        is_high_first=True,
        stands_in=_is_of_training_epoch,
        is_recorded=False,
    ),
    Figure(
        "val_accuracy",
        FigureKind.SHARE,
        lambda trial, context: context.lens.accuracy(trial),
        FilterSpelling(_RATED, 4, aliases=("val_acc",), hint="val_acc>=90%"),
        Layout("Val acc", 8, 3),
        label="val accuracy",
        better="higher",
        of_part=True,
        stands_in=_is_of_epoch,
    ),
    Figure(
        "source",
        FigureKind.WORDS,
        _source,
        FilterSpelling(
            "where accuracy and loss come from: evaluation, or the last epoch (epoch)",
            17,
            values=tuple(map(str, ValueSource)),
        ),
        exports=(("source", _source), ("precision", _precision)),
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
        _cost("latency_ms"),
        FilterSpelling(
            "milliseconds: latency<50, latency<50ms, latency<1.3s", 1, "", ("latency_ms", "lat"), "latency<50"
        ),
        Layout("Latency", 11, 4, short=8, full_rank=4.7, unit="ms", brief="Lat ms"),
        better="lower",
        limit=lambda target: target.latency_ms,
        stands_in=_is_incomplete("latency_ms"),
        exports=(("latency_ms", _cost("latency_ms")), ("latency_of", _covers("latency_ms"))),
        is_recorded=False,
    ),
    Figure(
        "ram",
        FigureKind.MEMORY,
        _cost("ram_bytes"),
        FilterSpelling(_SIZED, 2, aliases=("ram_bytes",)),
        Layout("RAM", 7, 5, unit="KB"),
        label="RAM",
        better="lower",
        limit=lambda target: target.ram_bytes,
        stands_in=_is_incomplete("ram_bytes"),
        exports=(("ram_bytes", _cost("ram_bytes")), ("ram_of", _covers("ram_bytes"))),
        is_recorded=False,
    ),
    Figure(
        "rom",
        FigureKind.MEMORY,
        _cost("rom_bytes"),
        FilterSpelling(_SIZED, 3, aliases=("rom_bytes", "flash")),
        Layout("ROM", 7, 6, unit="KB"),
        label="ROM",
        better="lower",
        limit=lambda target: target.rom_bytes,
        exports=(("rom_bytes", _cost("rom_bytes")),),
        is_recorded=False,
    ),
    *(
        Figure(
            f"{part}_{cost}",
            FigureKind.LATENCY if cost == "latency" else FigureKind.MEMORY,
            read(name),
            FilterSpelling(_OF_PARTS, 18),
            label=f"{word} {cost if cost == 'latency' else 'RAM'}",
            better="lower",
            exports=((f"{part}_{name}", read(name)),),
            is_recorded=part == "dsp",
        )
        for part, word, read in (("dsp", _DSP, _dsp), ("network", NETWORK, _network))
        for cost, name in (("latency", "latency_ms"), ("ram", "ram_bytes"))
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
    Figure(
        "flags",
        FigureKind.WORDS,
        lambda trial, context: ", ".join(_flags(trial, context)) or None,
        FilterSpelling(
            "what is suspicious: int8 (lost accuracy), gap (validation and test), diverged, overfitting",
            17,
            words=lambda trial, context: _flags(trial, context),
            values=tuple(FlagKind),
        ),
        Layout("Flags", 11, 13.5, widest=24),
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
    values: dict[str, Counter[FigureValue]] = {}
    for one in known:
        for name, value in one.items():
            values.setdefault(name, Counter())[value] += 1
    figures = []
    for name, found in values.items():
        if (len(found) > 1 or sum(found.values()) < len(known)) and is_parameter(name):
            # As they are typed, numbers before words.
            numbers = (f"{number:.12g}" for number in sorted(value for value in found if not isinstance(value, str)))
            words = sorted(value for value in found if isinstance(value, str))
            asking = FilterSpelling(PARAMETERS_HELP, values=(*numbers, *words)[:_MOST_VALUES])
            figures.append(replace(figure(name), asking=asking))
    return tuple(figures)
