"""Screens that open over the monitor and go on living with it."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from eitui.analysis.beside import RunBeside
from eitui.analysis.figures import Lens
from eitui.domain.moment import Instant, Moment
from eitui.tui.keys import bindings, keys_over
from eitui.tui.kit.list import WHEEL
from eitui.tui.services import Services
from eitui.tui.widgets.bars import Banner, Footer
from eitui.view.kit.lines import Line
from eitui.view.run.header import Past, standing

if TYPE_CHECKING:
    from eitui.thresholds.project import ProjectClient
    from eitui.thresholds.query import Asker, Query

_Answer = TypeVar("_Answer")

BELOW = ("Time", "Run")
"""Groups of keys that the monitor sees to, whatever is over it."""

QUESTIONS = "questions"
"""The group of workers that ask the service."""


@dataclass(frozen=True)
class Scene:
    """What the monitor shows: every screen over it is a function of this."""

    moment: Moment
    now: Instant
    """The instant that is shown."""
    lens: Lens
    """The part of the data and the precision whose figures count."""
    marked: tuple[str, ...] = ()
    """Ids of the trials marked for comparison, in the order of marking."""
    paused: bool = False
    past: Past | None = None
    """Which time it is, where it is not the newest there is."""
    today: Instant = field(default_factory=lambda: Instant(0.0, 0.0))
    """The present."""
    beside: RunBeside | None = None
    """Another run of the project to compare with: the live one, where this is an earlier one."""


class Overlay(Screen[None]):
    """Is given the scene whenever it changes, and once a second. A banner and a footer stand around its body.

    The keys of the groups "Time" and "Run" do on it what they do on the monitor, and the scene that follows shows it.
    """

    GROUPS: ClassVar[tuple[str, ...]] = ()
    """The groups of keys that are its own; a subclass binds them: `BINDINGS = bindings(*GROUPS)`."""
    ALSO: ClassVar[tuple[str, ...]] = ()
    """Ids of keys of the monitor's that matter here, for the footer."""
    BINDINGS: ClassVar = [*bindings("Over the monitor", "Moving"), *bindings(*BELOW, below=True)]

    def __init__(self, services: Services, scene: Scene) -> None:
        super().__init__()
        # What was said about the screen below would lie over the figures of this one. Now and not when it is mounted:
        # a key in the same read may have led to something that is said of this one.
        self.app.clear_notifications()
        self.services = services
        self.scene = scene
        self._banner, self._footer = Banner(), Footer(keys_over(services.keys, *self.GROUPS, also=self.ALSO))

    def compose(self) -> ComposeResult:
        """Lay out banner, body and footer."""
        yield self._banner
        yield from self.body()
        yield self._footer

    def on_mount(self) -> None:
        """Show what there is."""
        self.show(self.scene)

    def show(self, scene: Scene) -> None:
        """Bring the screen up to date."""
        self.scene = scene
        state = standing(
            scene.moment,
            scene.now,
            paused=scene.paused,
            past=scene.past,
            today=scene.today,
            simulated=self.services.simulated,
        )
        self._banner.show(self.heading(), state)
        self._footer.show(past=scene.past is not None, replay=scene.past is not None and not scene.past.live)
        self.follow()

    def body(self) -> ComposeResult:
        """Lay out what stands between banner and footer."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    def heading(self) -> Line:
        """Return what the screen is about."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    def follow(self) -> None:
        """Bring the body up to date with `self.scene`; costs nothing when nothing changed."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    def action_back(self) -> None:
        """Go back to what is below. What was said about this screen would lie over the figures of that one."""
        self.app.clear_notifications()
        self.dismiss(None)

    @property
    def linked(self) -> tuple[str | None, int | None]:
        """The trial or impulse that the screen is about, by its id: whose address in the Studio can be copied."""
        return None, None

    @property
    def asker(self) -> "Asker":
        """For what is asked of the service while this screen is open: all screens show the answer."""
        from eitui.thresholds.query import Asker

        return Asker(self.ask, self.services.changed, lambda: self.services.clock.now().mono)

    def project_query(self, ask: Callable[["ProjectClient"], Awaitable[_Answer]]) -> "Query[_Answer]":
        """Return a question to the project."""
        from eitui.thresholds.query import Query

        async def asked() -> _Answer:
            return await ask(await self.services.project())

        return Query(asked, self.asker)

    def ask(self, work: Coroutine[Any, Any, None]) -> None:
        """Start a question, which is given up when this screen closes."""
        self.run_worker(work, group=QUESTIONS)

    def reload(self) -> bool:
        """Ask again for what this screen shows beside the scene; return whether there is any of that."""
        return False

    async def action_below(self, action: str) -> None:
        """Have the monitor do something. What asks the service for its state asks for what is shown here, too."""
        if action == "app.poll" and self.reload() and self.scene.past is not None:
            return  # There the monitor would only say that there is nothing to poll.
        below = self.services.monitor
        if isinstance(below, Screen):
            await self.app.run_action(action, default_namespace=below)

    def take_key(self, key: str, character: str | None) -> bool:
        """Take a key that is typed, in place of what it does elsewhere; return whether it was taken.

        The app asks when it looks for the key's binding: so all keys are acted on in the order they came.
        """
        return False

    def take_pasted(self, text: str) -> None:
        """Take the line that was pasted."""

    def action_move(self, by: int) -> None:
        """Move by lines, or from one to the next."""

    def action_move_page(self, by: int) -> None:
        """Move by screenfuls."""

    def action_columns(self, by: int) -> None:
        """Move sideways."""

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move with the wheel where what is under the mouse is no list."""
        event.stop()
        self.action_move(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move with the wheel, as above."""
        event.stop()
        self.action_move(-WHEEL)
