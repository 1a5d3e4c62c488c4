"""The run on one line: how far it has gone, when nobody watched, what happened when, and which time is shown."""

from dataclasses import dataclass
from datetime import tzinfo
from itertools import groupby
from operator import itemgetter

from eitui.domain.moment import AlertKind, Instant, Moment
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import len_cells
from eitui.view.kit.lines import Line, Span, crop
from eitui.view.run.panes import ALERT_SIGN

WATCHED, UNSEEN, AHEAD, _CURSOR = ("━", "accent"), ("╌", "warn"), ("·", "dim"), ("█", "title")
"""How a cell of the track is drawn: they differ in shape as well as in tone."""

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0

_CALM = (
    *(count * _MINUTE for count in (10, 20, 30)),
    *(count * _HOUR for count in (1, 1.5, 2, 3, 4, 6, 8, 12, 16)),
    *(count * _DAY for count in (1, 1.5, 2, 3, 4, 7, 10, 14, 21, 30)),
)
"""Spans of an axis whose run goes on, in seconds: each lasts a good while, so the picture is rarely rescaled."""

_LEAST_TRACK = 10
"""Cells below which the track says too little: then the times at its ends are left out."""

_WEIGHTIEST_FIRST = (
    AlertKind.RUN_FAILED,
    AlertKind.FINISHED,
    AlertKind.NEW_RUN,
    AlertKind.NOT_RECORDED,
    AlertKind.FAILED,
    AlertKind.WORKER_LOST,
    AlertKind.STALLED,
    AlertKind.NEW_BEST,
    AlertKind.NEW_FIT,
    AlertKind.CONNECTION_LOST,
    AlertKind.NOT_WATCHED,
    AlertKind.CONNECTION_BACK,
    AlertKind.RECORDED_AGAIN,
)
_WEIGHT = {kind: -rank for rank, kind in enumerate(_WEIGHTIEST_FIRST)}


@dataclass(frozen=True)
class _Axis:
    """What the track stands for, in seconds since the Unix epoch."""

    start: float
    reached: float
    """How far the run is known to have gone."""
    end: float

    @property
    def span(self) -> float:
        """Seconds from end to end; never 0."""
        return max(1.0, self.end - self.start)

    def cell(self, at: float, cells: int) -> int:
        """Return the cell that a time falls into, the nearest where it is outside."""
        return max(0, min(int((at - self.start) / self.span * cells), cells - 1))


def axis_of(moment: Moment, ends: tuple[float, float] | None = None) -> _Axis | None:
    """Return the axis for a run; None before there is one.

    `ends` are those of a recording, which is shown as it is. A run that goes on has room to grow. The axis depends on
    what the service said and not on the time, so a poll that changed nothing changes nothing here.
    """
    if ends is not None:
        return _Axis(ends[0], ends[1], ends[1])
    history = moment.history
    if history.began is None or not moment.run.started:
        return None
    changes = [span.last_change for span in history.spans.values()]
    reached = max([history.began, *changes, *(gap.end for gap in history.gaps), *(alert.at for alert in moment.alerts)])
    if moment.run.finished:
        return _Axis(history.began, reached, reached)
    span, most = reached - history.began, _CALM[-1]
    calm = next((calm for calm in _CALM if calm >= span), most * (span // most + 1))
    return _Axis(history.began, reached, history.began + calm)


def seconds_per_cell(moment: Moment, now: Instant, width: int, ends: tuple[float, float] | None = None) -> float:
    """Return how long a time one cell of the line stands for, in seconds; 0 before there is a run."""
    axis = axis_of(moment, ends)
    return 0.0 if axis is None else axis.span / _track_cells(axis, now.wall, width)


def timeline(
    moment: Moment,
    now: Instant,
    width: int,
    *,
    cursor: float | None = None,
    ends: tuple[float, float] | None = None,
    tz: tzinfo | None = None,
) -> Line:
    """Return the line.

    Args:
        moment: the newest there is, whatever is on the screen.
        now: what today is.
        width: cells of the line.
        cursor: the time that is on the screen, in seconds since the Unix epoch; None: the newest.
        ends: the first and the last time of a recording, likewise; None: the run goes on.
        tz: the time zone to show times in; None for this machine's.

    """
    axis = axis_of(moment, ends)
    if axis is None:
        return crop(((" No run yet: the timeline starts with the run." if moment.seen else _WAITING, "dim"),), width)
    left, right = _labels(axis, now.wall, width, tz)
    cells = _track_cells(axis, now.wall, width, tz)
    filled = axis.cell(max(axis.reached, cursor or 0.0), cells) + 1
    drawn: list[Span] = [WATCHED] * filled + [AHEAD] * (cells - filled)
    for gap in moment.history.gaps:
        for cell in range(axis.cell(gap.start, cells), axis.cell(gap.end, cells) + 1):
            # By its middle: a gap much shorter than a cell would hide what was seen beside it.
            if gap.start <= axis.start + (cell + 0.5) * axis.span / cells < gap.end:
                drawn[cell] = UNSEEN
    weights: dict[int, int] = {}
    for alert in moment.alerts:
        cell = axis.cell(alert.at, cells)
        # Alerts of an earlier run are kept, but are not on this run's line.
        if alert.at >= axis.start and _WEIGHT[alert.kind] >= weights.get(cell, -len(_WEIGHT)):
            told = ALERT_SIGN[alert.kind]
            drawn[cell], weights[cell] = (told.sign, told.tone), _WEIGHT[alert.kind]
    if cursor is not None:
        drawn[axis.cell(cursor, cells)] = _CURSOR

    # As few spans as say the same: neighbours of one tone together.
    spans: list[Span] = [(left, "dim")]
    for tone, group in groupby(drawn, key=itemgetter(1)):
        spans.append(("".join(text for text, _ in group), tone))
    return crop((*spans, (right, "dim")), width)


_WAITING = " The timeline starts with the first answer of the service."


def _labels(axis: _Axis, now: float, width: int, tz: tzinfo | None) -> tuple[str, str]:
    start, end = fmt.clock(axis.start, now, tz), fmt.clock(axis.end, now, tz)
    left, right = f" {start} ", f" {end} "
    return (left, right) if width - len_cells(left + right) >= _LEAST_TRACK else (" ", " ")


def _track_cells(axis: _Axis, now: float, width: int, tz: tzinfo | None = None) -> int:
    return max(1, width - sum(map(len_cells, _labels(axis, now, width, tz))))
