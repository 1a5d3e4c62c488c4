"""A panel: what happened or what is asked, what it means, and the keys that lead on."""

from collections.abc import Sequence
from dataclasses import dataclass

from eitui.view.kit.keys import key_name
from eitui.view.kit.lines import EMPTY_LINE, Line, crop, wrapped

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
