"""Where runs other than the one that is watched are to be had."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from eitui.feed.events import Source


@dataclass(frozen=True)
class OtherRuns:
    """Asked when the source of the run that is watched is open."""

    directory: Callable[[], Path]
    """Returns the directory of the recordings."""
    host: Callable[[], str] = lambda: ""
    """Returns the host of the service that is asked, empty for none."""
    open_run: Callable[[int], Source] | None = None
    """Makes the source of the run with this coordinator job, in a thread; None: no service is asked."""
