"""One impulse: everything the service says about it, in tabs, and the ways from it to other things."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from eitui.analysis.impulses import Listed, listed
from eitui.domain.anomaly import AnomalyAnswer
from eitui.domain.impulse import Impulse, ImpulseTable, LearnBlock
from eitui.domain.scores import Scored, VisualAnomalyScores
from eitui.feed.query import Queries, Query
from eitui.tui.keys import Key, bindings, keys_over
from eitui.tui.kit.list import Draw, Pane, TextPane
from eitui.tui.screens.overlay import Overlay, Scene
from eitui.tui.screens.tabbed import Tabbed
from eitui.tui.services import Order, Services
from eitui.tui.widgets.impulse_curves import ImpulseCurves
from eitui.view.impulse import anomaly, blocks, curves, metrics, thresholds
from eitui.view.impulse.anomaly import AnomalyLook, Known
from eitui.view.impulse.parts import state_line
from eitui.view.kit.chart import Chart
from eitui.view.kit.keys import key_name, keyed
from eitui.view.kit.lines import EMPTY_LINE, Line, joined, wrapped
from eitui.view.kit.look import CurveLook, step_on
from eitui.view.kit.page import query_note

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


IMPULSE_TABS = ("blocks", "network", "metrics", "curves", "anomaly", "thresholds")

ONLY_ANOMALY = frozenset({"impulse.axis_x", "impulse.axis_y", "impulse.block", "impulse.over"})
"""Keys of the anomaly tab; elsewhere they do nothing."""

ONLY_CURVES = frozenset({"impulse.log_axis", "impulse.smooth"})
"""Keys about the curves; elsewhere they lead there."""

_NO_BLOCK = "This impulse has no anomaly block."

_MINUTE, _HOUR = 60.0, 3600.0

_Block = tuple[int, int, str | None]
"""Ids of an impulse and of one of its learn blocks, and the block's type; None where its scores are asked for."""


