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


STATUSES: Mapping[str, Status] = {
    name: Status(sign, word or name, tone)
    for name, sign, tone, word in (
        (trial.PENDING, "○", "dim", ""),
        (run.CREATING, "○", "dim", ""),
        (run.READY, "○", "good", ""),
        (trial.RUNNING, "●", "accent", ""),
        ("busy", "●", "accent", ""),
        (trial.COMPLETED, "✓", "good", ""),
        (trial.FAILED, "✗", "bad", ""),
        (ENDED_WITH_ERROR, "✗", "bad", ""),
        ("cancelled", "✗", "warn", ""),
        (figures.STALLED, "!", "warn", ""),
        (figures.UNREADABLE, "?", "warn", "malformed"),
        (impulse_states.COMPLETE, "✓", "good", ""),
        (impulse_states.INCOMPLETE, "○", "dim", ""),
        (impulse_states.STATE_UNKNOWN, "?", "dim", ""),
        (impulse_states.STALE, "!", "warn", ""),
        (impulse_states.NOT_CONFIGURED, "✗", "bad", ""),
        (impulse_states.IMPULSE_UNREADABLE, "?", "warn", ""),
    )
}
"""Every state that eitui knows, by its word: the API's, or eitui's own where it knows more than the service says."""

_NONE = Status("?", "no status", "warn")
"""Where the service gives no word."""


@lru_cache(maxsize=256)
def status(word: str) -> Status:
    """Return how the state `word` is shown; one that eitui does not know as it is, in no tone."""
    return STATUSES.get(word) or (Status("", clean(word), "") if word else _NONE)
