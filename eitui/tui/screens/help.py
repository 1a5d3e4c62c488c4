"""The keys that work on a screen, and every key and sign."""

from collections.abc import Sequence
from itertools import groupby
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen

from eitui.tui.keys import Key, bindings
from eitui.tui.kit.lines import Drawing
from eitui.tui.kit.list import WHEEL, Window
from eitui.view.kit.help import Section, found, help_lines
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import EMPTY_LINE, Line, Span, spread
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
"""Every sign, and what it means; without a sign: more about the one above."""


def sections_of(keys: Sequence[Key]) -> list[Section]:
    """Return keys by their groups."""
    rows = {key.id: (key.display, keyed(key.help)) for key in keys}
    return [Section(group, tuple(rows[key.id] for key in own)) for group, own in groupby(keys, lambda key: key.group)]


class Help(ModalScreen[None]):
    """What works on the screen below, or every key and sign; scrolled and searched. Its own key closes it, too."""

    BINDINGS: ClassVar = [
        ("escape,q,question_mark,f1", "back", "Back"),
        ("slash", "search", "Search"),
        ("tab,shift+tab", "turn", "All screens"),
        *bindings("Moving"),
    ]

    def __init__(self, title: str, here: Sequence[Key], every: Sequence[Key], about: str) -> None:
        """Show the keys `here` first, which work on the screen called `title`; `about` says what is watched."""
        super().__init__()
        signs = Section("Signs", KEY_SIGNS)
        self._pages = {
            f"Keys: {title}": sections_of(here),
            "Keys of all screens, and signs": [
                *sections_of(every),
                Section("Filters", tuple(FIELDS)),
                signs,
                Section("About", (("eitui", about),)),
            ],
        }
        self._page = next(iter(self._pages))
        self.sought = ""
        """What is searched for."""
        self.typing = False
        """Whether it is being typed."""
        self._window = Window()
        self._drawing = Drawing(self._lines)

    @property
    def hints(self) -> Sequence[tuple[str, str]]:
        """What its keys do, for the footer."""
        if self.typing:
            return (("enter", "Keep"), ("esc", "Show all"))
        return (
            ("tab", "All screens" if self._page.startswith("Keys:") else "This screen"),
            ("/", "Search"),
            ("esc", "Back"),
        )

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        with Vertical(id="help"):
            yield self._drawing

    def _lines(self, width: int, height: int) -> Sequence[Line]:
        keys: list[Span] = [span for key, does in self.hints for span in ((f"  {key} ", "key"), (does.lower(), "dim"))]
        lines = help_lines(found(self._pages[self._page], self.sought), width) or [(("Nothing is found.", "dim"),)]
        above: list[Line] = [spread(((self._page, "accent"),), tuple(keys), width)]
        if self.typing or self.sought:
            caret: Line = ((" ", "caret"),) if self.typing else ()
            above.append((("/", "key"), (self.sought, ""), *caret))
        above.append(EMPTY_LINE)
        return [*above, *self._window.windowed(lines, height - len(above))]

    def _look(self) -> None:
        self._window.top = 0
        self._drawing.redraw()

    def take_key(self, key: str, character: str | None) -> bool:
        """Take a key for what is searched for, while that is typed."""
        if not self.typing:
            return False
        if key in ("enter", "escape"):
            self.typing = False
            self.sought = "" if key == "escape" else self.sought
        elif key in ("backspace", "ctrl+h"):
            self.sought = self.sought[:-1]
        elif key == "ctrl+u":
            self.sought = ""
        elif character is not None and character.isprintable():
            self.sought += character
        else:
            return False
        self._look()
        return True

    def take_pasted(self, text: str) -> None:
        """Search for what is pasted."""
        if self.typing:
            self.sought += text
            self._look()

    def action_search(self) -> None:
        """Let something be searched for."""
        self.typing, self.sought = True, ""
        self._look()

    def action_turn(self) -> None:
        """Turn to the other page."""
        self._page = next(page for page in self._pages if page != self._page)
        self._look()

    def action_back(self) -> None:
        """Show everything again; then close."""
        if self.sought:
            self.sought = ""
            self._look()
        elif self.is_current:
            self.dismiss(None)

    def action_move(self, by: int) -> None:
        """Scroll."""
        self._window.move(by)
        self._drawing.redraw()

    def action_move_page(self, by: int) -> None:
        """Scroll by screenfuls."""
        self.action_move(self._window.page(by))

    def action_columns(self, by: int) -> None:
        """Turn to the other page."""
        self.action_turn()

    def on_mouse_scroll_down(self) -> None:
        """Scroll with the wheel."""
        self.action_move(WHEEL)

    def on_mouse_scroll_up(self) -> None:
        """Scroll with the wheel."""
        self.action_move(-WHEEL)
