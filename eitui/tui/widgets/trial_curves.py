"""The curves of one trial, large: with a cursor that reads them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from eitui.domain.curve import EMPTY_CURVE, Curve, Epochs, steps_of
from eitui.domain.trial import Trial
from eitui.tui.kit.lines import indented
from eitui.tui.kit.list import ROOMY, Pane
from eitui.view.kit.chart import Chart
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import EMPTY_LINE, Line, wrapped
from eitui.view.kit.look import CurveLook, step_on
from eitui.view.trial import curves as look_at
from eitui.view.trial.curves import NONE_ABOVE_ZERO, QUANTITIES, UNREAD, LogState, empty_reason

ONE_ATTEMPT = "Only one attempt of this trial was recorded."

_HINTED = 60
"""Cells from which the title has room for a hint beside the name of the trial."""

PAGE = 10
"""Epochs that page keys move the cursor by."""


@dataclass(frozen=True)
class Subject:
    """What is drawn."""

    trial: Trial | None = None
    curve: Curve = EMPTY_CURVE
    training_cycles: int | None = None
    gone: str = ""
    """Why there is no trial."""
    log: LogState = UNREAD
    name: str = ""
    """What the trial is called, where the screen does not say it."""


Notice = Callable[[int, int], list[Line]]
"""Makes what stands above the charts, for so many cells and lines."""


class TrialCurves(Pane):
    """Loss and accuracy by epoch, with a cursor that reads them."""

    def __init__(self, key: str, title: str, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(key, title, id=id)
        self.look = CurveLook()
        self.cursor: int | None = None
        """The epoch that is read, counted through all phases; None: the latest there is."""
        self._subject = Subject()
        self._notice: Notice = lambda width, height: []
        self._charts: tuple[object, tuple[Chart, Chart]] | None = None

    def show(self, subject: Subject, notice: Notice = lambda width, height: []) -> None:
        """Show a trial's curves, below what `notice` makes. With another trial the cursor goes to its latest epoch."""
        before, self._subject, self._notice = self._subject, subject, notice
        if _id(before.trial) != _id(subject.trial):
            self.cursor = None
            self.look = replace(self.look, attempt=-1)
        elif len(subject.curve.earlier) != len(before.curve.earlier):
            self.cursor = None
        self.redraw()

    @property
    def epochs(self) -> Epochs:
        """The epochs of the attempt that is shown."""
        every = look_at.attempts(self._subject.curve)
        return every[self._attempt % len(every)]

    @property
    def _attempt(self) -> int:
        count = len(look_at.attempts(self._subject.curve))
        return self.look.attempt if -count <= self.look.attempt < count else -1

    @property
    def index(self) -> int:
        """Which of `epochs` is read: the cursor's, or the nearest before it."""
        if self.cursor is None:
            return len(self.epochs) - 1
        return max((index for index, step in enumerate(steps_of(self.epochs)) if step <= self.cursor), default=0)

    # What the keys do

    def switch_log(self) -> None:
        """Make the axis of the loss logarithmic, or even again."""
        self.look = replace(self.look, log=not self.look.log)
        self.redraw()

    def smooth(self) -> None:
        """Smooth more, or not at all after the most."""
        self.look = self.look.smoothed_more
        self.redraw()

    def next_attempt(self) -> bool:
        """Show the attempt before, after the first the latest; False where only one was seen."""
        count = len(look_at.attempts(self._subject.curve))
        before = self._attempt - 1
        self.look = replace(self.look, attempt=before if before >= -count else -1)
        self.cursor = None
        self.redraw()
        return count > 1

    def move_cursor(self, by: int) -> None:
        """Read another epoch; beyond the last one it is again the latest, whichever that will be."""
        self.cursor = step_on(self.cursor, steps_of(self.epochs), by)
        self.redraw()

    # What is drawn

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the title, the notice, the charts, and what they say."""
        subject = self._subject
        if subject.trial is None:
            return [self.title_line(width), *_sentence(subject.gone, width)][:height]
        reasons = [empty_reason(subject.trial, self._shown_curve(), quantity, subject.log) for quantity in QUANTITIES]
        head = [self.title_line(width, self._place(width, reads=not all(reasons)), subject.name)]
        if all(reasons):
            # A failed trial without a curve says why it failed at length instead.
            notice = self._notice(width - 2, height - 3)
            return [*head, *_sentence(reasons[0], width), *([EMPTY_LINE] if notice else []), *indented(notice)]
        head += indented(self._notice(width - 2, max(1, height // 4)))[: max(0, height // 3)]
        charts = [
            (chart, reason or (NONE_ABOVE_ZERO if chart.empty else ""))
            for chart, reason in zip(self._made_charts(), reasons, strict=True)
        ]
        epochs = self.epochs
        cursor = None if self.cursor is None or not epochs else float(steps_of(epochs)[self.index])
        room = self.lines_read(height)
        drawn = look_at.draw_curves(charts, width, max(0, height - len(head) - room), cursor)
        read = look_at.epoch_line(epochs, self.index, width, moved=self.cursor is not None)
        best: Line = ((" ", ""), *look_at.best_line(epochs, width - 1))
        return [*head, *drawn, *[read, best][:room]][:height]

    def lines_read(self, height: int) -> int:
        """Return how many lines below the charts say what they are where the cursor is, and where they are best."""
        return 2

    @property
    def tells_keys(self) -> bool:
        """Whether the title names keys."""
        return True

    def _place(self, width: int, *, reads: bool) -> str:
        """Return how the curves are looked at, in one word each where there is little room, and what keys do."""
        count, wide = len(look_at.attempts(self._subject.curve)), width >= ROOMY
        log, smoothing = self.look.log, self.look.smoothing.name
        parts = [
            ("log axis" if wide else "log") if log else "",
            (f"{smoothing} smoothing" if wide else smoothing) if smoothing else "",
            f"attempt {self._attempt % count + 1} of {count}" if count > 1 else "",
        ]
        if reads and self.tells_keys and (wide or (width >= _HINTED and not any(parts))):
            parts.append(keyed("{move.left}{move.right} read values"))
        return ", ".join(filter(None, parts))

    def _shown_curve(self) -> Curve:
        curve = self._subject.curve
        # An earlier attempt was watched, however little of it there is.
        return curve if self._attempt == -1 else Curve(self.epochs, earlier=((),))

    def _made_charts(self) -> tuple[Chart, Chart]:
        subject, look = self._subject, replace(self.look, attempt=self._attempt)
        about = (id(subject.curve), subject.curve, look, subject.training_cycles)
        if self._charts is None or self._charts[0] != about:
            self._charts = (about, look_at.trial_charts(subject.curve, subject.training_cycles, look))
        return self._charts[1]


def _id(trial: Trial | None) -> str | None:
    return None if trial is None else trial.id


def _sentence(text: str, width: int) -> list[Line]:
    return indented(wrapped(text, width - 2, "dim"))
