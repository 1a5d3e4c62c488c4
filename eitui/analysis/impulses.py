"""Impulses as rows of a table: which is which, and what state each is in."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from unicodedata import category

from eitui.analysis.impulse_states import (
    COMPLETE,
    IMPULSE_UNREADABLE,
    INCOMPLETE,
    NOT_CONFIGURED,
    STALE,
    STATE_UNKNOWN,
)
from eitui.domain.impulse import Impulse, ImpulseTable


@dataclass(frozen=True)
class Listed:
    """An impulse with what tells it from all others."""

    key: str
    """Its id; of impulses without one, or with the same one, also their place."""
    impulse: Impulse

    @property
    def called(self) -> str:
        """What it is called in a sentence."""
        if _is_seen(self.impulse.name):
            return self.impulse.name
        return "impulse without a name" if self.impulse.id is None else f"impulse {self.key}"


def _is_seen(name: str) -> bool:
    """Return whether a name is more than marks and modifiers, which take no cell by themselves."""
    return any(category(char) not in ("Mn", "Me", "Cf") and not "\U0001f3fb" <= char <= "\U0001f3ff" for char in name)


def listed(table: ImpulseTable) -> tuple[Listed, ...]:
    """Return the impulses in the service's order, their keys all different and the same at every reading."""
    counts = Counter(impulse.id for impulse in table.impulses)
    return tuple(
        Listed(
            str(impulse.id) if impulse.id is not None and counts[impulse.id] == 1 else f"{impulse.id}@{place}", impulse
        )
        for place, impulse in enumerate(table.impulses)
    )


def states(impulse: Impulse) -> tuple[str, ...]:
    """Return the words for the state that an impulse is in, the worst first."""
    if impulse.id is None:
        return (IMPULSE_UNREADABLE,)
    stale = (STALE,) if impulse.stale else ()
    if impulse.configured is False:
        return (NOT_CONFIGURED, *stale)
    if impulse.complete is not True:
        return (STATE_UNKNOWN if impulse.complete is None else INCOMPLETE, *stale)
    return stale or (COMPLETE,)


_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\s_-]+")
_TAIL = re.compile(r" (block config|config|metrics)$")


def category_words(category: str) -> str:
    """Return a category of metrics as words: `learnBlockConfig` is `learn block config`."""
    words = " ".join(filter(None, _HUMP.split(category))).lower() or "others"
    return f"DSP{words[3:]}" if words.startswith("dsp ") else words


def category_word(category: str) -> str:
    """Return a category without what all of them end with: `learnBlockConfig` is `learn`."""
    return _TAIL.sub("", category_words(category))


def repeated(titles: Iterable[str]) -> frozenset[str]:
    """Return those of `titles` that there are two of."""
    return frozenset(title for title, count in Counter(titles).items() if count > 1)
