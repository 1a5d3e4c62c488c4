"""The result of a run that is over: why it ended, the best trials and what they cost, and how it came to them."""

from collections.abc import Mapping

from eitui.analysis.eta import elapsed, planned_trials
from eitui.analysis.figures import over_limits
from eitui.analysis.pareto import LOSS, trade_off
from eitui.analysis.ranking import has_limits, ranked, usual_lens
from eitui.analysis.search import Search
from eitui.analysis.standing import ENDED_WITH_ERROR, run_state, why_ended
from eitui.domain.moment import Moment
from eitui.domain.run import Run
from eitui.domain.trial import Trial
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import len_cells, middle
from eitui.view.kit.lines import EMPTY_LINE, LEAST_NAME, Line, Span, crop, joined, width_of, wrapped
from eitui.view.kit.status import BEST, FITS, OVER, status
from eitui.view.run.compare import costs
from eitui.view.run.header import best_by
from eitui.view.run.panes import why_without_trials
from eitui.view.run.scatter import choices, cost_figure, merit
from eitui.view.run.search import improvement_lines

_OVER_NAMES = {"latency": "latency", "ram": "RAM", "rom": "ROM"}


def how_ended(moment: Moment) -> Span:
    """Return in a sentence why the run ended, as far as the service tells, and its tone."""
    run, state = moment.run, run_state(moment)
    planned, over = planned_trials(run), run.counts.over
    after = f"after {over} of {planned} trials" if planned > over else f"after {over} trials"
    if state in ("cancelled", "failed", ENDED_WITH_ERROR):
        word = {"cancelled": "Cancelled", "failed": "The tuner's job failed"}.get(state, "Ended with an error")
        return f"{word} {after}" + (f": {run.job_error}" if run.job_error else ""), status(state).tone
    if why := why_without_trials(moment) or why_ended(moment):
        return why.replace("It ended", "Ended", 1).removesuffix("."), "warn"
    if run.total_training_time_exceeded:
        return f"The total training time was used up {after}", "warn"
    if over >= planned:
        return f"All {planned} trials are done", "good"
    return f"Completed {after}", "good"


def result_lines(moment: Moment, found: Search, names: Mapping[str, str], width: int, height: int) -> list[Line]:
    """Return at most `height` lines: why the run ended, its best trials, and its improvements where there is room."""
    text, tone = how_ended(moment)
    took = elapsed(moment, 0.0)
    more = f" · took {fmt.duration(took)}" if took is not None else ""
    if moment.run.can_extend_search:
        more += " · can be extended in the Studio: better candidates are expected"
    ended = wrapped(text + more, width - 1, tone) if height >= 4 else [crop(((text, tone),), width - 1)]
    best = _best_lines(moment, width - 1)
    lines = [*ended[: max(1, height - len(best))], *best]
    steps = improvement_lines(found, names, width - 1)
    if steps and len(lines) + min(len(steps), _LEAST_STEPS) > height:
        # On a line each, where there is no room for more.
        briefly = [_improved(found), _front(moment)]
        lines += [crop(line, width - 1) for line in briefly if line][: max(0, height - len(lines))]
    elif steps:
        return [*(((" ", ""), *line) for line in lines), *steps][:height]
    return [((" ", ""), *line) for line in lines][:height]


_LEAST_STEPS = 4
"""Lines from which improvements are listed, with their heading."""


def _improved(found: Search) -> Line:
    """Return the values of the improvements, the first one first."""
    values = [step.value for step in found.steps if step.value is not None]
    form = fmt.loss if found.metric == "val_loss" else fmt.percent
    return (("Improvements ", "dim"), (" → ".join(map(form, values)), "")) if values else EMPTY_LINE


def _front(moment: Moment) -> Line:
    """Return what the choices within the limits are worth at which latency, the fastest first."""
    trade = trade_off(moment.run)
    if not trade.points:
        trade = trade_off(moment.run, LOSS)
    told = " · ".join(f"{merit(trade, one.merit)} at {cost_figure(trade, one.cost)}" for one in choices(trade))
    return (("Trade-offs ", "dim"), (told, "")) if told else EMPTY_LINE


def _best_lines(moment: Moment, width: int) -> list[Line]:
    """Return the best trial and the best within the limits, with what they are worth and what they cost."""
    stands, run = ranked(moment), moment.run
    first, fitting = stands.trial, stands.within_limits
    if first is None:
        return [(("No trial has a value to rank it by.", "dim"),)]
    by: Line = ((f"  by {best_by(stands)}", "dim"),)
    limited = has_limits(run.config.target)
    called = [trial.name or trial.id for trial in (first, fitting) if trial is not None]
    shown = [first, fitting] if limited and fitting is not None and fitting is not first else [first]
    figures = [_figures(trial, run) for trial in shown]
    room = max(LEAST_NAME, min(max(map(len_cells, called)), width - 2 - max(map(width_of, figures))))
    lines: list[Line] = [((f"{BEST.sign} ", BEST.tone), (middle(called[0], room), BEST.tone), *figures[0])]
    if len(figures) > 1:
        lines.append(((f"{FITS.sign} ", FITS.tone), (middle(called[1], room), FITS.tone), *figures[1]))
    elif limited and fitting is None:
        lines.append(((f"{FITS.sign} no trial is within the limits", "dim"),))
    # The costs say by their sign which limits they break: in words where there is room.
    verdicts = [_verdict(trial, run) if limited else EMPTY_LINE for trial in shown]
    for place, more in [*enumerate(verdicts), (0, by)]:
        if width_of(lines[place]) + width_of(more) <= width:
            lines[place] = (*lines[place], *more)
    return [crop(line, width) for line in lines]


def _verdict(trial: Trial, run: Run) -> Line:
    over = over_limits(trial, usual_lens(run).precision, run.config.target)
    if not over:
        return ((f"  {FITS.sign} fits", FITS.tone),)
    return ((f"  over {', '.join(name for key, name in _OVER_NAMES.items() if key in over)}", OVER.tone),)


def _figures(trial: Trial, run: Run) -> Line:
    lens = usual_lens(run)
    reached = lens.accuracy(trial)
    quality = f"loss {fmt.loss(lens.loss(trial))}" if reached is None else fmt.percent(reached)
    told: list[Line | None] = [((f"  {quality}", ""),)]
    told += [
        ((text, OVER.tone if OVER.sign in text else ""),) for text in costs(trial, lens.precision, run.config.target)
    ]
    return joined(told, "  ") if told else EMPTY_LINE
