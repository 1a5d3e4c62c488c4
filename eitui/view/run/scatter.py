"""Trade-offs: how good trials are against what they cost on the target, as a plot of points and in words."""

from collections.abc import Mapping, Sequence

from eitui.analysis.figures import FigureKind, Lens
from eitui.analysis.pareto import TradeOff, TradeOffPoint
from eitui.domain.run import Run
from eitui.domain.trial import VALIDATION, Trial
from eitui.view.kit import format as fmt
from eitui.view.kit.axis import Scale, worth_showing
from eitui.view.kit.chart import Chart, ChartPoint, Rule, draw, padded
from eitui.view.kit.keys import key_name, keyed
from eitui.view.kit.lines import EMPTY_LINE, Line, beside, crop, joined, spread, width_of
from eitui.view.kit.status import OVER
from eitui.view.run.compare import costs

FRONT, BEATEN, _OVER, OVER_ON_FRONT = "◆", "•", "×", "◇"
"""Signs of the points: a choice, one that another beats, one over a limit, and one that would be a choice if not over
a limit."""

_HINT = "{move.left}{move.right} by cost  {move.up}{move.down} along the front"
"""What the arrow keys do, said where there is room for it."""

READING_LINES = 2
"""Lines that `point_line` takes."""

WORSE_DOWN, WORSE_UP = "↓", "↑"
"""Signs of points too bad for the range that is shown."""

_LIMIT_NAMES = {"latency": "latency", "ram": "RAM", "rom": "ROM"}
_LEGEND = (
    (FRONT, "on the front", "good"),
    (BEATEN, "beaten", "dim"),
    (_OVER, "over a limit", "dim"),
    (OVER_ON_FRONT, "front, over a limit", "warn"),
    (WORSE_DOWN, "off the chart", "dim"),
    (WORSE_UP, "off the chart", "dim"),
)

BESIDE, _BESIDE_TONE = "□", "accent"
"""Sign of the front of another run."""


def cost_name(trade: TradeOff) -> str:
    """Return what the cost is called."""
    return trade.cost.label or trade.cost.id


def trade_off_metric_name(trade: TradeOff, lens: Lens) -> str:
    """Return what the metric is called: of which part of the data, and accuracy or loss."""
    part = "val" if lens.part == VALIDATION else lens.part
    return f"{part} {'accuracy' if trade.metric.high_first else 'loss'}"


def merit(trade: TradeOff, value: float) -> str:
    """Return a figure of the metric as text."""
    return fmt.percent(value) if trade.metric.high_first else fmt.loss(value)


def choices(trade: TradeOff) -> tuple[TradeOffPoint, ...]:
    """Return the front that is drawn: of the trials within all limits, or of all where none is within them."""
    return trade.front_within_limits or trade.front


def trade_off_scatter(
    trade: TradeOff,
    lens: Lens,
    chosen: TradeOffPoint | None,
    width: int,
    height: int,
    beside: tuple[TradeOff, str] | None = None,
    *,
    moves: bool = True,
) -> list[Line]:
    """Return `height` lines of exactly `width` cells: what the signs mean, and the plot, the chosen point in brackets.

    There is one point at least (else see `why_no_points`). The line joins the trials that no other within the limits
    beats; the device's limit of this cost is an upright line. `beside` is another
    run, and what it is called: its front is drawn, too. `moves`: whether keys move along the points.
    """
    if width <= 0 or height <= 0:
        return [EMPTY_LINE] * max(0, height)
    legend = _legend(trade, width, "" if beside is None or not choices(beside[0]) else beside[1], moves=moves)
    other = None if beside is None else beside[0]
    return [padded(legend, width), *draw(trade_off_chart(trade, lens, chosen, other), width, height - 1)]


