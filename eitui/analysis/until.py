"""What to wait for in a run: the language of filters, asked about the best trial, with counts of trials."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from eitui.analysis.figures import FIGURES, Context, Details, figure, is_parameter
from eitui.analysis.flags import curve_flags
from eitui.analysis.query.fields import Field, FieldOf, NumberField, TestOf, named, spelled_field
from eitui.analysis.query.grammar import QueryOf, Vocabulary, parse_filter
from eitui.analysis.query.tokens import QueryError, Token, TokenKind
from eitui.analysis.ranking import ranked, usual_lens
from eitui.analysis.standing import ended_badly
from eitui.domain.moment import Moment
from eitui.domain.run import Counts

ACCEPTED = (
    "finished, failed, 'best val_accuracy >= 95%', 'fits val_accuracy >= 0.9', 'completed >= 20' (or failed, trials); "
    "the best trial (after the word fits: the best within the target's limits) can be asked for whatever a filter of "
    "the trial table can, such as 'latency<50 ram<=128KB'; joined by and, or, not, parentheses"
)
"""What `parse_condition` reads, for messages and the command's help."""

_COUNTS: Mapping[str, Callable[[Counts], int]] = {
    "completed": lambda counts: counts.completed,
    "failed": lambda counts: counts.failed,
    "trials": lambda counts: counts.total,
}


@dataclass(frozen=True)
class UntilCondition:
    """Something that is so at a moment, or not. `str` gives it in words, as in "until …"."""

    query: QueryOf[Moment, Details]
    details: Details

    def met(self, moment: Moment) -> bool:
        """Whether it is so at `moment`; without a run nothing is, not even that something is not."""
        return moment.run.started and self.query.matches(moment, self.details)

    def __str__(self) -> str:
        words = {"finished": "the run has finished", "failed": "a trial has failed"}
        return words.get(self.query.text, f"{self.query.text} is true")


def parse_condition(text: str, details: Details | None = None) -> UntilCondition:
    """Return the condition that `text` says; `ACCEPTED` shows the forms.

    `failed` is short for `failed >= 1`. Figures are the best trial's (see `eitui.analysis.ranking.best`) at the run's
    own precision; those after the word `fits`, up to the word `best`, are of the best within the limits. Both words ask
    for there being one; `best` may be left out. `details` reads what stands only in a trial's JSON.

    Raises:
        ValueError: it is none; the message is one line that says what is accepted.
    """
    typed = " ".join(text.split())
    typed = typed.lower() if typed.lower() in ("finished", "failed") else typed
    if not typed:
        raise ValueError(f"accepted are {ACCEPTED}")
    try:
        return UntilCondition(parse_filter(typed, _Words().vocabulary), details or Details())
    except QueryError as error:
        raise ValueError(error.what) from None


@dataclass(frozen=True)
class _Count:
    """Trials of a kind. A count only grows: that it is less than something says nothing."""

    count: Callable[[Counts], int]

    def test(self, sign: str, value: Token) -> TestOf[Moment, Details]:
        if sign not in (">", ">=") or not value.text.isascii() or not value.text.isdigit() or len(value.text) > 9:
            raise QueryError("trials are counted in whole numbers, with >= or >, such as 'completed >= 20'", value.at)
        return NumberField[Moment, Details](lambda moment, _: self.count(moment.run.counts)).test(sign, value)


@dataclass(frozen=True)
class _OfBest:
    """A figure of the best trial. Where there is no best trial, it does not compare with anything."""

    field: Field
    within_limits: bool

    def test(self, sign: str, value: Token) -> TestOf[Moment, Details]:
        asked = self.field.test(sign, value)

        def test(moment: Moment, details: Details) -> bool:
            found = ranked(moment)
            leader = found.within_limits if self.within_limits else found.trial
            if leader is None:
                return False
            context = Context(
                moment.run.config,
                usual_lens(moment.run),
                best_id=found.trial.id if found.trial else None,
                best_fit_id=found.within_limits.id if found.within_limits else None,
                curve_flags=curve_flags(moment),
                stalled=moment.history.stalled,
                details=details,
            )
            return asked(leader, context)

        return test


@dataclass
class _Words:
    """What the words of one condition mean, read from left to right."""

    within_limits: bool = False
    """Whether figures are those of the best trial within the limits: so they are after `fits`."""

    @property
    def vocabulary(self) -> Vocabulary[Moment, Details]:
        return Vocabulary(self._field_of, self._word, "val_accuracy>=95% or completed>=20")

    def _field_of(self, token: Token) -> FieldOf[Moment, Details]:
        name = spelled_field(token.text)
        if name in _COUNTS:
            return _Count(_COUNTS[name])
        figures = FIGURES
        if is_parameter(name):  # Which there are is known only when trials are.
            figures = (*FIGURES, figure(name))
        return _OfBest(named(figures, token), self.within_limits)

    def _word(self, text: str) -> TestOf[Moment, Details]:
        match text.lower():
            case "finished":
                return lambda moment, _: moment.run.finished and not ended_badly(moment)
            case "failed":
                return _Count(_COUNTS["failed"]).test(">=", Token(TokenKind.WORD, "1", 0))
            case "best":
                self.within_limits = False
                return lambda moment, _: ranked(moment).trial is not None
            case "fits":
                self.within_limits = True
                return lambda moment, _: ranked(moment).within_limits is not None
        raise QueryError(f"accepted are {ACCEPTED}", 0)
