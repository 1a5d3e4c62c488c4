"""The filter of the table, while it is being typed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic

from eitui.analysis.figures import FIGURES, Context, Figure
from eitui.analysis.query import QueryError, QueryOf, parse_trial_filter
from eitui.analysis.query.complete import USEFUL, completions, word_before
from eitui.analysis.query.fields import Facts, Item
from eitui.domain.text import clean
from eitui.domain.trial import Trial
from eitui.view.kit.lines import Line
from eitui.view.run.filtering import FILTER_EXAMPLES, PROMPT, Edited, hint, too_long, wrong

_LONGEST = 500
"""Characters of a filter."""

EDITS: Mapping[str, Callable[[Edited], Edited]] = {
    "left": lambda edited: edited.moved(edited.at - 1),
    "right": lambda edited: edited.moved(edited.at + 1),
    "home": lambda edited: edited.moved(0),
    "end": lambda edited: edited.moved(len(edited.text)),
    "ctrl+left": lambda edited: edited.moved(edited.word_before),
    "ctrl+right": lambda edited: edited.moved(edited.word_after),
    "backspace": lambda edited: edited.erased(edited.at - 1),
    "delete": lambda edited: edited.erased(edited.at + 1),
    "ctrl+w": lambda edited: edited.erased(edited.word_before),
    "ctrl+u": lambda edited: edited.erased(0),
    "ctrl+k": lambda edited: edited.erased(len(edited.text)),
}
"""What keys do to the line, by Textual's names of them."""

SAME: Mapping[str, str] = {
    "ctrl+a": "home",
    "ctrl+e": "end",
    "ctrl+d": "delete",
    "ctrl+h": "backspace",
    "ctrl+backspace": "ctrl+w",
    "alt+backspace": "ctrl+w",
    "alt+b": "ctrl+left",
    "alt+f": "ctrl+right",
}
"""Keys that do the same as others, as a shell has them."""


@dataclass(frozen=True)
class Language(Generic[Item, Facts]):
    """What filters are made of."""

    parse: Callable[[str], QueryOf[Item, Facts]]
    """Return the filter that a text says; raise QueryError where it says none."""
    completions: Callable[[str, int], Sequence[str]]
    """Return what the word that ends at a place of the text may become."""
    starts: Sequence[str]
    """Fields to name in a hint, the most useful first."""
    examples: str
    """What to type, two spaces apart."""


def of_trials(figures: tuple[Figure, ...] = FIGURES) -> Language[Trial, Context]:
    """Return what filters of trials that have `figures` are made of."""
    return Language(
        lambda text: parse_trial_filter(text, figures),
        lambda text, at: completions(text, at, figures),
        USEFUL,
        FILTER_EXAMPLES,
    )


class FilterLine(Generic[Item, Facts]):
    """A line to type in, and one that says what is wrong with it, or what it may become.

    What is typed takes effect with every character; while it is no filter, the last one that was stays in force.
    """

    def __init__(self, query: QueryOf[Item, Facts], earlier: Sequence[str], language: Language[Item, Facts]) -> None:
        self._language = language
        self.query = query
        """What is typed, or was the last time that it was a filter."""
        self.error: QueryError | None = None
        self._edited = Edited(query.text, len(query.text))
        self._too_long = False
        """Whether what was typed last did not go in."""
        self._earlier = earlier
        self._place = len(earlier)
        self._begun = query.text

    def use(self, language: Language[Item, Facts]) -> None:
        """Read what is typed, and what will be, as a filter of another language."""
        self._language = language
        self._read(self.text)

    @property
    def text(self) -> str:
        """What is typed."""
        return self._edited.text

    @property
    def completions(self) -> Sequence[str]:
        """What the word that is being typed may become."""
        return self._language.completions(self.text, self._edited.at)

    def key(self, key: str, character: str | None) -> bool:
        """Do what a key does; False for one that does nothing to the line."""
        edit = EDITS.get(SAME.get(key, key))
        if edit is not None:
            self._become(edit(self._edited))
        elif character is not None and character.isprintable():
            self.type(character)
        else:
            return False
        return True

    def type(self, text: str) -> None:
        """Put in `text`; none of it where not all of it has room: half a filter may be another one."""
        self._put_into(self._edited, text)

    def _put_into(self, edited: Edited, text: str) -> None:
        text = clean(text)
        if len(edited.text) + len(text) > _LONGEST:
            self._too_long = True
        else:
            self._become(edited.typed(text, _LONGEST))

    def earlier(self, by: int) -> None:
        """Take an earlier filter, or a later one; the last is what was typed."""
        if self._place == len(self._earlier):
            self._begun = self.text
        self._place = max(0, min(self._place + by, len(self._earlier)))
        text = [*self._earlier, self._begun][self._place]
        self._become(Edited(text, len(text)))

    def complete(self) -> None:
        """Complete the word that is being typed."""
        found = self.completions
        if found:
            word = word_before(self.text, self._edited.at)
            self._put_into(self._edited.erased(self._edited.at - len(word)), found[0])

    def _become(self, edited: Edited) -> None:
        before, self._edited = self._edited, edited
        self._too_long = False
        if edited.text != before.text:
            self._read(edited.text)

    def _read(self, text: str) -> None:
        try:
            self.query, self.error = self._language.parse(text), None
        except QueryError as error:
            self.error = error

    def lines(self, width: int, shown: int, total: int) -> list[Line]:
        """Return the two lines; `shown` of `total` rows are those that the filter finds."""
        room = max(1, width - len(PROMPT))
        typed: Line = ((PROMPT, "key"), *self._edited.line(room))
        if self._too_long:
            return [typed, too_long(_LONGEST, width)]
        # Where only a value is missing, those that there are say more than that.
        awaited = self.error is not None and self.error.position == len(self.text) and self.completions
        if self.error is not None and not awaited:
            return [typed, wrong(self.error, self.text, len(PROMPT), self._edited.offset(room), width)]
        language = self._language
        below = hint(
            self.completions, shown, total, self.text, width, starts=language.starts, examples=language.examples
        )
        return [typed, below]
