"""One impulse: everything the service says about it, in tabs."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult

from eitui.analysis.impulses import Listed, listed
from eitui.domain.anomaly import AnomalyBlock
from eitui.domain.impulse import Impulse, ImpulseTable, LearnBlock
from eitui.domain.scores import Scored, VisualAnomalyScores
from eitui.tui.asking import Asking, desk_for
from eitui.tui.keys import Key, bindings, keys_over
from eitui.tui.screens.following import Following, Scene
from eitui.tui.screens.impulses import NOT_THEN, edit_thresholds, to_trial
from eitui.tui.widgets.impulse_curves import ImpulseCurves
from eitui.tui.widgets.pane import Pane
from eitui.tui.widgets.trial_text import Draw, TextPane
from eitui.view.impulse import anomaly, blocks, curves, metrics, network, thresholds
from eitui.view.impulse.anomaly import Known, Look
from eitui.view.impulse.parts import state_line
from eitui.view.kit.chart import Chart
from eitui.view.kit.keys import key_name, keyed
from eitui.view.lines import EMPTY_LINE, Line, joined, wrapped

TABS = ("blocks", "network", "metrics", "curves", "anomaly", "thresholds")

ONLY_ANOMALY = frozenset({"impulse.axis_x", "impulse.axis_y", "impulse.block", "impulse.over"})
"""Keys of the anomaly tab; elsewhere they do nothing."""

_HOUR = 3600.0

Block = tuple[int, int]
"""Ids of an impulse and of one of its learn blocks."""


class ImpulseScreen(Following):
    """Shows the impulse with one key, as it was answered last."""

    GROUPS: ClassVar[tuple[str, ...]] = ("Impulse view",)
    BINDINGS: ClassVar = bindings(*GROUPS)

    def __init__(
        self,
        keys: Sequence[Key],
        scene: Scene,
        key: str,
        asked: Asking[ImpulseTable],
        *,
        order: Callable[[], Sequence[str]],
        reached: Callable[[str], object],
        go_to_trial: Callable[[str], object],
    ) -> None:
        """Show the impulse with this key of those that were `asked` for.

        `order` has the keys of the impulses to go through, and `reached` is told of each that is gone to.
        """
        super().__init__(keys, scene)
        self.key = key
        self.tab = TABS[0]
        self.look = Look()
        self._keys, self._asked, self._order, self._reached = keys, asked, order, reached
        self._go_to_trial = go_to_trial
        self._called = key
        self._listed: tuple[ImpulseTable | None, dict[str, Listed]] = (None, {})
        self._anomalies: dict[Block, Asking[AnomalyBlock]] = {}
        self._scores: dict[Block, Asking[Scored]] = {}
        self._begun: set[object] = set()
        """What was asked once. It is told here as a question is not under way before its worker has its turn."""
        self._charts: tuple[Impulse | None, tuple[Chart, ...]] = (None, ())
        self._texts = {
            name: TextPane(
                key_name(f"impulse.{'limits' if name == 'thresholds' else name}"), name.capitalize(), id=name
            )
            for name in TABS
            if name != "curves"
        }
        self._texts["metrics"].hint = keyed("{move.left}{move.right} other model type")
        self._curves = ImpulseCurves(key_name("impulse.curves"), "Curves", id="curves")
        self._panes: dict[str, Pane] = {name: self._texts.get(name, self._curves) for name in TABS}

    def body(self) -> ComposeResult:
        """Lay out the tabs, one of which is in sight."""
        panes = tuple(self._panes.values())
        for pane in panes:
            pane.among = panes
            pane.display = pane.id == self.tab
            yield pane

    def on_mount(self) -> None:
        """Begin on the first tab."""
        self.set_focus(self._panes[self.tab])
        self._foot()

    def _foot(self) -> None:
        """Name in the footer the keys that matter on this tab."""
        here = self.tab == "anomaly"
        self._footer.use([key for key in keys_over(self._keys, *self.GROUPS) if here or key.id not in ONLY_ANOMALY])

    # What is shown

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
        order = list(self._order())
        place = f"{order.index(item.key) + 1} of {len(order)}" if item.key in order else ""
        past = NOT_THEN if self.scene.past is not None else ""
        return joined([((item.called, "title"),), state_line(item.impulse), ((place, "dim"),), ((past, "warn"),)], "  ")

    def follow(self) -> None:
        """Bring the tab in sight up to date; the others are when they are gone to."""
        item = self.item
        if self.tab == "curves":
            self._show_curves(item)
            return
        said = self._asked.said(self.scene.today, "the impulses")
        pane = self._texts[self.tab]
        if item is None:
            gone = "This impulse was deleted: the service no longer lists it."
            pane.show(gone, lambda width: wrapped(gone, width, "dim"))
            return
        hour = self.scene.today.wall // _HOUR  # times of day are told from dates
        known = self._known(item.impulse) if self.tab == "anomaly" else Known()
        about = (item.impulse, said, self.look, hour, known)
        pane.show(about, self._drawing(item.impulse, said, known))

    def _show_curves(self, item: Listed | None) -> None:
        if item is None:
            self._curves.show((), "This impulse was deleted: the service no longer lists it.")
            return
        if self._charts[0] is not item.impulse:
            self._charts = (item.impulse, curves.charts(item.impulse))
        self._curves.show(self._charts[1], curves.why_none(item.impulse))

    def _drawing(self, impulse: Impulse, said: tuple[str, str], known: Known) -> Draw:
        now, look = self.scene.today.wall, self.look
        kind = look.model_type or metrics.usual_type(impulse)
        draws: dict[str, Draw] = {
            "blocks": lambda width: blocks.lines(impulse, width, now),
            "network": lambda width: network.lines(impulse, width, now),
            "metrics": lambda width: metrics.lines(impulse, width, kind),
            "anomaly": lambda width: anomaly.lines(impulse, replace(look, model_type=kind), known, width, now),
            "thresholds": lambda width: thresholds.lines(impulse, width),
        }
        draw = draws[self.tab]
        return (lambda width: [*wrapped(*_ordered(said, width)), EMPTY_LINE, *draw(width)]) if said[0] else draw

    # What is asked of anomaly blocks

    def _block(self, impulse: Impulse) -> LearnBlock | None:
        found = anomaly.blocks_of(impulse)
        return found[self.look.block % len(found)] if found else None

    def _asking(self, impulse: Impulse) -> Asking[AnomalyBlock] | Asking[Scored] | None:
        """Return what is asked about the anomaly block in sight; None where nothing can be."""
        block = self._block(impulse)
        if block is None or block.id is None or impulse.id is None:
            return None
        ids, kind = (impulse.id, block.id), block.type
        if block.anomaly is None:
            return self._scores.setdefault(ids, Asking(lambda desk: desk.scores(*ids)))
        return self._anomalies.setdefault(ids, Asking(lambda desk: desk.anomaly(*ids, kind)))

    def _known(self, impulse: Impulse) -> Known:
        asking = self._asking(impulse)
        if asking is None:
            return Known()
        if not asking.begun and asking not in self._begun:
            self._begun.add(asking)
            self._begin(asking)
        answer = asking.answer
        said = asking.said(self.scene.today, "this block")
        return Known(answer, None, said) if isinstance(answer, AnomalyBlock) else Known(None, answer, said)

    def _begin(self, asking: Asking[AnomalyBlock] | Asking[Scored]) -> None:
        self.run_worker(asking.ask(desk_for(self), lambda: self.scene.today, self._changed), group="block")

    def _changed(self) -> None:
        if self.is_attached:
            self.show(self.scene)

    def ask(self) -> None:
        """Ask for the impulses again, and for what is in sight of an anomaly block."""
        asked = self._asked.ask(desk_for(self), lambda: self.scene.today, self._changed)
        self.run_worker(asked, exclusive=True, group="impulses")
        item = self.item
        asking = self._asking(item.impulse) if item is not None and self.tab == "anomaly" else None
        if asking is not None and not asking.underway:
            self._begin(asking)

    async def action_below(self, action: str) -> None:
        """Have the monitor do something; asking the service now is asking for the impulse, too."""
        if action == "app.poll":
            self.ask()
            if self.scene.past is not None:
                return  # There the monitor would only say that there is nothing to poll.
        await super().action_below(action)

    # Tabs and impulses

    def action_tab(self, name: str) -> None:
        """Go to a tab."""
        self.tab = name
        for pane in self._panes.values():
            pane.display = pane.id == name
        self.set_focus(self._panes[name], scroll_visible=False)
        self._foot()
        # Once it has its size: what is drawn before would be drawn twice.
        self.call_after_refresh(self.follow)

    def on_descendant_blur(self) -> None:
        """Give the keyboard back to the tab: hidden and shown in one breath, it is told late that it was hidden."""
        self.call_after_refresh(self._keep_focus)

    def _keep_focus(self) -> None:
        if self.focused is None and self.is_current:
            self.set_focus(self._panes[self.tab], scroll_visible=False)

    def action_next_tab(self, by: int) -> None:
        """Go to the tab beside this one."""
        self.action_tab(TABS[(TABS.index(self.tab) + by) % len(TABS)])

    def action_other(self, by: int) -> None:
        """Go to the next impulse, or the one before."""
        order = list(self._order())
        if not order:
            return
        at = order.index(self.key) if self.key in order else -1 if by > 0 else len(order)
        to = at + by
        if not 0 <= to < len(order):
            self.app.clear_notifications()  # A key that is held down would say it over and over.
            self.notify(f"This is the {'last' if by > 0 else 'first'} impulse.", markup=False)
            return
        self.key, self.look = order[to], Look()
        self._reached(self.key)
        self.show(self.scene)

    def action_thresholds(self) -> None:
        """Change its thresholds."""
        item = self.item
        if item is not None:
            edit_thresholds(self, self._keys, item, self.ask)

    def action_trial(self) -> None:
        """Go to the trial that it was made from."""
        item = self.item
        if item is not None:
            to_trial(self, item, self._go_to_trial)

    # Anomaly blocks

    def action_axis(self, axis: str) -> None:
        """Draw clusters over another feature."""
        item = self.item
        block = None if item is None else self._block(item.impulse)
        if item is None or block is None or self.tab != "anomaly":
            return
        known = anomaly.merged(block.anomaly, self._known(item.impulse).asked)
        count = 0 if known is None else len(known.trained_axes)
        self._look(self.look.over(axis, count))

    def action_next_block(self) -> None:
        """Show the next anomaly block."""
        if self.tab != "anomaly":
            return
        item = self.item
        found = () if item is None else anomaly.blocks_of(item.impulse)
        if len(found) < 2:
            self.notify("This impulse has no other anomaly block.", markup=False)
        else:
            self._look(Look(block=(self.look.block + 1) % len(found)))

    def action_next_over(self) -> None:
        """Show the next image whose score is above the threshold."""
        item = self.item
        block = None if item is None or self.tab != "anomaly" else self._block(item.impulse)
        scores = None if item is None or block is None else self._known(item.impulse).scores
        if block is None or not isinstance(scores, VisualAnomalyScores):
            return
        place = anomaly.next_over(block, scores, self.look.image)
        if place is None:
            self.notify("No image scores above the threshold.", markup=False)
        else:
            self._look(replace(self.look, image=place))

    def _look(self, look: Look) -> None:
        self.look = look
        self.follow()

    # Moving

    def action_move(self, by: int) -> None:
        """Move by lines, or by charts."""
        pane = self._panes[self.tab]
        if isinstance(pane, TextPane | ImpulseCurves):
            pane.move(by)

    def action_move_page(self, by: int) -> None:
        """Move by screenfuls."""
        pane = self._panes[self.tab]
        if isinstance(pane, TextPane | ImpulseCurves):
            pane.move_page(by)

    def action_columns(self, by: int) -> None:
        """Look at the next model type, or at the next image."""
        item = self.item
        if item is None or self.tab not in ("metrics", "anomaly"):
            return
        scores = self._known(item.impulse).scores if self.tab == "anomaly" else None
        if isinstance(scores, VisualAnomalyScores):
            most = max(0, len(scores.expected) - 1)
            self.look = replace(self.look, image=max(0, min(self.look.image + by, most)))
        else:
            self.look = replace(self.look, model_type=self._other_type(item.impulse, by))
        self.follow()

    def _other_type(self, impulse: Impulse, by: int) -> str:
        types = metrics.model_types(impulse)
        at = self.look.model_type or metrics.usual_type(impulse)
        return types[(types.index(at) + by) % len(types)] if at in types else at


def _ordered(said: tuple[str, str], width: int) -> tuple[str, int, str]:
    return said[0], width, said[1]