def trade_off_chart(trade: TradeOff, lens: Lens, chosen: TradeOffPoint | None, beside: TradeOff | None = None) -> Chart:
    """Return the chart: a sign for each trial, the limit as a rule, the front as steps, and that of another run."""
    others = [] if beside is None else [(point.cost, point.merit) for point in choices(beside)]
    costs = [*(point.cost for point in trade.points), *(cost for cost, _ in others)]
    unit, unit_name = _unit(trade, costs)
    percent, shown = trade.metric.high_first, _shown_range(trade)
    near = [trade.limit] if trade.limit is not None and _is_near(trade.limit, costs) else []
    line = choices(trade)
    rules = () if trade.limit is None else (Rule(trade.limit, f"limit {cost_figure(trade, trade.limit)}", "warn"),)
    return Chart(
        trade_off_metric_name(trade, lens),
        Scale.holding([*costs, *near], unit=unit, may_be_log=True),
        Scale.holding(
            [*shown, *(merit for _, merit in others)], "percent" if percent else "number", may_be_log=not percent
        ),
        f"{cost_name(trade)}, {unit_name}",
        points=(*(ChartPoint(*place, BESIDE, _BESIDE_TONE) for place in others), *_signs(trade, shown)),
        rules=rules,
        steps=tuple((point.cost, point.merit) for point in line),
        steps_end=_steps_end(trade, line),
        chosen=None
        if chosen is None
        else ChartPoint(chosen.cost, chosen.merit, _sign(chosen, _within(trade), shown)[1]),
    )


def cost_figure(trade: TradeOff, value: float) -> str:
    """Return a figure of the cost as text."""
    return fmt.latency(value) if trade.cost.kind is FigureKind.LATENCY else fmt.memory(value)


def _unit(trade: TradeOff, costs: Sequence[float]) -> tuple[float, str]:
    """Return what the costs are divided by in the labels, and what that unit is called."""
    highest = max(costs)
    if trade.cost.kind is FigureKind.LATENCY:
        return (1000.0, "s") if highest >= 10_000 else (1.0, "ms")
    for unit, name in ((1024.0**2, "MB"), (1024.0, "KB")):
        if highest >= 4 * unit:
            return unit, name
    return 1.0, "bytes"


def _is_near(limit: float, costs: Sequence[float]) -> bool:
    """Return whether the axis may be made longer to show the limit, without the points losing most of it."""
    least, greatest = min(costs), max(costs)
    return (
        greatest - 3 * max(greatest - least, greatest / 2) <= limit <= max(2 * greatest - min(least, greatest / 2), 0)
    )


def _shown_range(trade: TradeOff) -> tuple[float, float]:
    """Return the ends of what the y axis must hold: the figures of both fronts, and most of the others."""
    always = [point.merit for point in (*trade.front, *trade.front_within_limits)]
    merits = [point.merit for point in trade.points]
    shown = worth_showing(merits, always, higher_is_better=trade.metric.high_first)
    return min(shown), max(shown)


def _sign(point: TradeOffPoint, within: frozenset[str], shown: tuple[float, float]) -> tuple[int, str, str]:
    """Return a point's rank, higher ones covering lower ones, its sign and its tone.

    `within`: ids on the front within the limits. `shown`: least and greatest figure of the metric on the chart.
    """
    if point.merit < shown[0]:
        return 0, WORSE_DOWN, "dim"
    if point.merit > shown[1]:
        return 0, WORSE_UP, "dim"
    if point.over:
        return (1, _OVER, "dim") if point.dominated else (2, OVER_ON_FRONT, "warn")
    return (3, FRONT, "good") if point.trial_id in within else (0, BEATEN, "dim")


def _signs(trade: TradeOff, shown: tuple[float, float]) -> tuple[ChartPoint, ...]:
    within = _within(trade)
    ranked = sorted(((*_sign(point, within, shown), point) for point in trade.points), key=lambda entry: entry[0])
    return tuple(ChartPoint(point.cost, point.merit, char, tone) for _, char, tone, point in ranked)


def _within(trade: TradeOff) -> frozenset[str]:
    return frozenset(point.trial_id for point in trade.front_within_limits)


def _steps_end(trade: TradeOff, line: Sequence[TradeOffPoint]) -> float | None:
    """Return how far the last step goes: to the limit, beyond which there is no choice."""
    if trade.limit is None or not line or line[-1].cost > trade.limit:
        return None
    return trade.limit


def _legend(trade: TradeOff, width: int, beside: str, *, moves: bool) -> Line:
    within, shown = _within(trade), _shown_range(trade)
    signs = {_sign(point, within, shown)[1] for point in trade.points}
    legend: list[Line] = [((f"{char} {words}", tone),) for char, words, tone in _LEGEND if char in signs]
    legend += [((f"{BESIDE} front of the {beside}", _BESIDE_TONE),)] if beside else []
    line = ((" ", ""), *joined(legend, "  "))
    hint: Line = ((f"{keyed(_HINT)} ", "dim"),) if moves else EMPTY_LINE
    return spread(line, hint, width) if width_of(line) + width_of(hint) < width else crop(line, width)


# In words


