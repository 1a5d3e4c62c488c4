"""Where the panes of the monitor are: a function of the size of the terminal and of what each pane has to show."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.layouts.vertical import VerticalLayout
from textual.widget import Widget

from eitui.tui.view_state import USUAL_PANES, Panes

PANES = ("trials", "curves", "workers", "alerts")
"""The panes that have the keyboard in turn."""

_MOST = 1000
"""Lines that are more than there are."""

OVERVIEW = "overview"
"""What is hidden and shown with the table: the result of the run, and the trade-offs."""

ALL_PARTS = frozenset({*PANES, "header", "result", "trade-offs", "summary", "latest", "timeline", "footer", "views"})
"""Ids of all widgets that have a place."""

_ROOMY, _TALL = 100, 29
"""Columns, and lines below that of the views, from which all panes are in sight at once."""

_WIDE = 160
"""Columns from which the selected trial stands beside the table."""

_LEAST_TABLE, _LEAST_CHARTS, _CHARTS = 6, 9, 11
_LEAST_ALERTS, _ALERTS = 2, 5
_TWO_CHARTS = 18
"""Lines of the curves pane with both charts one below the other."""

_PLOT = 10
"""Lines from which trade-offs are plotted."""

_PLOT_BESIDE = 115
"""Columns from which trade-offs are plotted beside the result."""

_LEAST_TABLE_WIDTH, _LEAST_BESIDE = 72, 44
_WORKERS_WIDTH = 46


@dataclass(frozen=True)
class Needs:
    """Lines that every part of the screen would take to show all it has, with its title."""

    header: int
    trials: int
    workers: int
    alerts: int
    summary: Callable[[int], int] = lambda width: 0
    """For so many cells across."""
    result: Callable[[int, int], int] = lambda width, most: 0
    """For so many cells across and so many lines at most; 0 while the run goes on."""
    latest: bool = True
    """Whether there is an alert for the line that shows the newest."""
    trade_offs: bool = False
    """Whether there is anything to plot."""


@dataclass(frozen=True)
class Chosen:
    """What of the screen is chosen by the user."""

    pane: str = "trials"
    zoomed: bool = False
    past: bool = False
    panes: Panes = USUAL_PANES


Places = dict[str, Region]
"""Where the widgets are, by their ids; others are not in sight."""


def is_single(size: Size, state: Chosen) -> bool:
    """Whether there is one pane at a time: on small screens, and zoomed."""
    return state.zoomed or size.width < _ROOMY or size.height < _TALL


def shows_summary(size: Size, state: Chosen) -> bool:
    """Whether there is a place for the summary of the selected trial."""
    return size.width >= _WIDE and not is_single(size, state) and "curves" not in state.panes.hidden


def plan(size: Size, needs: Needs, state: Chosen) -> Places:
    """Return where every widget is. None is outside of the screen."""
    width, height = size
    found = _single(size, needs, state) if is_single(size, state) else _all(size, needs, state)
    screen = Region(0, 0, width, height)
    return {name: region for name, at in found.items() if (region := at.intersection(screen)).area}


def _single(size: Size, needs: Needs, state: Chosen) -> Places:
    width, height = size
    found, left = {}, height
    footer = height > 2
    left -= footer
    if footer:
        found["footer"] = Region(0, height - 1, width, 1)
    header = min(needs.header, max(0, left - 2))
    found["header"] = Region(0, 0, width, header)
    left -= header
    below = "timeline" if state.past else "latest" if needs.latest and state.pane != "alerts" else ""
    if below and left > 4:
        left -= 1
        found[below] = Region(0, header + left, width, 1)
    top = header
    needed = needs.result(width, _MOST)
    if needed and state.pane == "trials" and not state.zoomed and left >= 6:
        lines = needs.result(width, 1 + max(2, left // 4)) - 1
        found["result"] = Region(0, top, width, lines)
        top, left = top + lines, left - lines
    found[state.pane] = Region(0, top, width, left)
    return found


def _all(size: Size, needs: Needs, state: Chosen) -> Places:
    width, height = size
    found: Places = {
        "header": Region(0, 0, width, needs.header),
        "timeline": Region(0, height - 2, width, 1),
        "footer": Region(0, height - 1, width, 1),
    }
    body = Region(0, needs.header, width, max(1, height - 2 - needs.header))
    return found | (_wide(body, needs, state) if width >= _WIDE else _stacked(body, needs, state))


def _result(at: Region, needs: Needs, lines: int) -> Places:
    """Return the result, the trade-offs beside it where there is room for them."""
    if lines < _PLOT or not needs.trade_offs or at.width < _PLOT_BESIDE:
        return {"result": Region(at.x, at.y, at.width, lines)}
    left = at.width * 3 // 5
    return {
        "result": Region(at.x, at.y, left, lines),
        "trade-offs": Region(at.x + left, at.y, at.width - left, lines),
    }


def _result_lines(needs: Needs, width: int, body: int) -> int:
    """Return the lines that the result takes at the top of `body`, from all there is to the most important."""
    whole = needs.result(width, _MOST)
    if not whole:
        return 0
    if body >= 3 * _PLOT and needs.trade_offs and width >= _PLOT_BESIDE:
        return max(_PLOT, min(max(whole, needs.result(width * 3 // 5, _MOST)), body // 4))
    return needs.result(width, max(7, body // 5))


def _beside(at: Region, names: list[str]) -> Places:
    """Return the panes beside one another, the second no wider than it needs to be."""
    if len(names) == 1:
        return {names[0]: at}
    second = max(_WORKERS_WIDTH, at.width // 3)
    return {
        names[0]: Region(at.x, at.y, at.width - second, at.height),
        names[1]: Region(at.right - second, at.y, second, at.height),
    }


def _stacked(body: Region, needs: Needs, state: Chosen) -> Places:
    """Return the table above the curves, with what is small beside those or below."""
    over, hidden = needs.result(body.width, _MOST) > 0, state.panes.hidden
    small = [name for name in ("workers", "alerts") if name not in hidden and not (over and name == "workers")]
    charts = ["curves"] if "curves" not in hidden else []
    # Of the small panes one stands beside the curves, the alerts below where they are the second.
    row = [*charts, *small[:1]]
    last = small[1:]
    left = body.height
    found: Places = {}
    top = body.y
    if over and OVERVIEW not in hidden:
        lines = _result_lines(needs, body.width, left)
        found |= _result(Region(0, top, body.width, lines), needs, lines)
        top, left = top + lines, left - lines
    alerts = 0
    if last:
        alerts = max(_LEAST_ALERTS, min(needs.alerts, _ALERTS) + state.panes.lower)
    lower = 0
    if row:
        want = getattr(needs, row[0], 0) if not charts else 0
        least = _CHARTS if left >= _TALL else _LEAST_CHARTS
        lower = want or max(least, left - alerts - needs.trials)
        # What is over once the charts are large goes to alerts that scroll.
        if charts and last and (spare := lower - 2 * _CHARTS) > 0:
            more = max(0, min(spare, needs.alerts - alerts))
            alerts, lower = alerts + more, lower - more
        lower += state.panes.charts
    lower = max(min(3, left) if row else 0, min(lower, left - alerts - _LEAST_TABLE))
    alerts = max(_LEAST_ALERTS if last else 0, min(alerts, left - lower - _LEAST_TABLE))
    table = max(1, left - lower - alerts)
    if not charts and last:
        spare = max(0, min(table - needs.trials, needs.alerts - alerts))
        table, alerts = table - spare, alerts + spare
    found["trials"] = Region(0, top, body.width, table)
    if row:
        found |= _beside(Region(0, top + table, body.width, lower), row)
    if last:
        found[last[0]] = Region(0, top + table + lower, body.width, alerts)
    return found


def _wide(body: Region, needs: Needs, state: Chosen) -> Places:
    """Return the table at the left, the selected trial beside it, and what is small below both."""
    over, hidden = needs.result(body.width, _MOST) > 0, state.panes.hidden
    small = [name for name in ("workers", "alerts") if name not in hidden and not (over and name == "workers")]
    found: Places = {}
    main = body.height
    if small:
        most = max(_ALERTS, body.height // 6)
        lower = max(_LEAST_ALERTS, min(most, max(getattr(needs, name) for name in small)) + state.panes.lower)
        lower = min(lower, max(_LEAST_ALERTS, body.height - 2 * _CHARTS))
        main -= lower
        found |= _beside(Region(0, body.y + main, body.width, lower), small[::-1])
    beside = 0
    if "curves" not in hidden:
        beside = max(64, body.width * 2 // 5 + 2) + state.panes.beside
        beside = max(_LEAST_BESIDE, min(beside, body.width - _LEAST_TABLE_WIDTH))
    left = body.width - beside
    if beside:
        # A cell apart from the table.
        whole = needs.summary(beside - 1)
        about = min(whole, max(main // 3, main - _TWO_CHARTS))
        charts = main - about + state.panes.charts
        charts = max(_LEAST_CHARTS, min(charts, main))
        found["curves"] = Region(left + 1, body.y, beside - 1, charts)
        found["summary"] = Region(left + 1, body.y + charts, beside - 1, main - charts)
    top, room = body.y, main
    if over and OVERVIEW not in hidden:
        lines = _result_lines(needs, left, room)
        # What the table does not need is the chart's.
        if needs.trade_offs and left >= _PLOT_BESIDE:
            lines = max(lines, room - needs.trials)
        found |= _result(Region(0, top, left, lines), needs, lines)
        top, room = top + lines, room - lines
    elif needs.trade_offs and OVERVIEW not in hidden and room - needs.trials >= _PLOT:
        plot = room - needs.trials
        found["trade-offs"] = Region(0, top + needs.trials, left, plot)
        room -= plot
    found["trials"] = Region(0, top, left, room)
    return found


GROW = {
    ("trials", False): ("charts", -1),
    ("trials", True): ("beside", -4),
    ("curves", False): ("charts", 1),
    ("curves", True): ("beside", 4),
    ("workers", False): ("charts", 1),
    ("workers", True): ("lower", 1),
    ("alerts", False): ("lower", 1),
    ("alerts", True): ("lower", 1),
}
"""Which size changes when a pane grows by a step, and by how much, on screens that are wide or not."""


def grown(size: Size, needs: Needs, state: Chosen, by: int) -> Panes | None:
    """Return the sizes with the pane a step larger, or smaller; None where there is no room for that."""
    name, step = GROW[state.pane, size.width >= _WIDE]
    panes = replace(state.panes, **{name: getattr(state.panes, name) + by * step})
    return panes if plan(size, needs, replace(state, panes=panes)) != plan(size, needs, state) else None


class Placing(Layout):
    """Puts every widget where a plan says; others, such as Textual's own, one below the other."""

    name = "placing"

    def __init__(self, found: Callable[[], Mapping[str, Region]]) -> None:
        self._found = found
        self._others = VerticalLayout()

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        """Return where the children are; called by Textual."""
        found = self._found()
        own = [child for child in children if child.id in found]
        others = [child for child in children if child.id not in found]
        placed = [WidgetPlacement(found[child.id or ""], NULL_OFFSET, NULL_SPACING, child) for child in own]
        return [*placed, *(self._others.arrange(parent, others, size, greedy) if others else [])]
