"""What the word that is being typed in a filter may become."""

import re

from eitui.analysis.query.fields import FIELDS, FLAGS, NumberField
from eitui.domain.trial import COMPLETED, FAILED, PENDING, RUNNING

_WORD = re.compile(r"[^\s()]*\Z")
_VALUES = {
    "is:": tuple(FLAGS),
    "status:": (PENDING, RUNNING, "stalled", COMPLETED, FAILED, "malformed"),
}
_HIGH_IS_GOOD = frozenset({"accuracy", "val_accuracy", "worst_recall", "epoch", "round", "retries"})

STARTS = tuple(
    name + ((">=" if name in _HIGH_IS_GOOD else "<") if isinstance(field, NumberField) else ":")
    for name, field in FIELDS.items()
)
"""Every field, with the sign that most often follows it."""


USEFUL = (
    *("latency<50", "ram", "rom", "val_acc>=90%", "worst_recall", "status:", "block:", "is:"),
    *("name:", "worker:", "round", "epoch", "retries", "loss", "val_loss", "accuracy"),
)
"""What to name where there is no room for every field: what is asked for most often first."""


def completions(text: str, at: int) -> tuple[str, ...]:
    """Return what the word that ends at `at` may become: fields, what can follow `is:` and `status:`; none for no word.

    The best guess is first. A word that is complete is among its own completions no more.
    """
    word = word_before(text, at).lower()
    for field, values in _VALUES.items():
        if word.startswith(field):
            return tuple(
                field + value for value in values if (field + value).startswith(word) and field + value != word
            )
    if not word:
        return ()
    begins = [start for start in STARTS if start.startswith(word) and start != word]
    # `acc` also finds val_accuracy.
    within = [start for start in STARTS if f"_{word}" in start]
    return tuple(dict.fromkeys([*begins, *within]))


def word_before(text: str, at: int) -> str:
    """Return the word, without spaces and parentheses, that ends at `at`."""
    found = _WORD.search(text[:at])
    return found[0] if found is not None else ""
