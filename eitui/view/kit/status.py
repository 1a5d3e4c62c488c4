"""How a state is shown: one sign, one word and one tone for it, on every screen.

Trials, blocks, workers, runs, jobs and impulses share one table: a word means the same wherever it stands.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from eitui.analysis import figures, impulse_states
from eitui.analysis.standing import ENDED_WITH_ERROR
from eitui.domain import run, trial
from eitui.domain.text import clean
from eitui.view.kit.lines import Line, Span, wrapped


class Status(NamedTuple):
    """What is shown of a state."""

    sign: str
    """One cell; empty for a state that eitui does not know."""
    word: str
    tone: str

    @property
    def text(self) -> str:
        """The sign and the word."""
        return f"{self.sign} {self.word}" if self.sign else self.word

    @property
    def span(self) -> Span:
        """The sign and the word in their tone."""
        return self.text, self.tone

    def says(self, text: str) -> Span:
        """Return a text in this state: the sign before it, in the tone of both."""
        return f"{self.sign} {text}", self.tone

    def lines(self, text: str, width: int) -> list[Line]:
        """Return a text in this state on lines of at most `width` cells."""
        return wrapped(f"{self.sign} {text}", width, self.tone)


DONE = Status("✓", "done", "good")
FAULT = Status("✗", "failed", "bad")
NOT_DONE = Status("✗", "not done", "dim")
"""What was not done, and nothing is wrong with that."""
CAUTION = Status("!", "caution", "warn")
DOUBT = Status("?", "unknown", "warn")
NEWS = Status("+", "new", "accent")
BEST = Status("★", "best", "best")
FITS = Status("☆", "fits", "best")
OVER = Status("!", "over", "over")
"""What is over a limit. Its sign stands behind the value."""
RECORDED_HERE = Status("◉", "rec", "dim")
RECORDED_ELSEWHERE = Status("◎", "rec elsewhere", "dim")
TRAINED = Status("✓", "trained", "good")
UNTRAINED = Status("○", "not trained yet", "warn")


STATUSES: Mapping[str, Status] = {
    name: Status(sign, word or name, tone)
    for name, sign, tone, word in (
        (trial.PENDING, "○", "dim", ""),
        (run.CREATING, "○", "dim", ""),
        (run.READY, "○", "good", ""),
        (trial.RUNNING, "●", "accent", ""),
        ("busy", "●", "accent", ""),
        (trial.COMPLETED, DONE.sign, DONE.tone, ""),
        (trial.FAILED, FAULT.sign, FAULT.tone, ""),
        (ENDED_WITH_ERROR, FAULT.sign, FAULT.tone, ""),
        ("cancelled", "✗", "warn", ""),
        (figures.STALLED, CAUTION.sign, CAUTION.tone, ""),
        (figures.UNREADABLE, DOUBT.sign, DOUBT.tone, "malformed"),
        (impulse_states.COMPLETE, DONE.sign, DONE.tone, ""),
        (impulse_states.INCOMPLETE, "○", "dim", ""),
        (impulse_states.STATE_UNKNOWN, "?", "dim", ""),
        (impulse_states.STALE, CAUTION.sign, CAUTION.tone, ""),
        (impulse_states.NOT_CONFIGURED, FAULT.sign, FAULT.tone, ""),
        (impulse_states.IMPULSE_UNREADABLE, DOUBT.sign, DOUBT.tone, ""),
    )
}
"""Every state that eitui knows, by its word: the API's, or eitui's own where it knows more than the service says."""

_NONE = Status("?", "no status", "warn")
"""Where the service gives no word."""


@lru_cache(maxsize=256)
def status(word: str) -> Status:
    """Return how the state `word` is shown; one that eitui does not know as it is, in no tone."""
    return STATUSES.get(word) or (Status("", clean(word), "") if word else _NONE)
