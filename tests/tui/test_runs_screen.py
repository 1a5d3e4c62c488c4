"""The list of runs, and an earlier run beside the one that is watched. Everything is synthetic."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest
from build import completed, run, running
from demo_scenes import picture
from projects import FakeProject
from recorded_runs import HOST, a_trained, a_trial, record_run
from syrupy.assertion import SnapshotAssertion
from watching import START, FoldedRecording, ScriptedSource, Watching, watching

from eitui.api.errors import Rejected
from eitui.domain.moment import READ_ONCE_S, Instant, Problem
from eitui.domain.run import Run, RunRecord
from eitui.feed.events import Event, Identified, PollFailed, PollSucceeded
from eitui.feed.other_runs import OtherRuns
from eitui.tui.screens.comparison import ComparisonScreen
from eitui.tui.screens.earlier import EarlierMonitor
from eitui.tui.screens.runs import RunsScreen
from eitui.tui.widgets.run_pane import RunPane

PROJECT = 12345
PRESENT, EARLIER, CANCELLED, RECORDED = 77, 70, 60, 50
LIVE = replace(run(completed("1", 0.9, latency_ms=40), running("2", 3)), coordinator_job_id=PRESENT)
BEFORE = replace(
    run(completed("e1", 0.95, latency_ms=30), completed("e2", 0.8, latency_ms=10), status="completed"),
    coordinator_job_id=EARLIER,
    job_running=False,
    config=replace(LIVE.config, name="Baseline (synthetic)"),
)
DAY_S = 86_400.0
RECORDS = (
    RunRecord(PRESENT, 4, "Search (synthetic)", START - 600, "running"),
    RunRecord(EARLIER, 3, "Baseline (synthetic)", START - 2 * DAY_S, "success"),
    RunRecord(CANCELLED, 2, "Wrong labels (synthetic)", START - 6 * DAY_S, "cancelled", None, True),
    RunRecord(None, 1, "Nameless (synthetic)", START - 9 * DAY_S, "failed"),
)
NOT_THERE = Rejected("The service does not have this (404 Not Found)", answered=True)
GONE = Problem("Run 70: The service refused: No tuner run with this job ID", final=True)


@dataclass
class RunsProject(FakeProject):
    """A project with some runs."""

    records: Sequence[RunRecord] = RECORDS

    async def runs(self) -> tuple[RunRecord, ...]:
        await self._answered("runs")
        return tuple(self.records)


@dataclass
class Earlier:
    """Sources of earlier runs, as they are opened."""

    says: Sequence[Event] = ()
    opened: list[int] = field(default_factory=list)
    source: ScriptedSource = field(default_factory=ScriptedSource)

    def open_run(self, run_id: int) -> ScriptedSource:
        self.opened.append(run_id)
        self.source = ScriptedSource()
        for event in self.says or read_once():
            self.source._events.put_nowait(event)
        return self.source


def read_once(of: Run = BEFORE) -> list[Event]:
    at = Instant(START, 1000.0)
    known = Identified(at, PROJECT, "Doorbell (synthetic)", RECORDS[1])
    return [PollSucceeded(at, of, READ_ONCE_S, START), known]


@asynccontextmanager
async def listing(
    directory: Path, *keys: str, project: FakeProject | None = None, earlier: Earlier | None = None, **options: Any
) -> AsyncIterator[Watching]:
    earlier = earlier or Earlier()
    chosen = project or RunsProject()

    async def open_project(_project_id: int) -> Any:
        return chosen

    places = OtherRuns(lambda: directory, lambda: HOST, cast("Any", earlier.open_run))
    async with watching(LIVE, open_project=open_project, other_runs=places, **options) as watch:
        await watch.identify("Doorbell (synthetic)")
        await watch.press("R")
        if keys:
            await watch.press(*keys)
        yield watch


def record(directory: Path, run_id: int = EARLIER, **more: Any) -> Path:
    return record_run(
        directory, (0, [a_trial("e1", epoch=2)]), (5, [a_trained("e1", 0.97)]), run_id=run_id,
        **({"status": "completed", "name": "Kept (synthetic)"} | more),
    )  # fmt: skip


def rows(watch: Watching) -> list[str]:
    pane = watch.app.screen.query_one(RunPane)
    return [line for line in watch.lines()[1 + pane._above :] if line.strip()][: len(pane.keys())]


async def test_the_runs_and_how_each_ended(tmp_path: Path) -> None:
    record(tmp_path)
    record(tmp_path, RECORDED, began=START - 20 * DAY_S, job_status="failed")
    record(tmp_path, 9, project_id=7, began=START - 30 * DAY_S, status="running")
    async with listing(tmp_path) as watch:
        assert isinstance(watch.app.screen, RunsScreen)
        assert "Runs  6 runs and recordings  asked 0s ago" in watch.text()
        text = [" ".join(row.split()) for row in rows(watch)]
        assert text[0].startswith("77 Search (synthetic)")
        assert text[0].endswith("● running – – present run")
        assert text[1].startswith("70 Baseline (synthetic)")
        assert text[1].endswith("✓ completed 1/0/1 97.0% recorded")
        assert "(hidden in the Studio)" in text[2]
        assert text[2].endswith("✗ cancelled – – –")
        assert text[3].startswith("– Nameless (synthetic)")
        assert text[4].startswith("50 Kept (synthetic)")
        assert text[4].endswith("✗ failed 1/0/1 97.0% only here")
        assert text[5].startswith("9 #7 Kept (synthetic)")
        assert text[5].endswith("stopped 1/0/1 97.0% recorded")


async def test_a_filter_finds_parts_of_all_that_a_row_says(tmp_path: Path) -> None:
    record(tmp_path, RECORDED, began=START - 20 * DAY_S)
    async with listing(tmp_path, "slash", *"synth canc", "enter") as watch:
        assert [row.split()[0] for row in rows(watch)] == ["60"]
        assert "filter: synth canc · 1 of 5" in watch.text()
        await watch.press("slash", *"zz", "enter")
        assert "No run matches `synth canczz` (0 of 5). / changes the filter, esc shows all runs." in watch.text()
        await watch.press("escape")
        assert len(rows(watch)) == 5
        await watch.press("escape")
        assert watch.app.screen is watch.monitor


async def test_without_runs_it_says_why_and_which_key_helps(tmp_path: Path) -> None:
    project = RunsProject(records=())
    async with listing(tmp_path / "none", project=project, size=(80, 24)) as watch:
        text = " ".join(watch.text().split())
        assert "The project has no tuner run, and there is no recording in" in text
        assert "Start a search in the Studio; r asks again." in text
        project.records = RECORDS
        await watch.press("r")
        assert len(rows(watch)) == 4
        assert project.asked == ["runs", "runs"]


async def test_a_service_without_the_list_is_one_line_and_recordings_are_listed(tmp_path: Path) -> None:
    record(tmp_path)
    earlier = Earlier()
    async with listing(tmp_path, project=RunsProject(trouble=NOT_THERE), earlier=earlier) as watch:
        assert "The service does not have this (404 Not Found). r asks again." in watch.text()
        assert len(rows(watch)) == 1
        await watch.press("enter")
        assert isinstance(watch.app.screen, EarlierMonitor)
        assert "EARLIER RUN" in watch.lines()[0]
        assert "Kept (synthetic)" in watch.lines()[0]
        assert earlier.opened == []


async def test_an_earlier_run_is_shown_with_the_same_monitor_beside_the_live_one(tmp_path: Path) -> None:
    earlier = Earlier()
    async with listing(tmp_path, "down", "enter", earlier=earlier) as watch:
        assert earlier.opened == [EARLIER]
        assert isinstance(watch.app.screen, EarlierMonitor)
        assert [screen.__class__ for screen in watch.app.screen_stack[1:]] == [EarlierMonitor]
        lines = watch.lines()
        assert "Baseline (synthetic)" in lines[0]
        assert lines[0].rstrip().endswith("EARLIER RUN")
        assert any("★ mfe-conv1d-e1 " in line and "95.0%" in line for line in lines[:8])
        assert any(line.startswith(" live run: ★ mfe-conv1d-1 90.0%") for line in lines[:7])
        assert "esc Live run" in lines[-1]
        # The live run goes on below, and its newer moments are not shown here.
        await watch.answer(replace(LIVE, trials=(*LIVE.trials, completed("3", 0.99))))
        assert "live run: ★ mfe-conv1d-3 99.0%" in _after_a_tick(watch)
        assert "Baseline (synthetic)" in watch.lines()[0]
        await watch.press("q")
        assert watch.app.screen is watch.monitor
        assert "mfe-conv1d-3" in watch.text()


def _after_a_tick(watch: Watching) -> str:
    monitor = watch.app.screen_stack[1]
    assert isinstance(monitor, EarlierMonitor)
    monitor.tick()
    return watch.text()


async def test_keys_on_it_are_its_own(tmp_path: Path) -> None:
    earlier = Earlier()
    async with listing(tmp_path, "down", "enter", earlier=earlier) as watch:
        await watch.press("r")
        assert (earlier.source.woken, watch.source.woken) == (1, 0)
        await watch.press("b", "enter")
        assert "mfe-conv1d-e1" in watch.lines()[0]
        await watch.press("r", "P")  # keys of the monitor below
        assert earlier.source.woken == 2
        assert watch.app.screen_stack[1].travel.paused  # type: ignore[attr-defined]
        assert not watch.monitor.travel.paused
        await watch.press("q", "slash", "e", "1", "enter", "escape")
        assert isinstance(watch.app.screen, EarlierMonitor)  # escape only took the filter away
        await watch.press("escape")
        assert watch.app.screen is watch.monitor


async def test_what_was_agreed_to_on_it_goes_on_when_it_is_closed(tmp_path: Path) -> None:
    async with listing(tmp_path, "down", "enter") as watch:
        assert isinstance(watch.app.screen, EarlierMonitor)
        assert watch.app.screen.acting is watch.monitor.acting


async def test_its_comparison_has_the_best_of_the_live_run(tmp_path: Path) -> None:
    async with listing(tmp_path, "down", "enter", "c") as watch:
        screen = watch.app.screen
        assert isinstance(screen, ComparisonScreen)
        assert [trial.name for trial in screen.trials] == ["mfe-conv1d-e1", "mfe-conv1d-e2", "mfe-conv1d-1 ★ live run"]
        assert "the trial and the best other trial, with the best of the live run" in watch.lines()[0]
        assert "90.0%" in watch.text()
        await watch.press("right", "right", "x", "enter")
        assert "This trial is of another run." in watch.text()
        assert watch.app.screen is screen
    async with listing(tmp_path, "escape", "c") as watch:
        assert "live run" not in watch.lines()[0]


async def test_its_trade_offs_have_the_front_of_the_live_run(tmp_path: Path) -> None:
    async with listing(tmp_path, "down", "enter", "p") as watch:
        text = watch.text()
        assert "□ front of the live run" in text
        assert text.count("□") == 2
        await watch.press("escape", "escape", "p")
        assert "□" not in watch.text()


async def test_another_one_takes_its_place_and_the_present_one_leads_back(tmp_path: Path) -> None:
    earlier = Earlier()
    async with listing(tmp_path, "down", "enter", earlier=earlier) as watch:
        first = watch.app.screen
        await watch.press("R")
        await watch.press("down", "down", "enter")
        assert earlier.opened == [EARLIER, CANCELLED]
        assert isinstance(watch.app.screen, EarlierMonitor)
        assert watch.app.screen is not first
        assert len(watch.app.screen_stack) == 2
        await watch.press("R")
        await watch.press("enter")
        assert watch.app.screen is watch.monitor
        await watch.press("R")
        await watch.press("enter")
        assert watch.app.screen is watch.monitor
        await watch.press("R")
        await watch.press("G", "enter")
        assert isinstance(watch.app.screen, RunsScreen)
        said = [notice.message for notice in watch.app._notifications]
        assert said == ["The service gives this run no number: it cannot be opened."]


async def test_a_run_that_there_is_not_is_one_line(tmp_path: Path) -> None:
    failed = PollFailed(Instant(START, 1000.0), GONE, None)
    async with listing(tmp_path, "down", "enter", earlier=Earlier(says=[failed])) as watch:
        assert "✗ Run 70: The service refused: No tuner run with this job ID. r asks again." in watch.text()
        await watch.press("escape")
        assert watch.app.screen is watch.monitor


async def test_one_that_is_deleted_while_it_is_open_stays(tmp_path: Path) -> None:
    earlier = Earlier()
    async with listing(tmp_path, "down", "enter", earlier=earlier) as watch:
        gone = replace(GONE, final=False)
        await earlier.source.say(PollFailed(Instant(START + 5, 1005.0), gone, None))
        await watch.settle()
        assert "✗ Run 70: The service refused: No tuner run with this job ID. Data shown is from" in watch.text()
        assert "mfe-conv1d-e1" in watch.text()


async def test_a_source_that_cannot_be_opened_is_one_line(tmp_path: Path) -> None:
    class Broken(Earlier):
        def open_run(self, run_id: int) -> ScriptedSource:
            raise Rejected("The certificate is not trusted", final=True)

    async with listing(tmp_path, "down", "enter", earlier=Broken()) as watch:
        assert "✗ The certificate is not trusted." in watch.text()
        assert "STOPPED" in watch.lines()[0]


async def test_the_recording_of_another_project_says_so_and_is_compared_with_nothing(tmp_path: Path) -> None:
    record(tmp_path, 9, project_id=7, began=START - 30 * DAY_S)
    async with listing(tmp_path, "G", "enter") as watch:
        text = watch.text()
        assert "! Recording of project #7 on studio.edgeimpulse.com, not of the one that is watched" in text
        assert "live run:" not in text
        assert "EARLIER RUN" in watch.lines()[0]
        assert "97.0%" in text  # from its end
        await watch.press("p")
        assert "□" not in watch.text()


async def test_a_damaged_recording_is_named_and_the_others_are_listed(tmp_path: Path) -> None:
    record(tmp_path, RECORDED)
    path = record(tmp_path, 51)
    path.write_bytes(b"not a recording")
    async with listing(tmp_path, project=RunsProject(records=())) as watch:
        assert "12345-51.eitui" in watch.text()
        assert len(rows(watch)) == 1


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (160, 50)])
async def test_it_fits_every_terminal(tmp_path: Path, size: tuple[int, int]) -> None:
    record(tmp_path, RECORDED)
    async with listing(tmp_path, size=size) as watch:
        assert {len(line) for line in watch.lines()} == {size[0]}
        assert "● running" in watch.text()
        await watch.press("down", "enter")
        assert "EARLIER RUN" in watch.lines()[0]


async def test_a_replay_lists_the_recordings_alone(tmp_path: Path) -> None:
    record(tmp_path, RECORDED)
    recording = FoldedRecording([PollSucceeded(Instant(START, 1000.0), LIVE)])
    places = OtherRuns(lambda: tmp_path)
    async with watching(recorded=recording, live=False, other_runs=places) as watch:
        await watch.press("R")
        assert [row.split()[0] for row in rows(watch)] == [str(RECORDED)]
        await watch.press("enter")
        assert isinstance(watch.app.screen, EarlierMonitor)
        await watch.press("escape")
        assert watch.app.screen is watch.monitor


@pytest.mark.parametrize("size", [(80, 24), (160, 50)], ids=["80x24", "160x50"])
async def test_a_picture_of_the_list(looks: SnapshotAssertion, tmp_path: Path, size: tuple[int, int]) -> None:
    record(tmp_path)
    record(tmp_path, RECORDED, began=START - 20 * DAY_S, job_status="failed")
    record(tmp_path, 9, project_id=7, began=START - 30 * DAY_S, status="running")
    async with listing(tmp_path, size=size) as watch:
        assert picture(watch) == looks


async def test_a_picture_of_an_earlier_run(looks: SnapshotAssertion, tmp_path: Path) -> None:
    async with listing(tmp_path, "down", "enter") as watch:
        assert picture(watch) == looks
