"""What the screens of impulses have in common: the ways from an impulse to other things."""

from collections.abc import Callable

from eitui.analysis.impulses import Listed
from eitui.tui.screens.overlay import Overlay

NOT_THEN = "as they are now"
"""Said in the past: impulses are not recorded."""


def edit_thresholds(screen: Overlay, item: Listed, then: Callable[[], object]) -> None:
    """Open the threshold editor over `screen`, and do `then` when it is closed: the values may be others."""
    if item.impulse.id is None:
        screen.notify("The service sent no id for this impulse: its thresholds cannot be changed.", markup=False)
        return
    screen.services.monitor.open_thresholds(item.impulse.id, then=then)


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