class ImpulseScreen(Tabbed):
    """Shows the impulse with one key, as it was answered last."""

    VIEW = "run.impulses"
    BELONGS = True
    GROUPS: ClassVar[tuple[str, ...]] = ("Impulse view",)
    BINDINGS: ClassVar = bindings(*GROUPS)
    TABS = IMPULSE_TABS
    KIND = "impulse"

    def __init__(
        self,
        services: Services,
        scene: Scene,
        key: str,
        asked: Query[ImpulseTable],
        *,
        order: Order,
        reached: Callable[[str], object],
    ) -> None:
        """Show the impulse with this key of those that were `asked` for.

        `order` has the keys of the impulses to go through, and `reached` is told of each that is gone to.
        """
        super().__init__(services, scene, order, reached)
        self.key = key
        self.look = AnomalyLook()
        self._asked = asked
        self._called = key
        self._listed: tuple[ImpulseTable | None, dict[str, Listed]] = (None, {})
        self._blocks = Queries(self._ask_block, self.asker)
        self._curve_look = CurveLook()
        self._charts: tuple[Impulse | None, CurveLook, tuple[Chart, ...]] = (None, self._curve_look, ())
        self._texts = {
            name: TextPane(
                key_name(f"impulse.{'limits' if name == 'thresholds' else name}"), name.capitalize(), id=name
            )
            for name in IMPULSE_TABS
            if name != "curves"
        }
        self._texts["metrics"].hint = keyed("{move.left}{move.right} other model type")
        self._curves = ImpulseCurves(key_name("impulse.curves"), "Curves", id="curves")
        self._panes: dict[str, Pane] = {name: self._texts.get(name, self._curves) for name in IMPULSE_TABS}

    @property
    def panes(self) -> Mapping[str, Pane]:
        """The panes by their ids."""
        return self._panes

    @property
    def thing(self) -> str:
        """The key of the impulse."""
        return self.key

    def turn_to(self, thing: str) -> None:
        """Show another impulse, from its first block on."""
        self.key, self.look = thing, AnomalyLook()
        self._curve_look = replace(self._curve_look, at=None)

    def footer_keys(self) -> Sequence[Key]:
        """Return what the footer shows on this tab."""
        others = (ONLY_CURVES if self.tab != "curves" else frozenset()) | (
            ONLY_ANOMALY if self.tab != "anomaly" else frozenset()
        )
        return [key for key in keys_over(self.services.keys, *self.GROUPS) if key.id not in others]

    # What is shown

    @property
    def linked(self) -> tuple[str | None, int | None]:
        """The impulse."""
        return None, self.item.impulse.id if self.item is not None else None

    @property
    def item(self) -> Listed | None:
        """The impulse; None where the service lists it no more."""
        table = self._asked.answer
        if table is not self._listed[0] and table is not None:
            self._listed = (table, {item.key: item for item in listed(table)})
        return self._listed[1].get(self.key)

    def heading(self) -> Line:
        """Return the impulse's name, its state, and its place among the others."""
        item = self.item
        if item is None:
            return ((self._called, "title"), ("  not there", "warn"))
        self._called = item.called
        place = self.place(item.key)
        past = NOT_THEN if self.scene.past is not None else ""
        return joined([((item.called, "title"),), state_line(item.impulse), ((place, "dim"),), ((past, "warn"),)], "  ")

    def follow(self) -> None:
        """Bring the tab in sight up to date; the others are when they are gone to."""
        item = self.item
        gone = "This impulse was deleted: the service no longer lists it."
        if self.tab == "curves":
            curve_look = self._curve_look
            if item is not None and (self._charts[0] is not item.impulse or self._charts[1] != curve_look):
                self._charts = (item.impulse, curve_look, curves.charts(item.impulse, curve_look))
            drawn, why = (self._charts[2], curves.why_no_curves(item.impulse)) if item is not None else ((), gone)
            self._curves.show(drawn, why, curve_look.at)
            return
        pane = self._texts[self.tab]
        if item is None:
            pane.show(gone, lambda width: wrapped(gone, width, "dim"))
            return

        impulse, look, now = item.impulse, self.look, self.scene.today.wall
        note = query_note(self._asked, self.scene.today.mono, "the impulses")
        known = self._known(impulse) if self.tab == "anomaly" else Known()
        whole = self._with_answers(impulse) if self.tab == "thresholds" else impulse
        kind = self._model_type(impulse)
        draws: dict[str, Draw] = {
            "blocks": lambda width: blocks.impulse_block_lines(impulse, width, now),
            "network": lambda width: blocks.network_lines(impulse, width, now),
            "metrics": lambda width: metrics.impulse_metric_lines(impulse, width, kind),
            "anomaly": lambda width: anomaly.impulse_anomaly_lines(
                impulse, replace(look, model_type=kind), known, width, now
            ),
            "thresholds": lambda width: thresholds.impulse_threshold_lines(whole, width),
        }
        draw = draws[self.tab]
        hour = now // _HOUR  # times of day are told from dates
        pane.show(
            (whole, note, look, hour, known),
            (lambda width: [*wrapped(note[0], width, note[1]), EMPTY_LINE, *draw(width)]) if note[0] else draw,
        )

    # What is asked of anomaly blocks

    def _block(self, impulse: Impulse) -> LearnBlock | None:
        found = anomaly.anomaly_blocks(impulse)
        return found[self.look.block % len(found)] if found else None

    def _block_query(self, impulse: Impulse) -> Query[tuple[AnomalyAnswer, ...] | Scored] | None:
        """Return the question about the anomaly block in sight; None where nothing can be asked."""
        block = self._block(impulse)
        if block is None or block.id is None or impulse.id is None:
            return None
        return self._blocks.of((impulse.id, block.id, None if block.anomaly is None else block.type))

    async def _ask_block(self, about: _Block) -> tuple[AnomalyAnswer, ...] | Scored:
        impulse_id, block_id, kind = about
        project = await self.services.project()
        if kind is None:
            return await project.scores(impulse_id, block_id)
        return await project.anomaly(impulse_id, block_id, kind)

    def _with_answers(self, impulse: Impulse) -> Impulse:
        """Return `impulse` with what the answers about its anomaly blocks say otherwise of their thresholds."""
        learn = []
        for block in impulse.learn:
            known: tuple[AnomalyAnswer, ...] | Scored | None = None
            if impulse.id is not None and block.id is not None and block.anomaly is not None and block.thresholds:
                known = self._blocks.of((impulse.id, block.id, block.type)).answer
            learn.append(block.also(known) if isinstance(known, tuple) else block)
        return replace(impulse, learn=tuple(learn))

    def _known(self, impulse: Impulse) -> Known:
        query = self._block_query(impulse)
        if query is None:
            return Known()
        note, answer = query_note(query, self.scene.today.mono, "this block"), query.answer
        if query.problem is not None and query.problem == self._asked.problem:
            note = ("", "")  # It is said of the impulses, above.
        # By the minute: so often is the pane drawn again for them.
        listed_s, asked_s = (
            None if at is None else (self.scene.today.mono - at) // _MINUTE * _MINUTE
            for at in (self._asked.at, query.at)
        )
        if isinstance(answer, tuple):
            return Known(answer, None, note, listed_s, asked_s)
        return Known((), answer, note, listed_s, asked_s)

    def reload(self) -> bool:
        """Ask for the impulses again, and for what is in sight of an anomaly block."""
        self._asked.refresh()
        item = self.item
        query = self._block_query(item.impulse) if item is not None and self.tab == "anomaly" else None
        if query is not None:
            query.refresh()
        return True

    def action_thresholds(self) -> None:
        """Change its thresholds."""
        item = self.item
        if item is not None:
            edit_thresholds(self, item, self._asked)

    def action_trial(self) -> None:
        """Go to the trial that it was made from."""
        item = self.item
        if item is not None:
            to_trial(self, item)

    # Curves

    def action_log_axis(self) -> None:
        """Make the axis of losses logarithmic, or even again."""
        self.action_tab("curves")
        self._curve_look = replace(self._curve_look, log=not self._curve_look.log)
        self.follow()

    def action_smooth(self) -> None:
        """Smooth the curves more, or not at all."""
        self.action_tab("curves")
        self._curve_look = self._curve_look.smoothed_more
        self.follow()

    # Anomaly blocks

    def action_axis(self, axis: str) -> None:
        """Draw clusters over another feature."""
        item = self.item
        block = None if item is None else self._block(item.impulse)
        if self.tab != "anomaly":
            self.action_tab("anomaly")
        if item is None or block is None:
            self.notify(_NO_BLOCK, markup=False)
            return
        known = anomaly.merged(block.anomaly, self._known(item.impulse).asked)
        count = 0 if known is None else len(known.trained_axes)
        self._look(self.look.over(axis, count))

    def action_next_block(self) -> None:
        """Show the next anomaly block."""
        if self.tab != "anomaly":
            self.action_tab("anomaly")
        item = self.item
        found = () if item is None else anomaly.anomaly_blocks(item.impulse)
        if len(found) < 2:
            self.notify("This impulse has no other anomaly block.", markup=False)
        else:
            self._look(AnomalyLook(block=(self.look.block + 1) % len(found)))

    def action_next_over(self) -> None:
        """Show the next image whose score is above the threshold."""
        if self.tab != "anomaly":
            self.action_tab("anomaly")
        item = self.item
        block = None if item is None else self._block(item.impulse)
        scores = None if item is None or block is None else self._known(item.impulse).scores
        if block is None or not isinstance(scores, VisualAnomalyScores):
            self.notify("No scores of images here.", markup=False)
            return
        place = anomaly.next_over(block, scores, self.look.image)
        if place is None:
            self.notify("No image scores above the threshold.", markup=False)
        else:
            self._look(replace(self.look, image=place))

    def _look(self, look: AnomalyLook) -> None:
        self.look = look
        self.follow()

    # Moving

    def action_columns(self, by: int) -> None:
        """Look at the next model type, or at the next image; read the curves at the next step."""
        item = self.item
        if item is not None and self.tab == "curves":
            steps = curves.steps_to_read(item.impulse)
            self._curve_look = replace(self._curve_look, at=step_on(self._curve_look.at, steps, by))
            self.follow()
        if item is None or self.tab not in ("metrics", "anomaly"):
            return
        scores = self._known(item.impulse).scores if self.tab == "anomaly" else None
        if isinstance(scores, VisualAnomalyScores):
            most = max(0, len(scores.expected) - 1)
            self.look = replace(self.look, image=max(0, min(self.look.image + by, most)))
        else:
            types, at = self._model_types(item.impulse), self._model_type(item.impulse)
            other = types[(types.index(at) + by) % len(types)] if at in types else at
            self.look = replace(self.look, model_type=other)
        self.follow()

    def _model_type(self, impulse: Impulse) -> str:
        """Return the model type that is looked at: the recommended one until another was chosen."""
        types = self._model_types(impulse)
        return self.look.model_type or (types[0] if self.tab == "anomaly" and types else metrics.usual_type(impulse))

    def _model_types(self, impulse: Impulse) -> tuple[str, ...]:
        block = self._block(impulse) if self.tab == "anomaly" else None
        whole = None if block is None else anomaly.merged(block.anomaly, self._known(impulse).asked)
        return metrics.model_types(impulse) if whole is None else anomaly.model_types_of(whole)
