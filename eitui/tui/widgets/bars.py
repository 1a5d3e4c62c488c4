"""The lines above and below the panes: header, banner, timeline, footer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Protocol, runtime_checkable

from textual import events
from textual.message import Message

from eitui.analysis.figures import Lens
from eitui.domain.moment import EMPTY_MOMENT, Instant, Moment
from eitui.domain.moment import Moment as RunMoment
from eitui.tui.keys import Key, keys_of
from eitui.tui.kit.lines import Lines
from eitui.tui.services import Services
from eitui.view.kit.cells import middle
from eitui.view.kit.lines import EMPTY_LINE, Line, Span, joined, spread, width_of
from eitui.view.kit.views import View, views_line
from eitui.view.run.header import Past, header, most_lines
from eitui.view.run.timeline import seconds_per_cell, timeline


class Header(Lines):
    """Which run, how far, how long, within which limits, and whether it is live; see `eitui.view.run.header`."""

    def __init__(self, services: Services) -> None:
        super().__init__(id="header")
        self._services = services
        self._moment, self._now, self._paused = EMPTY_MOMENT, Instant(0.0, 0.0), False
        self._lens: Lens | None = None
        self._past: Past | None = None
        self._note: Line = EMPTY_LINE
        self._today = self._now
        self.answered = False
        """Whether the result of the run is in sight below."""

    def show(
        self,
        moment: RunMoment,
        now: Instant,
        *,
        paused: bool,
        past: Past | None = None,
        today: Instant | None = None,
        lens: Lens | None = None,
        note: Line = EMPTY_LINE,
    ) -> None:
        """Show `moment` as of `now`; it takes a line more for each notice. See `eitui.view.run.header`."""
        self._moment, self._now, self._paused = moment, now, paused
        self._past, self._today, self._lens, self._note = past, today or now, lens, note
        self.redraw()

    def height_for(self, width: int, screen: int, *, result: bool) -> int:
        """Return how many lines it takes on a screen of so many lines, the result of the run in sight or not."""
        return len(self._lines(width, most_lines(screen), result=result))

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the lines of `eitui.view.run.header`."""
        return self._lines(width, height, result=self.answered)

    def _lines(self, width: int, most: int, *, result: bool) -> Sequence[Line]:
        return header(
            self._moment,
            self._now,
            width,
            paused=self._paused,
            past=self._past,
            today=self._today,
            lens=self._lens,
            unencrypted=self._services.unencrypted,
            simulated=self._services.simulated,
            note=self._note,
            most=most,
            result=result,
        )


_LEAST_TITLE = 22
"""Cells that the name of a thing keeps beside what is said of it."""

_SCREENS_TITLE = 24
"""Cells that the name of a screen takes at most, with the gap after it: none is cut before what is said."""


class Banner(Lines):
    """What the screen is about, and at its end which time it shows or how fresh it is."""

    def __init__(self) -> None:
        super().__init__(id="banner")
        self._about: Line = EMPTY_LINE
        self._standing: Sequence[Line] = ()

    def show(self, about: Line, standing: Sequence[Line]) -> None:
        """Show `about`, and `standing` as `eitui.view.run.header.standing` says it."""
        self._about, self._standing = about, standing
        self.redraw()

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the line; what it is about is cut where both do not fit, a long name before what is said of it."""
        standing = (*joined(self._standing, "  "), (" ", ""))
        about = self._about
        if about and about[0][1] == "title" and width_of(about[:1]) > _SCREENS_TITLE:
            name, said = about[0][0], about[1:]
            room = max(_LEAST_TITLE, width - 2 - width_of(said) - width_of(standing))
            about = ((middle(name, min(room, width_of(about[:1]))), "title"), *said)
        return [spread(((" ", ""), *about), standing, width)]


TRIALS_VIEW = "pane.trials"
"""The first view, the monitor itself, by the key of its first pane. From a screen over it the key that closes it leads
there."""


class Views(Lines):
    """The line of views, the first of every full screen; see `eitui.view.kit.views`."""

    class Chosen(Message):
        """A view was clicked, by the id of its key."""

        def __init__(self, view: str) -> None:
            super().__init__()
            self.view = view

    def __init__(self, keys: Sequence[Key], here: str) -> None:
        """Show the views of `keys`; `here` is the one in sight, by the id of its key."""
        super().__init__(id="views")
        back = next((key.first for key in keys if key.id == "over.back"), "")
        self._views = [View(TRIALS_VIEW, "Trials", "" if here == TRIALS_VIEW else back)]
        self._views += [View(key.id, key.label, key.first) for key in keys_of(keys, "Views")]
        self._here = here
        self._counts: Mapping[str, int] = {}

    def show(self, counts: Mapping[str, int]) -> None:
        """Show how many of what is bad there is in a view, by its id."""
        self._counts = counts
        self.redraw()

    def _line(self, width: int) -> tuple[Line, list[range]]:
        return views_line(
            [replace(view, count=self._counts.get(view.id, 0)) for view in self._views], self._here, width
        )

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the line."""
        return [self._line(width)[0]]

    @property
    def places(self) -> Sequence[tuple[str, int]]:
        """Where each view stands: its id, and the cell before its key; without a key its first one."""
        found = []
        for view, cells in zip(self._views, self._line(self.size.width)[1], strict=True):
            count = self._counts.get(view.id, 0)
            after = len(view.key) + (len(f" {count}") if count else 0) + 1
            found.append((view.id, cells.stop - after if view.key else cells.start))
        return found

    def on_click(self, event: events.Click) -> None:
        """Go where the mouse points."""
        for view, cells in zip(self._views, self._line(self.size.width)[1], strict=True):
            if event.x in cells:
                self.post_message(self.Chosen(view.id))


