"""One trial: everything the service says about it, in tabs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from eitui.analysis.clock import own_time, service_time
from eitui.analysis.failure import Cause, with_job_memory
from eitui.analysis.figures import Lens
from eitui.analysis.flags import Flag, flags_of
from eitui.analysis.ranking import TIE_SIGN, ranked, usual_lens
from eitui.api.detail import detail_of
from eitui.domain.curve import EMPTY_CURVE
from eitui.domain.detail import EMPTY_DETAIL, TrialDetail
from eitui.domain.trial import FAILED, Trial
from eitui.tui.keys import Key, bindings, keys_of, keys_over
from eitui.tui.kit.list import Draw, Pane, TextPane
from eitui.tui.screens.overlay import Scene
from eitui.tui.screens.tabbed import LogReader
from eitui.tui.services import Order, Services
from eitui.tui.widgets.log_pane import LogPane
from eitui.tui.widgets.trial_curves import ONE_ATTEMPT, PAGE, Subject, TrialCurves
from eitui.view.kit.keys import key_name, keyed
from eitui.view.kit.lines import EMPTY_LINE, Line, joined
from eitui.view.kit.status import CAUTION
from eitui.view.run.failures import cause_lines, why_failed
from eitui.view.run.header import tie_with_best
from eitui.view.trial import confusion, device, metrics, progress
from eitui.view.trial.parts import flag_lines, trial_state

TRIAL_TABS = ("curves", "metrics", "device", "impulse", "progress", "log")

SHORT = 9
"""Lines up to which why a trial failed is said in short, above its curves."""

OF_CURVES = frozenset({"view.log_axis", "view.smooth", "view.attempt"})
"""Ids of keys that are about curves alone."""

SIDEWAYS: Mapping[str, str] = {
    "curves": "Epoch",
    "metrics": "Part, precision",
    "device": "Precision",
    "log": "Sideways",
}
"""What the keys that move sideways do in a tab; nothing in the others."""


class TrialScreen(LogReader):
    """Shows the trial with one id, as it is in the scene: live while it trains, and as it was in the past."""

    GROUPS: ClassVar = ("Trial view", "Log")
    BINDINGS: ClassVar = bindings(*GROUPS)
    TABS = TRIAL_TABS
    KIND = "trial"

    def __init__(
        self,
        services: Services,
        scene: Scene,
        trial_id: str,
        order: Order,
        reached: Callable[[str], object],
        studio: str = "",
    ) -> None:
        """Show the trial `trial_id`.

        `reached` is told of every other that is gone to; `studio` is the Studio's address, where it is known.
        """
        super().__init__(services, scene, order, reached)
        self.trial_id = trial_id
        self._studio = studio
        self._called = ""
        self._detail: tuple[Trial | None, TrialDetail] = (None, EMPTY_DETAIL)
        self._lens: Lens | None = None
        """The part and precision that was gone to; None: those of the scene."""
        self._curves = TrialCurves(key_name("view.curves"), "Curves", id="curves")
        self._texts = {name: TextPane(key_name(f"view.{name}"), name.capitalize(), id=name) for name in TRIAL_TABS[1:5]}
        self._texts["metrics"].hint = keyed("{move.left}{move.right} other part or precision")
        self._texts["device"].hint = keyed("{move.left}{move.right} other precision")
        self._log = LogPane(services.keys, key_name("view.log"), "Log", id="log")
        self._panes: dict[str, Pane] = {"curves": self._curves, **self._texts, "log": self._log}

    @property
    def panes(self) -> Mapping[str, Pane]:
        """The panes by their ids."""
        return self._panes

    @property
    def thing(self) -> str:
        """The id of the trial."""
        return self.trial_id

    def turn_to(self, thing: str) -> None:
        """Show another trial, at the usual figures."""
        self.trial_id, self._lens = thing, None

    def footer_keys(self) -> Sequence[Key]:
        """Return what the footer shows on this tab."""
        return footer_keys(self.services.keys, self.tab)

    # What is shown

    @property
    def trial(self) -> Trial | None:
        """The trial as it is in the scene; None where it is not there."""
        return self.scene.moment.run.trial(self.trial_id)

    @property
    def linked(self) -> tuple[str | None, int | None]:
        """The trial."""
        return self.trial_id, None

    def action_add_trial(self) -> None:
        """Ask whether to add the trial to the project as an impulse."""
        self.services.monitor.add_trial(self.trial_id)

    @property
    def detail(self) -> TrialDetail:
        """Everything the service says about the trial; read when it is looked at, and once."""
        trial = self.trial
        if trial is not self._detail[0]:
            self._detail = (trial, EMPTY_DETAIL if trial is None else detail_of(trial))
        return self._detail[1]

    @property
    def logged(self) -> Trial | None:
        """The trial."""
        return self.trial

    def heading(self) -> Line:
        """Return the trial's name, how it is, and its place among the others."""
        trial = self.trial
        if trial is None:
            return ((self._called or self.trial_id, "title"), ("  not there", "warn"))
        self._called = trial.name
        place = self.place(trial.id)
        history, cycles = self.scene.moment.history, self.scene.moment.run.config.training_cycles
        state = trial_state(trial, history.stalled, cycles, history.curves.get(trial.id, EMPTY_CURVE))
        flags = ", ".join(flag.kind for flag in self._flags(trial))
        return joined(
            [
                ((trial.name, "title"),),
                state,
                (CAUTION.says(flags),) if flags else None,
                ((TIE_SIGN + " tie", "best"),) if self._tie(trial) else None,
                ((place, "dim"),) if place else None,
            ],
            "  ",
        )

    def _flags(self, trial: Trial) -> tuple[Flag, ...]:
        moment = self.scene.moment
        return flags_of(trial, moment.history.curves.get(trial.id, EMPTY_CURVE), usual_lens(moment.run).precision)

    def _tie(self, trial: Trial) -> str:
        return tie_with_best(ranked(self.scene.moment), trial)

    def follow(self) -> None:
        """Bring the tab in sight up to date; the others are when they are gone to."""
        trial = self.trial
        if trial is not None and trial.status == FAILED:
            # At once, as it says why.
            self._logs.ask(trial)
        moment, gone = self.scene.moment, ""
        if trial is None:
            gone = "The service no longer lists this trial: another run has begun, or its trials were deleted."
            if self.scene.past is not None:
                gone = "This trial did not exist at the time shown."

        if self.tab == "curves":
            if trial is None:
                self._curves.show(Subject(gone=gone), lambda width, height: [])
                return
            if self.scene.past is None:
                self._logs.fill([trial], moment)
            curve = moment.history.curves.get(trial.id, EMPTY_CURVE)
            subject = Subject(trial, curve, moment.run.config.training_cycles, log=self._logs.state(trial))
            self._curves.show(subject, lambda width, height: self._why_failed(trial, width, height))
        elif self.tab == "log":
            if trial is None:
                self._log.show(None, gone=gone)
                return
            self.ask_for_log(trial, grows=not trial.over)
            problem = self._logs.problem(trial)
            self._log.show(trial, self._logs.log(trial), self._cause(trial), problem=problem, note=self.note_of_past)
        elif trial is None:
            self._texts[self.tab].show(gone, lambda width: [((gone, "dim"),)])
        else:
            self._show_text(trial)

    def _why_failed(self, trial: Trial, width: int, height: int) -> list[Line]:
        if trial.status != FAILED:
            return []
        log, problem, cause = self._logs.log(trial), self._logs.problem(trial), self._cause(trial)
        if height > SHORT:
            return why_failed(trial, cause, log, width, height, problem=problem)
        lines = cause_lines(trial, cause, log, width, problem=problem)
        return [*lines, ((key_name("view.log"), "key"), (" shows the log", "dim"))] if log is not None else lines

    def _cause(self, trial: Trial) -> Cause:
        return with_job_memory(self._logs.cause(trial), self.scene.moment.run.config.job_memory_mib)

    def _show_text(self, trial: Trial) -> None:
        detail, run, lens, connection = self.detail, self.scene.moment.run, self.lens, self.scene.moment.connection
        flags, tie = self._flags(trial), self._tie(trial)
        # What the tab tells are times of the service's.
        now = service_time(connection, own_time(connection, self.scene.now)) if self.tab == "progress" else None
        studio = progress.studio_link(self._studio, self.scene.moment.project_id, run.coordinator_job_id)

        def metric_lines(width: int) -> list[Line]:
            lines = [*flag_lines(flags, tie, width), *metrics.trial_metric_lines(detail, trial, run, width, lens)]
            # The metrics have said what holds for the confusion matrix as well.
            below = confusion.confusion_lines(detail, trial, run, width, lens, below=True) if detail.evaluations else ()
            return [*lines, EMPTY_LINE, *below] if below else lines

        draws: dict[str, Draw] = {
            "metrics": metric_lines,
            "device": lambda width: device.device_lines(detail, trial, run, width, lens),
            "impulse": lambda width: progress.trial_impulse_lines(detail, trial, run, width),
            "progress": lambda width: progress.trial_progress_lines(detail, trial, run, width, now=now, studio=studio),
        }
        jobs = run.tuner_job_id, run.coordinator_job_id
        about = (trial.payload.digest, trial, run.config, jobs, lens, now, flags, tie)
        self._texts[self.tab].show(about, draws[self.tab])

    @property
    def lens(self) -> Lens:
        """The part of the data and the precision that tabs of figures are about."""
        return self._lens or self.scene.lens

    # Tabs and trials

    def action_tab(self, name: str) -> None:
        """Go to a tab."""
        trial = self.trial
        if name == "log" and trial is not None and not trial.over and self.tab != name:
            self._logs.ask(trial, again=True)
        super().action_tab(name)

    # Moving

    def action_move_page(self, by: int) -> None:
        """Move by screenfuls; on the curves by epochs."""
        if self.tab == "curves":
            self._curves.move_cursor(by * PAGE)
        else:
            super().action_move_page(by)

    def action_columns(self, by: int) -> None:
        """Read the next epoch, look at the next part of the data or precision, or move the log sideways."""
        if self.tab == "curves":
            self._curves.move_cursor(by)
        elif self.tab == "metrics":
            self._look_at([Lens(*key) for key in self.detail.evaluations], by)
        elif self.tab == "device":
            self._look_at([Lens(self.lens.part, precision) for precision in self.detail.devices], by)
        else:
            super().action_columns(by)

    def _look_at(self, lenses: Sequence[Lens], by: int) -> None:
        if lenses:
            at = lenses.index(self.lens) + by if self.lens in lenses else 0
            self._lens = lenses[at % len(lenses)]
            self.follow()

    # Curves

    def action_log_axis(self) -> None:
        """Make the axis of the loss logarithmic, or even again."""
        self.action_tab("curves")
        self._curves.switch_log()

    def action_smooth(self) -> None:
        """Smooth the curves more, or not at all."""
        self.action_tab("curves")
        self._curves.smooth()

    def action_attempt(self) -> None:
        """Show the curves of an earlier attempt."""
        self.action_tab("curves")
        if not self._curves.next_attempt():
            self.notify(ONE_ATTEMPT, markup=False)


def footer_keys(keys: Sequence[Key], tab: str) -> list[Key]:
    """Return what the footer shows in a tab: no key that does nothing there."""
    elsewhere = OF_CURVES if tab != "curves" else frozenset()
    groups = TrialScreen.GROUPS if tab == "log" else TrialScreen.GROUPS[:1]
    own = [key for key in keys_over(keys, *groups) if key.id not in elsewhere]
    label = SIDEWAYS.get(tab)
    # After the curves' own keys.
    sideways = [
        replace(key, label=label, footer=6, past=(6, label))
        for key in reversed(keys_of(keys, "Moving"))
        if label and key.id in ("move.left", "move.right")
    ]
    again = [replace(key, label="Reload", footer=7, past=(7, "Reload")) for key in keys if key.id == "feed.poll"]
    return [*own, *sideways, *(again if tab == "log" else [])]
