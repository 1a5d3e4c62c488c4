"""The best trial (★) and the best that fits (☆), in words."""

from eitui.analysis.ranking import TIE_SIGN, TIED, has_limits, usual_lens
from eitui.domain.run import Run, Standing
from eitui.domain.trial import Trial
from eitui.view.kit import format as fmt
from eitui.view.kit.lines import EMPTY_LINE, Line, crop, joined


def best_by(stands: Standing) -> str:
    """Return what trials are ranked by, and why that is not the run's own objective."""
    return f"{stands.by} ({stands.note})" if stands.note else stands.by


def best_trials_line(stands: Standing, width: int) -> Line:
    """Return both trials on a line of at most `width` cells; nothing while there is no best trial."""
    run, first, fitting = stands.of, stands.trial, stands.within_limits
    if first is None:
        return EMPTY_LINE
    by: Line = ((f"by {best_by(stands)}", "dim"),)
    if not has_limits(run.config.target):
        return crop(joined([_trial("★", first, run), by], "  "), width)
    if fitting is first:
        return crop(joined([(*_trial("★", first, run), ("  ☆ fits", "best")), by], "  "), width)
    fits: Line = (("☆ none fits", "dim"),) if fitting is None else _trial("☆", fitting, run)[1:]
    return crop(joined([_trial("★", first, run), fits, by], "  "), width)


def _trial(sign: str, trial: Trial, run: Run) -> Line:
    lens = usual_lens(run)
    reached = lens.accuracy(trial)
    quality = f"loss {fmt.loss(lens.loss(trial))}" if reached is None else fmt.percent(reached)
    return ((" ", ""), (f"{sign} {trial.name or trial.id}", "best"), (f" {quality}", ""))


def tie_with_best(stands: Standing, trial: Trial) -> str:
    """Return that a trial's accuracy is within the noise of the best one's; empty where it is not."""
    if trial.id in stands.tied and stands.trial is not None:
        return f"{TIE_SIGN} {TIED} of ★ {stands.trial.name or stands.trial.id}"
    if stands.trial is not None and trial.id == stands.trial.id and stands.tied:
        return f"{TIE_SIGN} {TIED} with {len(stands.tied)} other{'s' * (len(stands.tied) > 1)}"
    return ""