def point_line(
    trade: TradeOff, point: TradeOffPoint, run: Run, lens: Lens, names: Mapping[str, str], width: int
) -> list[Line]:
    """Return two lines of exactly `width` cells: the point's name and figures, and what it is worth as a choice.

    `names` has the names of the trials by id.
    """
    trial, name = run.trial(point.trial_id), names.get(point.trial_id, point.trial_id)
    figures: Line = joined(
        [
            ((f"{trade_off_metric_name(trade, lens)} {merit(trade, point.merit)}", ""),),
            *([] if trial is None else _costs(trial, run, lens)),
        ],
        "  ",
    )
    lines = beside(name, (("  ", ""), *figures), width - 1, "title"), _verdict(trade, point, names, width - 1)
    return [padded(crop(((" ", ""), *line), width), width) for line in lines]


def _costs(trial: Trial, run: Run, lens: Lens) -> list[Line]:
    return [
        ((text, OVER.tone if OVER.sign in text else ""),) for text in costs(trial, lens.precision, run.config.target)
    ]


def _verdict(trade: TradeOff, point: TradeOffPoint, names: Mapping[str, str], width: int) -> Line:
    over = ", ".join(_LIMIT_NAMES[key] for key in sorted(point.over))
    same = sum((other.cost, other.merit) == (point.cost, point.merit) for other in trade.points) - 1
    before: Line | None = ((f"{_OVER} over: {over}", OVER.tone),) if over else None
    after: Line | None = ((f"{same} more just like it", "dim"),) if same else None
    rival = _rival(trade, point)
    if rival is None:
        standing = (
            (f"{OVER_ON_FRONT} would be on the front", "warn")
            if over
            else (f"{FRONT} on the front: {_best_at(trade)}", "good")
        )
        return joined([before, (standing,), after], "  ")
    figures: Line = ((f": {merit(trade, rival.merit)} at {cost_figure(trade, rival.cost)}", "dim"),)
    head = joined([before, ((f"{BEATEN} beaten by ", "dim"),)], "  ")
    name = names.get(rival.trial_id, rival.trial_id)
    return (*head, *beside(name, joined([figures, after], "  "), width - width_of(head), "dim"))


def _best_at(trade: TradeOff) -> str:
    quality = "accuracy" if trade.metric.high_first else "loss"
    return f"best {quality} within the limits at this {cost_name(trade)}"


def _rival(trade: TradeOff, point: TradeOffPoint) -> TradeOffPoint | None:
    """Return the best of the trials that beat `point`: for one within the limits, of those within them."""
    front = trade.front if point.over else trade.front_within_limits
    sign = 1 if trade.metric.high_first else -1
    better = [
        other
        for other in front
        if other.cost <= point.cost
        and sign * other.merit >= sign * point.merit
        and (other.cost, other.merit) != (point.cost, point.merit)
    ]
    return better[-1] if better else None


def counted(trade: TradeOff) -> str:
    """Return how many trials are points of which kind, and how many are none and why."""
    over = sum(bool(point.over) for point in trade.points)
    left = trade.left_out
    metric = "accuracy" if trade.metric.high_first else "loss"
    count = len(trade.points)
    points = f"{count} trial{'s' * (count != 1)} plotted" + (f" ({over} over a limit)" if over else "")
    parts = [
        (left.no_merit, f"without {metric}"),
        (left.no_cost, f"without {cost_name(trade)}"),
        (left.failed, "failed"),
        (left.unfinished, "unfinished"),
    ]
    left_out = ", ".join(f"{count} {words}" for count, words in parts if count)
    return f"{points}; not shown: {left_out}" if left_out else points


def why_no_points(trade: TradeOff) -> str:
    """Return why there is no point; empty when there is one."""
    if trade.points:
        return ""
    left, name = trade.left_out, cost_name(trade)
    metric, other = ("an accuracy", "loss") if trade.metric.high_first else ("a loss", "accuracy")
    if not left.total:
        return "No trials yet: each completed trial becomes a point."
    if left.no_cost:
        note = f"the service sent no {name} for this precision on the target device"
        return f"No point to draw: {left.no_cost} completed, and {note}. {keyed('{trade.cost} shows another cost.')}"
    if left.no_merit:
        switch = f"{key_name('trade.metric')} shows the {other}."
        return f"No point to draw: {left.no_merit} completed, none with {metric}. {switch}"
    return f"No trial has completed yet: {left.unfinished} unfinished, {left.failed} failed."
