"""Every key and every sign, made from the table of keys."""

from collections.abc import Sequence
from itertools import groupby
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from eitui.tui.keys import Key
from eitui.view.filtering import FIELDS
from eitui.view.kit.keys import keyed

SIGNS = (
    ("★", "the best trial: highest validation accuracy, or lowest validation loss where there is no accuracy"),
    ("★ in chart", "the lowest val loss; the highest val accuracy, of the epochs seen"),
    ("☆", "the best trial within the target's limits, when that is another one"),
    ("● ▲ ■ …", "before a name: a marked trial; in a comparison it has the same sign"),
    ("≠", "the figures shown are of other data, or at another precision, than the run's own"),
    ("^", "below a filter: where it is wrong; the last one that was right stays in force"),
    ("!", "after a figure: over the target's limit; before a status: nothing new for too long"),
    ("✓ ○ ✗ !", "before an impulse's state: complete, incomplete, not configured, stale"),
    ("█ ▓ ▒ ░ ·", "cells of an image: █ scores above the threshold, the others up to it"),
    ("–", "the service gave no figure"),
    ("Val acc", "of a completed trial: its evaluation; the curves are of its training"),
    ("≥", "so at least since watching began"),
    ("◉ rec", "what is seen is being recorded here; ◎: by another process"),
    ("━ ╌ ·", "the timeline: watched, not watched, yet to come; on it the signs of the alerts"),
    ("█", "on the timeline: the time that the screen shows, when it is not the newest"),
    ("◆ • × ◇", "trade-offs: on the front, beaten, over a limit, on the front but for a limit"),
    ("┊", "a limit of the target; over the search: where a round begins, or early stopping would come"),
    ("○┊ ●┃", "thresholds: the value on the service, and the new one"),
    ("+ - ·", "a window that becomes right or wrong, or is as right as before"),
    ("PAST", "the screen is as it was then, while the run goes on; REPLAY: a recording is shown"),
    ("LIVE", "the service answered the last poll in time; LATE and STALE say how old the picture is"),
)


def _explained(rows: Sequence[tuple[str, str]]) -> list[str]:
    wide = max(len(name) for name, _ in rows)
    return [f"  {name:<{wide}} {meaning}" for name, meaning in rows]


class Help(ModalScreen[None]):
    """Goes away with any of the keys that brought it, or escape."""

    BINDINGS: ClassVar = [("escape,q,question_mark,f1", "dismiss", "Back"), ("j", "down", "Down"), ("k", "up", "Up")]

    def __init__(self, keys: Sequence[Key], about: str) -> None:
        super().__init__()
        self._keys = keys
        self._about = about

    def compose(self) -> ComposeResult:
        """One scrolled text."""
        with VerticalScroll(id="help") as scroll:
            scroll.border_title = "Help"
            scroll.border_subtitle = "esc closes"
            yield Static(Content(self._text()), markup=False)

    def _text(self) -> str:
        lines = []
        for group, keys in groupby(self._keys, key=lambda key: key.group):
            lines += [group, *(f"  {key.display:<10} {keyed(key.help)}" for key in keys), ""]
        lines += [
            "What a filter asks for",
            *_explained(FIELDS),
            "",
            "Signs",
            *(f"  {sign:<10} {meaning}" for sign, meaning in SIGNS),
            "",
            self._about,
        ]
        return "\n".join(lines)

    def action_down(self) -> None:
        """Scroll as everywhere."""
        self.query_one(VerticalScroll).scroll_down(animate=False)

    def action_up(self) -> None:
        """Scroll as everywhere."""
        self.query_one(VerticalScroll).scroll_up(animate=False)
