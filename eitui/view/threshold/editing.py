"""A line of text that is being typed."""

import re
from dataclasses import dataclass

from eitui.domain.text import char_cells, clean
from eitui.view.kit.cells import ELLIPSIS, fit, len_cells
from eitui.view.kit.lines import Line

_WORD_BEFORE = re.compile(r"\S*\s*\Z")
_WORD_AFTER = re.compile(r"\s*\S*")


@dataclass(frozen=True)
class Edited:
    """A text, and the place in it at which is typed."""

    text: str = ""
    at: int = 0

    def typed(self, text: str, most: int) -> "Edited":
        """Return it with `text` put in, as far as `most` characters allow; what cannot be shown is made visible."""
        put = clean(text)[: max(0, most - len(self.text))]
        return Edited(self.text[: self.at] + put + self.text[self.at :], self.at + len(put))

    def moved(self, to: int) -> "Edited":
        """Return it with the place at `to`, or the nearest there is."""
        return Edited(self.text, max(0, min(to, len(self.text))))

    def erased(self, to: int) -> "Edited":
        """Return it without what is between its place and `to`."""
        first, last = sorted((self.at, self.moved(to).at))
        return Edited(self.text[:first] + self.text[last:], first)

    @property
    def word_before(self) -> int:
        """Where the word before the place begins."""
        found = _WORD_BEFORE.search(self.text[: self.at])
        return found.start() if found is not None else 0

    @property
    def word_after(self) -> int:
        """Where the word after the place ends."""
        found = _WORD_AFTER.match(self.text, self.at)
        return found.end() if found is not None else self.at

    @property
    def _under(self) -> str:
        return self.text[self.at : self.at + 1] or " "

    def offset(self, width: int) -> int:
        """Return the first character to show, so that the place is in sight in `width` cells."""
        first, cells = self.at, len_cells(self._under)
        while first > 0 and cells + char_cells(self.text[first - 1]) <= width:
            first -= 1
            cells += char_cells(self.text[first])
        return first

    def line(self, width: int) -> Line:
        """Return the text in at most `width` cells, its place marked."""
        first = self.offset(width)
        before = self.text[first : self.at]
        if first and before:
            # The first character in sight makes way for the sign that there are more.
            before = fit(ELLIPSIS, len_cells(before[0])) + before[1:]
        under = self._under
        after, room = "", width - len_cells(before) - len_cells(under)
        for char in self.text[self.at + 1 :]:
            room -= char_cells(char)
            if room < 0:
                break
            after += char
        return ((before, ""), (under, "caret"), (after, ""))
