"""What to wait for in a run: conditions, as they are typed and as they are told."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from operator import ge, gt, le, lt
from typing import Protocol

from eitui.analysis.figures import accuracy, cost, finite, loss, precision_of
from eitui.analysis.ranking import best
from eitui.analysis.standing import ended_badly
from eitui.domain.moment import Moment
from eitui.domain.run import Counts

ACCEPTED = (
    "finished, failed, 'best val_accuracy >= 0.95' (or val_loss, latency_ms; with <, <=, > or >=), "
    "'completed >= 20' (or failed, trials)"
)
"""What `parse` reads, for messages and the command's help."""

_COMPARE: dict[str, Callable[[float, float], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_WORDS = {"<": "less than", "<=": "at most", ">": "more than", ">=": "at least"}

_COUNTS: dict[str, tuple[Callable[[Counts], int], str]] = {
    "completed": (lambda counts: counts.completed, " completed"),
    "failed": (lambda counts: counts.failed, " failed"),
    "trials": (lambda counts: counts.total, ""),
}
"""What can be counted, and what it adds to the word `trials`."""

_METRICS = ("val_accuracy", "val_loss", "latency_ms")
_COMPARISON = re.compile(r"(?P<best>best\s+)?(?P<name>\w+)\s*(?P<sign><=|>=|<|>)\s*(?P<value>\S+)", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.ASCII)
_COUNT = re.compile(r"\d{1,9}", re.ASCII)


class Condition(Protocol):
    """Something that is so at a moment, or not. `str` gives it in words, as in "until …"."""

    def met(self, moment: Moment) -> bool:
        """Whether it is so at `moment`."""


@dataclass(frozen=True)
class Finished:
    """The run came to its end, and its job did not fail."""

    def met(self, moment: Moment) -> bool:
        """Whether it is so at `moment`."""
        return moment.run.finished and not ended_badly(moment)

    def __str__(self) -> str:
        return "the run has finished"


@dataclass(frozen=True)
class Counted:
    """There are so many trials of a kind, as the service counts them."""

    name: str
    """`completed`, `failed` or `trials` (all that are known so far)."""
    sign: str
    """`>` or `>=`: a count only grows, so that any other comparison would say nothing."""
    number: int

    def met(self, moment: Moment) -> bool:
        """Whether it is so at `moment`."""
        count, _ = _COUNTS[self.name]
        return moment.run.started and _COMPARE[self.sign](count(moment.run.counts), self.number)

    def __str__(self) -> str:
        _, kind = _COUNTS[self.name]
        return f"there {'is' if self.number == 1 else 'are'} {_WORDS[self.sign]} {self.number}{kind} " + (
            "trial" if self.number == 1 else "trials"
        )


@dataclass(frozen=True)
class Reached:
    """A figure of the best trial compares so. While there is no best trial, or no such figure of it, it does not."""

    metric: str
    """`val_accuracy` (0..1), `val_loss` or `latency_ms` (milliseconds on the target)."""
    sign: str
    value: float

    def met(self, moment: Moment) -> bool:
        """Whether it is so at `moment`."""
        figure = _figure(moment, self.metric)
        return figure is not None and _COMPARE[self.sign](figure, self.value)

    def __str__(self) -> str:
        return f"the best trial's {self.metric} is {_WORDS[self.sign]} {self.value:.12g}"


def parse(text: str) -> Condition:
    """Return the condition that `text` says; `ACCEPTED` shows the forms.

    `failed` is short for `failed >= 1`. A figure is always the best trial's (see `eitui.analysis.ranking.best`), so
    the word `best` may be left out. A `val_accuracy` is a fraction 0..1, or written as `95%`.

    Raises:
        ValueError: it is none; the message is one line that says what is accepted.
    """
    said = " ".join(text.lower().split())
    if said == "finished":
        return Finished()
    if said == "failed":
        return Counted("failed", ">=", 1)
    found = _COMPARISON.fullmatch(said)
    if found is not None and found["name"] in _METRICS:
        return Reached(found["name"], found["sign"], _value(found["name"], found["value"]))
    if found is not None and found["name"] in _COUNTS and not found["best"]:
        return _counted(found["name"], found["sign"], found["value"])
    raise ValueError(f"accepted are {ACCEPTED}")


def _figure(moment: Moment, metric: str) -> float | None:
    trial, precision = best(moment.run).trial, precision_of(moment.run)
    if trial is None:
        return None
    match metric:
        case "val_accuracy":
            return accuracy(trial, precision)
        case "val_loss":
            return loss(trial, precision)
        case _:
            return cost(trial, precision).latency_ms


def _value(metric: str, text: str) -> float:
    is_share = metric == "val_accuracy"
    share = is_share and text.endswith("%")
    digits = text[:-1] if share else text
    value = finite(float(digits)) if _NUMBER.fullmatch(digits) else None
    if value is not None and share:
        value /= 100
    if is_share and (value is None or not 0 <= value <= 1):
        raise ValueError("a val_accuracy is from 0 to 1, such as 0.95, or a percentage, such as 95%")
    if value is None:
        raise ValueError(f"after {metric} a number is expected, such as 'best {metric} <= 0.1'")
    return value


def _counted(name: str, sign: str, text: str) -> Counted:
    if sign not in (">", ">=") or not _COUNT.fullmatch(text):
        raise ValueError(f"trials are counted in whole numbers, with >= or >, such as '{name} >= 20'")
    return Counted(name, sign, int(text))
