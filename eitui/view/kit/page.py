"""What pages are made of: headings, sentences, names with values, panels, questions, and what could not be read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from eitui.feed.query import Query
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit, len_cells, wrap
from eitui.view.kit.format import MISSING
from eitui.view.kit.keys import key_name, keyed
from eitui.view.kit.lines import EMPTY_LINE, Line, crop, width_of, wrapped

_MOST_PROBLEMS = 5


def heading(text: str, more: str = "") -> Line:
    """Return a heading, with what it is about."""
    return ((text, "title"), (f"  {more}", "dim")) if more else ((text, "title"),)


def note_lines(text: str, width: int, tone: str = "dim") -> list[Line]:
    """Return a sentence on lines of at most `width` cells."""
    return [((line, tone),) for line in wrap(text, width)]


def problems(found: Sequence[str], width: int) -> list[Line]:
    """Return what of the service's description could not be read; nothing where all could."""
    if not found:
        return []
    more = len(found) - _MOST_PROBLEMS
    texts = [*found[:_MOST_PROBLEMS], *([f"… and {more} more"] if more > 0 else [])]
    return [
        *note_lines("Not shown, as it could not be read:", width, "warn"),
        *((("  ", ""), (text, "warn")) for text in texts),
    ]


def stacked(sections: Iterable[Sequence[Line]], width: int) -> list[Line]:
    """Return the sections that have lines, a blank line between them; none too long."""
    lines: list[Line] = []
    for section in sections:
        lines += [EMPTY_LINE] if section and lines else []
        lines += [crop(line, width) for line in section]
    return lines


def pair_lines(rows: Sequence[tuple[str, str]], width: int, indent: int = 2) -> list[Line]:
    """Return names and values in two columns; a long value goes on below itself, a long name has its own line.

    Where two such tables fit beside each other, the rows are put into two.
    """
    if not rows:
        return []
    longest = max(len_cells(name) for name, _ in rows)
    needed = indent + longest + 2 + max(len_cells(value) for _, value in rows)
    if len(rows) <= 5 or 2 * needed + 4 > width:
        return _column(rows, min(longest, width // 2), width, indent)
    half = (len(rows) + 1) // 2
    left, right = (_column(some, longest, needed, indent) for some in (rows[:half], rows[half:]))
    return [
        (*first, (" " * max(0, needed + 4 - width_of(first)), ""), *second)
        for first, second in zip_longest(left, right, fillvalue=EMPTY_LINE)
    ]


def _column(rows: Sequence[tuple[str, str]], names: int, width: int, indent: int) -> list[Line]:
    lines: list[Line] = []
    lead = (" " * indent, "")
    for name, value in rows:
        title = name
        if len_cells(name) > names:
            lines.append((lead, (fit(name, min(width - indent, len_cells(name))), "dim")))
            title = ""
        for text in wrap(value, width - indent - names - 2) or [MISSING]:
            lines.append((lead, (fit(title, names), "dim"), ("  ", ""), (text, "")))
            title = ""
    return lines


# Panels: what happened or what is asked, what it means, and the keys that lead on


Keys = Sequence[tuple[str, str]]
"""Ids of keys, one or several separated by spaces, and what they do here."""

NO = "confirm.no over.back"
"""The keys that say no to every question."""


@dataclass(frozen=True)
class Panel:
    """A panel as lines."""

    body: list[Line]
    """A title, and sentences and lines below it."""
    keys: list[Line]
    """The keys that lead on, which stay in sight whatever else has to go."""


def panel(title: str, tone: str, texts: Sequence[Line | str], keys: Keys, width: int) -> Panel:
    """Return a panel: a title, sentences and lines below it, and the keys that lead on."""
    body: list[Line] = [((f" {title}", tone),), EMPTY_LINE]
    for text in texts:
        if isinstance(text, str):
            body += [((" ", ""), *line) for line in wrapped(text, width - 2)] if text else [EMPTY_LINE]
        else:
            body.append(text)
    spans = tuple(
        span
        for ids, does in keys
        for span in ((f" {('/' if ids == NO else '').join(map(key_name, ids.split()))}", "key"), (f" {does} ", "dim"))
    )
    return Panel([crop(line, width) for line in body], [EMPTY_LINE, crop(spans, width)])


def question(
    title: str, consequences: Sequence[Line | str], verb: str, width: int, *, no: str = "back", more: Keys = ()
) -> Panel:
    """Return a question before something is done that costs something or cannot be undone.

    `consequences` are what it means; `verb` is what yes does, and `no` what no does. Every question of the program is
    drawn here, with the same keys: `confirm.yes`, never enter, and for no `confirm.no` or `over.back`.
    """
    return panel(title, "title", consequences, [("confirm.yes", verb), *more, (NO, no)], width)


# Questions to the service: that one is asked, how old the answer is, and why there is no newer one


def query_note(query: Query[Any], now: float, what: str) -> tuple[str, str]:
    """Return what must be known of what is shown, and its tone; empty when it is what the service said.

    `what` is what was asked for: “the impulses”; `now` is in monotonic seconds.
    """
    if query.problem is not None:
        age = f" The data shown is {fmt.age(now - query.at)} old." if query.at is not None else ""
        again = "Asking again…" if query.pending else keyed("{feed.poll} asks again.")
        return f"{query.problem.sentence}{age} {again}", "warn"
    return ("", "") if query.answer is not None else (f"Loading {what}…", "dim")


def query_state(query: Query[Any], now: float) -> str:
    """Return in a few words how it stands with the question: `asked 5s ago`."""
    if query.pending:
        return "loading…" if query.answer is None else "asking again…"
    if query.at is not None:
        return f"asked {fmt.age(now - query.at)} ago"
    return "" if query.problem is None else "cannot be read"
