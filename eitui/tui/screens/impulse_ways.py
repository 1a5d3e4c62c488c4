"""What the screens of impulses have in common: the ways from an impulse to other things."""

from eitui.analysis.impulses import Listed
from eitui.domain.impulse import ImpulseTable
from eitui.thresholds.query import Query
from eitui.tui.screens.overlay import Overlay

NOT_THEN = "as they are now"
"""Said in the past: impulses are not recorded."""


def edit_thresholds(screen: Overlay, item: Listed, asked: Query[ImpulseTable]) -> None:
    """Open the threshold editor over `screen`; when it is closed the impulses are asked for again."""
    if item.impulse.id is None:
        screen.notify("The service sent no id for this impulse: its thresholds cannot be changed.", markup=False)
        return

    def closed() -> None:
        asked.outdate()
        asked.refresh()

    screen.services.monitor.open_thresholds(item.impulse.id, then=closed)


def to_trial(screen: Overlay, item: Listed) -> None:
    """Go back to the trial table, to the trial that an impulse came from; where that is not there, say why."""
    trial_id = item.impulse.from_trial
    if trial_id is None:
        screen.notify(f"{item.called} has no trial: the service names none.", markup=False)
    elif screen.scene.moment.run.trial(trial_id) is None:
        screen.notify(f"Trial {trial_id} is not in this run.", markup=False)
    else:
        while len(screen.app.screen_stack) > 1:
            screen.app.pop_screen()
        screen.services.monitor.select_trial(trial_id)
