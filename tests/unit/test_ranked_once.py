"""A poll is folded once, and its trials are ranked once, whoever looks: screen, recorder, exports, --until."""

import asyncio
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import aclosing, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
import pytest
from following import ABOUT, epochs, following
from hypothesis import given
from polling import HOST, KEY, LONG, Service, Steps
from states import PROJECT, RUN, body, happenings, runs, trial_json

from eitui.analysis import ranking, until, update_history
from eitui.api.client import Client
from eitui.config.key import Secret
from eitui.domain.moment import EMPTY_MOMENT, Connection, Keeping, Moment
from eitui.feed.events import PollSucceeded, RecordingChanged
from eitui.feed.live import LiveSource
from eitui.feed.recorded import RecordedSource, RecordingPlace
from eitui.feed.recording.catalogue import entry_of, file_of
from eitui.feed.recording.format import About
from eitui.feed.recording.writer import RecordingWriter
from eitui.feed.track import fold, take_in
from eitui.view.run.export import trials
from eitui.view.run.table import TrialRows


@contextmanager
def counted(function: Any, within: Any = None) -> Iterator[list[str]]:
    """Yield the names of the threads in which `function` was called, `within` another one, one for each time."""
    called: list[str] = []

    def is_within(frame: FrameType | None) -> bool:
        return within is None or (frame is not None and (frame.f_code is within.__code__ or is_within(frame.f_back)))

    def profile(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code is function.__code__ and is_within(frame):
            called.append(threading.current_thread().name)

    before = sys.getprofile()
    threading.setprofile(profile)
    sys.setprofile(profile)
    try:
        yield called
    finally:
        sys.setprofile(before)
        threading.setprofile(None)


def state(best: float, status: str = "running") -> bytes:
    """Return a state in which two trials are completed, one as good as `best`."""
    done = [
        trial_json(name, "completed", 9, 0.5, progress={"epoch": 9, "val_accuracy": accuracy})
        for name, accuracy in (("a", best), ("b", 0.2))
    ]
    return body(done, status=status)


def look(moment: Moment, rows: TrialRows, condition: until.UntilCondition) -> str | None:
    """Look at `moment` in every way that shows or asks for the best trial; return its id."""
    rows.show(moment)
    trials(moment)
    condition.met(moment)
    return rows.context.best_id


async def test_a_changed_poll_is_ranked_once_and_one_that_is_the_same_not_at_all(tmp_path: Path) -> None:
    bodies: list[bytes | Exception] = [state(0.5), state(0.5), state(0.7), state(0.1), state(0.1, "completed")]
    clock, moment, rows, condition = Steps(), Moment(), TrialRows(), until.parse_condition("val_accuracy>99%")
    client = Client(f"https://{HOST}", Secret(KEY), transport=httpx.MockTransport(Service(bodies)))
    live = LiveSource(client, PROJECT, clock=clock, jitter=lambda: 0.0)
    recording, best = False, []
    with counted(ranking.best) as ranked:
        source = RecordedSource(live, RecordingPlace(tmp_path, HOST), "0", clock)
        async with asyncio.timeout(LONG), aclosing(source.events()) as events:
            async for event in events:
                run = moment.run
                moment = take_in(moment, event).moment
                found = look(moment, rows, condition)
                if moment.run is not run:
                    best.append(found)
                recording = recording or (
                    isinstance(event, RecordingChanged) and event.recording.keeping is Keeping.HERE
                )
                if moment.run.finished and recording:
                    break
                clock.allowed.release()
    assert best == ["a", "a", "b", "b"]
    assert ranked == ["MainThread"] * len(best)
    summary = entry_of(file_of(tmp_path, About(HOST, PROJECT, RUN))).summary
    assert (summary.best_name, summary.best_val_accuracy) == ("mfe-conv1d-b", pytest.approx(0.2))


def test_what_was_ranked_for_another_run_is_not_taken_for_this_one() -> None:
    first, second = runs([state(0.5), state(0.1)])
    stale = Moment(run=second, standing=ranking.best(first))
    assert ranking.ranked(stale).trial is second.trial("b")
    assert ranking.ranked(Moment(run=first, standing=ranking.best(first))).trial is first.trial("a")


async def test_a_recorded_poll_is_folded_once_also_after_a_time_without_eitui(tmp_path: Path) -> None:
    bodies, start = epochs(1, 2, 3), 1000.0
    for gaps in (0, 1, 2):
        with counted(update_history.update_history, within=RecordingWriter.write) as again:
            async with following(tmp_path, *bodies, project=PROJECT, start=start) as watch:
                for wanted in (PollSucceeded, Keeping.HERE, PollSucceeded, PollSucceeded):
                    await watch.until(wanted)
        assert again == []
        moment = replace(EMPTY_MOMENT, connection=Connection(interval=watch.source.interval))
        with counted(update_history.update_history) as again:
            for event in watch.seen:
                moment = take_in(moment, event).moment
        assert again == []
        assert len(moment.history.gaps) == gaps
        start += 4000.3


@given(happenings(), happenings())
def test_what_the_screen_folded_changes_no_byte_of_a_recording(earlier: Any, events: Any) -> None:
    """Also where the screen has seen more, or less, than is in the file."""
    moment, again = EMPTY_MOMENT, []
    for event in (*earlier, *events):
        if isinstance(event, PollSucceeded):
            event = replace(event, folded=(moment, fold(moment, event)))
        again.append(event)
        moment = fold(moment, event).moment
    with tempfile.TemporaryDirectory() as directory:
        plain, shared = Path(directory) / "plain.eitui", Path(directory) / "shared.eitui"
        for path, written in ((plain, (*earlier, *events)), (shared, again)):
            for part in (written[: len(earlier)], written[len(earlier) :]):
                with closing(RecordingWriter(path, ABOUT, 5.0, "0")) as recorder:
                    for event in part:
                        recorder.write(event)
        with closing(sqlite3.connect(plain)) as one, closing(sqlite3.connect(shared)) as other:
            assert list(one.iterdump()) == list(other.iterdump())
