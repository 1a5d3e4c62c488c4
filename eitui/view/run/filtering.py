"""A filter while it is typed, and in words: its line, hints, errors, and its place in the title of a table."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from eitui.analysis.figures import FIGURES, PARAMETERS_HELP
from eitui.analysis.query.fields import USEFUL, WORDED
from eitui.analysis.query.grammar import QueryOf
from eitui.analysis.query.tokens import QueryError
from eitui.domain.text import char_cells, clean
from eitui.view.kit.cells import ELLIPSIS, fit, len_cells
from eitui.view.kit.keys import key_name, keyed
from eitui.view.kit.lines import Line, crop, spread, width_of

FILTER_EXAMPLES = "  ".join(USEFUL)


FIELDS: tuple[tuple[str, str], ...] = (
    ("a word", "part of the trial's name, status or worker; with spaces in quotes: \"two words\" or 'two words'"),
    # Figures that share a help text in one row, those first that are asked for most often.
    *(
        (" ".join(f"{one.name}:" if one.kind in WORDED else one.name for one in group), help_text)
        for help_text, group in groupby(
            sorted(FIGURES, key=lambda figure: figure.asking.order), key=lambda figure: figure.asking.help
        )
    ),
    ("mfe.frame_length …", PARAMETERS_HELP),
    ("< <= > >= = !=", "compare numbers; : and = match the number as the table shows it"),
    ("and or not ( )", "combine conditions; `and` is optional: status:failed or (latency>50 not is:best)"),
)
"""What a filter can ask, for the help screen: every field with its unit, every flag."""

_TAIL = "{filter.complete} completes"
_FIRST = 8
"""Fields that are named before anything else is."""

_KEYS = {
    "trial": ("trial.filter", "app.back"),
    "run": ("runs.filter", "over.back"),
    "impulse": ("impulses.filter", "over.back"),
    "line": ("log.filter", "over.back"),
}
"""The keys that change the filter and that take it away, by what is filtered."""

PROMPT = " / "
_INDENT = " " * len(PROMPT)


def in_force(query: QueryOf[Any, Any], shown: int, total: int, *, room: int = 10_000) -> str:
    """Return what the table's title says of the filter, in `room` cells where that is possible; empty without one.

    The count is what must not be cut: the filter's text is, where both do not fit.
    """
    if not query:
        return ""
    count = f" · {shown} of {total}"
    note = f"filter: {query.text}"
    return fit(note, max(12, min(len_cells(note), room - len(count)))).rstrip() + count


def nothing_left(query: QueryOf[Any, Any], total: int, *, still_typing: bool, what: str = "trial") -> str:
    """Return why the table is empty although there are rows, and what to press; `what` is in one of them."""
    none = f"No {what} matches `{query.text}` (0 of {total})."
    if still_typing:
        return f"{none} {key_name('filter.clear')} shows all {what}s."
    change, show_all = _KEYS[what]
    return f"{none} {key_name(change)} changes the filter, {key_name(show_all)} shows all {what}s."


def wrong(error: QueryError, text: str, indent: int, first: int, width: int) -> Line:
    """Return the line below a filter that is none: a caret below the place, and beside it what is wrong.

    In the line above the text begins after `indent` cells, with its character number `first`.
    """
    at = max(0, min(indent + len_cells(text[first : error.position]), width - 1))
    note, room_after = error.what, width - at - 2
    if len_cells(note) > room_after and at > room_after:
        before = fit(note, min(len_cells(note), at - 1))
        return ((" " * (at - 1 - len_cells(before)), ""), (before, "bad"), (" ^", "bad"))
    return crop(((" " * at, ""), ("^", "bad"), (f" {note}", "bad")), width)


def hint(
    completions: Sequence[str],
    shown: int,
    total: int,
    text: str,
    width: int,
    *,
    starts: Sequence[str] = USEFUL,
    examples: str = FILTER_EXAMPLES,
) -> Line:
    """Return the line below a filter in force: what the word may become, or fields there are; and how many it finds.

    `starts` and `examples`, the latter two spaces apart, are named as far as there is room, the first ones first.
    """
    count: Line = ((f"{shown} of {total} ", "" if shown or not total else "warn"),)
    room = width - len(_INDENT) - width_of(count) - 1
    if completions:
        first, *others = completions
        left: Line = ((_INDENT, ""), (first, "accent"), (f"  {'  '.join(others)}", "dim"))
    else:
        words = examples.split("  ")
        if text.strip():
            # The fields that the text does not ask for yet.
            names = [(word, re.match(r"\w*", word)) for word in starts]
            asked = {
                word
                for word, name in names
                if name and name[0] and re.search(rf"(?<!\w){name[0]}\w*\s*[:<>=!]", text.lower())
            }
            words = [word for word in starts if word not in asked]
        # Where no field can be named, there is nothing to complete.
        named = _named(words, room) if starts else fit("  ".join(words), room).rstrip()
        left = ((f"{_INDENT}{named}", "dim"),)
    return spread(left, count, width)


def _named(words: Sequence[str], room: int) -> str:
    """Return as many of `words` as `room` cells hold, and what tab does where the most useful leave room for that."""
    first = words[:_FIRST]
    for gap in ("  ", " "):
        tail = f"{gap}· {keyed(_TAIL)}"
        if len_cells(gap.join(first) + tail) <= room:
            return _fitting(words, room - len_cells(tail), gap) + tail
    return _fitting(first, room, " ")


def _fitting(words: Sequence[str], room: int, gap: str) -> str:
    taken = ""
    for word in words:
        longer = f"{taken}{gap}{word}" if taken else word
        taken = longer if len_cells(longer) <= room else taken
    return taken


def too_long(most: int, width: int) -> Line:
    """Return the line below a filter to which nothing can be added, as it has `most` characters or would have more."""
    note = f"A filter has at most {most} characters."
    return crop(((f"{_INDENT}{note}", "warn"),), width)


_WORD_BEFORE = re.compile(r"\S*\s*\Z")
_WORD_AFTER = re.compile(r"\s*\S*")


@dataclass(frozen=True)
class Edited:
    """A line of text that is being typed, and the place in it at which is typed."""

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
