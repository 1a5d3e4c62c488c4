"""Screens that open over the monitor and go on living with it."""

from dataclasses import dataclass

from textual.screen import Screen

from eitui.analysis.lens import Lens
from eitui.domain.moment import Instant, Moment


@dataclass(frozen=True)
class Scene:
    """What the monitor shows: every screen over it is a function of this."""

    moment: Moment
    now: Instant
    lens: Lens
    """The part of the data and the precision whose figures count."""
    marked: tuple[str, ...] = ()
    """Ids of the trials marked for comparison, in the order of marking."""


class Following(Screen[None]):
    """Is given the scene whenever it changes, and once a second."""

    def show(self, scene: Scene) -> None:
        """Bring the screen up to date."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover
