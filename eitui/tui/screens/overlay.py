"""Screens that open over the monitor and go on living with it."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import actions, events
from textual.app import ComposeResult
from textual.screen import Screen

from eitui.analysis.beside import RunBeside
from eitui.analysis.figures import Lens
from eitui.domain.moment import Instant, Moment
from eitui.tui.jumping import JumpTarget
from eitui.tui.keys import Key, bindings, keys_over, keys_typing
from eitui.tui.kit.list import WHEEL, Pane
from eitui.tui.services import Services
from eitui.tui.widgets.bars import TRIALS_VIEW, Banner, Footer, Views
from eitui.tui.widgets.filtered import Filtered
from eitui.view.kit.lines import Line
from eitui.view.run.header import Past, standing

if TYPE_CHECKING:
    from eitui.feed.query import Asker, Query
    from eitui.thresholds.project import ProjectClient

_Answer = TypeVar("_Answer")

BELOW = ("Views", "Run", "Time")
"""Groups of keys that the monitor sees to, whatever is over it."""

SHORT_OF_ROOM: list[tuple[int, str]] = [(0, "-low"), (14, "-high")]
"""Lines from which there is room for the line of views, as Textual wants classes by height."""

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


def counts_of(moment: Moment) -> Mapping[str, int]:
    """Return what the line of views counts, by the ids of the views' keys."""
    return {"run.failures": moment.run.counts.failed}


def works_in_time(id_: str, past: Past | None) -> bool:
    """Whether a key does something at the time that is shown: some only in the past, one not in a replay."""
    if id_ in ("time.forth", "time.poll_forth", "time.alert_forth", "time.slower", "time.faster", "time.live"):
        return past is not None
    return not (id_ == "feed.poll" and past is not None and not past.live)


def view_targets(views: Views) -> list[JumpTarget]:
    """Return the places of the line of views."""
    if not views.region.area:
        return []
    x, y = views.region.offset
    return [JumpTarget(x + at, y, partial(_choose, views, view)) for view, at in views.places]


def _choose(views: Views, view: str) -> None:
    views.post_message(Views.Chosen(view))


def pane_targets(pane: Pane, go: Callable[[str], object]) -> list[JumpTarget]:
    """Return the places of the panes that are named in the title of one that is in sight."""
    if not pane.region.area:
        return []
    x, y = pane.region.offset
    return [JumpTarget(x + at, y, partial(_go, go, named.id or "")) for named, at in pane.title_places]


def _go(go: Callable[[str], object], name: str) -> None:
    go(name)


class Overlay(Screen[None]):
    """Is given the scene whenever it changes, and once a second. A banner and a footer stand around its body.

    The keys of the groups "Time" and "Run" do on it what they do on the monitor, and the scene that follows shows it;
    those of the group "Views" lead to another view in its place, where the screen does not see to them itself.
    """

    VERTICAL_BREAKPOINTS = SHORT_OF_ROOM

    GROUPS: ClassVar[tuple[str, ...]] = ()
    """The groups of keys that are its own; a subclass binds them: `BINDINGS = bindings(*GROUPS)`."""
    WITH: ClassVar[tuple[str, ...]] = ()
    """Ids of keys of other groups that it binds as well."""
    ALSO: ClassVar[tuple[str, ...]] = ()
    """Ids of keys of the monitor's that matter here, for the footer."""
    BELONGS: ClassVar[bool] = False
    """Whether it is not the view itself, but what opens from it."""
    VIEW: ClassVar[str] = TRIALS_VIEW
    """The id of the key of the view that it is, or belongs to."""
    BINDINGS: ClassVar = [*bindings("Over the monitor", "Moving"), *bindings(*BELOW, below=True)]

    def __init__(self, services: Services, scene: Scene) -> None:
        super().__init__()
        # What was said about the screen below would lie over the figures of this one. Now and not when it is mounted:
        # a key in the same read may have led to something that is said of this one.
        self.app.clear_notifications()
        self.services = services
        self.scene = scene
        self._banner, self._footer = Banner(), Footer(keys_over(services.keys, *self.GROUPS, also=self.ALSO))
        self._views = Views(services.keys, self.VIEW)

    def compose(self) -> ComposeResult:
        """Lay out the line of views, banner, body and footer."""
        yield self._views
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
        self._views.show(counts_of(scene.moment))
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

    def footer_keys(self) -> Sequence[Key]:
        """Return what the footer shows while no filter is being typed: no key that does nothing there."""
        return keys_over(self.services.keys, *self.GROUPS, also=self.ALSO)

    # The filter

    @property
    def filtered(self) -> Filtered[Any, Any] | None:
        """The pane whose rows a filter narrows; None where there is none in sight."""
        return None

    def take_key(self, key: str, character: str | None) -> bool:
        """Take a key that is typed, in place of what it does elsewhere; return whether it was taken.

        The app asks when it looks for the key's binding: so all keys are acted on in the order they came.
        """
        return self.filtered is not None and self.filtered.take_key(key, character)

    def take_pasted(self, text: str) -> None:
        """Take the line that was pasted."""
        if self.filtered is not None:
            self.filtered.take_pasted(text)

    def action_filter(self) -> None:
        """Let a filter be typed, or changed."""
        if self.filtered is not None:
            self.filtered.type_filter()

    def on_filtered_typing(self, message: Filtered.Typing) -> None:
        """Show the keys that matter."""
        self._footer.use(keys_typing(self.services.keys) if message.typing else self.footer_keys())

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
        from eitui.feed.query import Asker

        return Asker(self.ask, self.services.changed, lambda: self.services.clock.now().mono)

    def project_query(self, ask: Callable[["ProjectClient"], Awaitable[_Answer]]) -> "Query[_Answer]":
        """Return a question to the project."""
        from eitui.feed.query import Query

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
        name, below = actions.parse(action)[1], self.services.monitor
        if any(key.action == action and key.group == "Views" for key in self.services.keys):
            own = getattr(self, f"action_{name}", None)
            if own is not None:
                own()
            elif self.is_view(action):
                self.notify(f"This is {self.called}.", markup=False)
            elif self.leave_all() and isinstance(below, Screen):
                await self.app.run_action(action, default_namespace=below)
            return
        if action == "app.poll" and self.reload() and self.scene.past is not None:
            return  # There the monitor would only say that there is nothing to poll.
        if isinstance(below, Screen):
            await self.app.run_action(action, default_namespace=below)

    # What works here

    def works(self, id_: str) -> bool:
        """Whether the key with an id does something here, now; for the help."""
        return works_in_time(id_, self.scene.past)

    def targets(self) -> list[JumpTarget]:
        """Return the places to jump to."""
        return [*view_targets(self._views), *self.own_targets()]

    def own_targets(self) -> list[JumpTarget]:
        """Return those of this screen alone."""
        return []

    # Going to another view

    def is_view(self, action: str) -> bool:
        """Whether `action` leads to this view itself."""
        return any(key.action == action and key.id == self.VIEW for key in self.services.keys) and not self.BELONGS

    @property
    def called(self) -> str:
        """What the screen is called: its group of keys, or as in the line of views."""
        own = self.GROUPS[0] if self.BELONGS and self.GROUPS else ""
        return own or next((key.label for key in self.services.keys if key.id == self.VIEW), "")

    def held_by(self) -> str:
        """Return why this screen cannot be left for another view; empty where it can."""
        return ""

    def left(self) -> None:
        """Do what is due when another view is gone to."""

    def leave_all(self) -> bool:
        """Close all screens over the monitor; return whether they could be."""
        over = [screen for screen in self.app.screen_stack if isinstance(screen, Overlay)]
        over = [screen for screen in over if screen.services is self.services]
        if held := next(filter(None, (screen.held_by() for screen in reversed(over))), ""):
            self.app.clear_notifications()
            self.notify(held, severity="warning", markup=False)
            return False
        for screen in over:
            screen.left()
        self.app.clear_notifications()
        for _ in over:
            self.app.pop_screen()
        return True

    async def on_views_chosen(self, message: Views.Chosen) -> None:
        """Go to the view that was clicked, or jumped to."""
        message.stop()
        action = next((key.action for key in self.services.keys if key.id == message.view), "")
        if message.view == TRIALS_VIEW:
            self.leave_all()
        else:
            await self.action_below(action)

    def on_screen_suspend(self) -> None:
        """Show the keys of the dialog that is over it."""
        self._footer.redraw()

    def on_screen_resume(self) -> None:
        """Show the keys of this screen again."""
        self._footer.redraw()

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
