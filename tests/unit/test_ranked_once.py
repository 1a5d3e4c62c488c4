"""The trials of a changed poll are ranked once, whoever looks: the fold, the recorder, the table, exports, --until."""

import asyncio
import sys
import threading
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from types import FrameType

import httpx
import pytest
from polling import HOST, KEY, LONG, Service, Steps
from states import PROJECT, RUN, body, runs, trial_json

from eitui.analysis import ranking, until
from eitui.api.client import Client
from eitui.config.key import Secret
from eitui.domain.moment import Keeping, Moment
from eitui.feed.events import RecordingChanged
from eitui.feed.live import LiveSource
from eitui.feed.recorded import RecordedSource, RecordingPlace
from eitui.feed.recording.catalogue import entry_of
from eitui.feed.recording.format import About
from eitui.feed.recording.place import file_of
from eitui.feed.track import take_in
from eitui.view.run.export import trials
from eitui.view.run.table import TrialRows


@contextmanager
def counted() -> Iterator[list[str]]:
    """Yield the names of the threads in which trials were ranked, one for each time."""
    ranked: list[str] = []

    def profile(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code is ranking.best.__code__:
            ranked.append(threading.current_thread().name)

    before = sys.getprofile()
    threading.setprofile(profile)
    sys.setprofile(profile)
    try:
        yield ranked
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
    with counted() as ranked:
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
