"""A run that does not move: which of its trials are silent, and since when."""

from dataclasses import dataclass

from eitui.analysis.update_history import STALL_BEFORE_FIRST_EPOCH
from eitui.domain.moment import Moment


@dataclass(frozen=True)
class Stuck:
    """Running trials that have said nothing new for too long, or a run without any in which nothing happens."""

    running: int
    silent: int
    """How many of these are silent."""
    since: float
    """The last news of any of the silent ones, or of the whole run; comparable with `own_time`."""

    @property
    def entirely(self) -> bool:
        """Whether nothing of the run moves."""
        return self.silent == self.running


def stuck(moment: Moment) -> Stuck | None:
    """Return what of the run does not move, as of the last answer; None while all does, and of a run that is over."""
    run, history, good = moment.run, moment.history, moment.connection.last_good
    if run.finished or not run.trials or good is None:
        return None
    news = {trial_id: span.last_change for trial_id, span in history.spans.items()}
    silent = [news[trial_id] for trial_id in history.stalled if trial_id in news]
    if silent:
        return Stuck(run.counts.running, len(silent), max(silent))
    last = max(news.values(), default=good.wall)
    if run.counts.running or good.wall - last <= STALL_BEFORE_FIRST_EPOCH:
        return None
    return Stuck(0, 0, last)
