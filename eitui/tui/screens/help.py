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
from eitui.view.kit.keys import keyed
from eitui.view.run.filtering import FIELDS

KEY_SIGNS = (
    ("★", "best trial by the run's objectives, as far as they can be computed; costs count as a part of their limits"),
    ("", "otherwise by validation accuracy, or by validation loss if there is none; the header says by what"),
    ("★ in chart", "lowest val loss, highest val accuracy of the epochs seen"),
    ("☆", "best trial that fits the target's limits, if it is another one"),
    ("≈", "tie within 1.5 points of accuracy; two trainings of one configuration differ by as much"),
    ("Flags", "int8: lost over 5 points to float32; gap: validation and test over 10 points apart"),
    ("", "diverged: loss no number or exploded; overfitting: validation loss rises, training loss falls"),
    ("● ▲ ■ …", "a marked trial; the comparison uses the same sign"),
    ("≠", "values of other data or precision than the run's own"),
    ("^", "the error in a filter; the last valid filter still applies"),
    ("!", "after a value: over the target's limit; before a status: no news for too long"),
    ("~", "after a value: of the last epoch, not evaluated"),
    ("+", "after a latency or RAM: of the network only; the service did not send what DSP takes"),
    ("KB MB", "1 KB is 1,024 bytes, 1 MB is 1,024 KB"),
    ("Latency", "of the whole impulse: DSP, network, anomaly block; so is RAM. ROM is the network's"),
    ("✓ ○ ✗ !", "before an impulse's state: complete, incomplete, not configured, stale"),
    ("█ ▓ ▒ ░ ·", "cells of an image: █ score above the threshold, the others below"),
    ("–", "no value from the service"),
    ("Val acc", "from the evaluation; curves show the training"),
    ("≥", "at least; eitui started watching later"),
    ("◉ rec", "recording; ◎: another process records"),
    ("━ ╌ ·", "timeline: recorded, gap, not yet reached; alerts have their signs"),
    ("█", "timeline: the time shown, if it is not the latest"),
    ("◆ • × ◇", "trade-offs: on the front, beaten, over a limit, on the front but over a limit"),
    ("□", "trade-offs of an earlier run: the front of the live run"),
    ("┊", "a limit of the target; in the search: a new round, or early stopping"),
    ("○┊ ●┃", "thresholds: current value, new value"),
    ("+ - ·", "window that is fixed, broken, or as right as before"),
    ("PAST", "history of a run that goes on; REPLAY: a recording; EARLIER RUN: beside the live one"),
    ("LIVE", "connection is OK; LATE and STALE show the age of the data"),
)


class Help(ModalScreen[None]):
    """Goes away with any of the keys that brought it, or escape."""

    BINDINGS: ClassVar = [("escape,q,question_mark,f1", "dismiss", "Back"), ("j", "down", "Down"), ("k", "up", "Up")]

    def __init__(self, keys: Sequence[Key], about: str) -> None:
        super().__init__()
        self._keys = keys
        self._about = about

    def compose(self) -> ComposeResult:
        """One scrolled text."""
        lines = []
        for group, keys in groupby(self._keys, key=lambda key: key.group):
            lines += [group, *(f"  {key.display:<10} {keyed(key.help)}" for key in keys), ""]
        wide = max(len(name) for name, _ in FIELDS)
        lines += ["Filters", *(f"  {name:<{wide}} {meaning}" for name, meaning in FIELDS), ""]
        lines += ["Signs", *(f"  {sign:<10} {meaning}" for sign, meaning in KEY_SIGNS), "", self._about]
        with VerticalScroll(id="help") as scroll:
            scroll.border_title = "Help"
            scroll.border_subtitle = "esc closes"
            yield Static(Content("\n".join(lines)), markup=False)

    def action_down(self) -> None:
        """Scroll as everywhere."""
        self.query_one(VerticalScroll).scroll_down(animate=False)

    def action_up(self) -> None:
        """Scroll as everywhere."""
        self.query_one(VerticalScroll).scroll_up(animate=False)