class Timeline(Lines):
    """From the run's beginning to its newest moment, and which time is on the screen; see `view.run.timeline`."""

    def __init__(self) -> None:
        super().__init__(id="timeline")
        self._moment, self._now = EMPTY_MOMENT, Instant(0.0, 0.0)
        self._cursor: float | None = None
        self._ends: tuple[float, float] | None = None

    def show(self, moment: Moment, now: Instant, cursor: float | None, ends: tuple[float, float] | None) -> None:
        """Show the run as it is in `moment`, the newest, and the time on the screen; see `view.run.timeline`."""
        self._moment, self._now, self._cursor, self._ends = moment, now, cursor, ends
        self.redraw()

    @property
    def cell_s(self) -> float:
        """Seconds that a cell stands for, as wide as the screen is; 0 while there is no run."""
        return seconds_per_cell(self._moment, self._now, self.app.size.width, self._ends)

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the line."""
        return [timeline(self._moment, self._now, width, cursor=self._cursor, ends=self._ends)]


@runtime_checkable
class Hinting(Protocol):
    """A dialog that says what its keys do."""

    @property
    def hints(self) -> Sequence[tuple[str, str]]:
        """Keys as they are written, and a word for what each does."""


_KEPT = frozenset({"app.help", "app.quit", "trial.open", "time.live", "over.back"})


class Footer(Lines):
    """Made from the table of keys. Textual's own footer sends 83 KB on a change of focus."""

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__(id="footer")
        self._keys = keys
        self._past = self._replay = False

    def show(self, *, past: bool, replay: bool) -> None:
        """Show the keys that matter now, or those that matter in the past, or in a replay, which has no now."""
        self._past, self._replay = past, replay
        self.redraw()

    def use(self, keys: Sequence[Key]) -> None:
        """Show these keys from now on."""
        self._keys = keys
        self.redraw()

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the keys in their order; help and quit stay when others have to go. A dialog over it has its own."""
        top = self.app.screen
        if top is not self.screen and isinstance(top, Hinting):
            return [tuple(span for key, does in top.hints for span in ((f" {key}", "key"), (f" {does} ", "dim")))]
        named: list[tuple[int, str, Key]] = []
        for key in self._keys:
            place, label = key.past if self._past else (key.footer, key.label)
            if place:
                named.append((place, "End" if self._past and self._replay and key.id == "time.live" else label, key))
        # Keys that share a place are two directions of one thing.
        shown = [
            (label, [key for _, _, key in together])
            for (_, label), together in groupby(sorted(named, key=lambda one: one[0]), key=lambda one: (one[0], one[1]))
        ]
        droppable = [one for one in shown if not any(key.id in _KEPT for key in one[1])]
        while droppable and width_of(_line(shown)) > width:
            shown.remove(droppable.pop())
        return [_line(shown)]


def _line(shown: Sequence[tuple[str, Sequence[Key]]]) -> Line:
    spans: list[Span] = []
    for label, keys in shown:
        spans += [(f" {' '.join(key.first for key in keys)}", "key"), (f" {label} ", "dim")]
    return tuple(spans)
