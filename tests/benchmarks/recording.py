"""What recording costs, and what a recording gives back: a simulated run of ten hours, polled every 5 s."""

import tempfile
import time
from contextlib import closing
from pathlib import Path
from random import Random
from statistics import median

from demo_scenes import KEY
from watching import START

from eitui.api.state import StateReader
from eitui.demo.options import Options
from eitui.demo.service import PROJECT_ID, Service
from eitui.domain.moment import Instant
from eitui.feed.events import PollSucceeded
from eitui.feed.recording.format import About
from eitui.feed.recording.reader import RecordingReader
from eitui.feed.recording.writer import RecordingWriter

EVERY_S, POLLS, TRIALS = 5.0, 7200, 60
SPEED = 0.65
"""At which the simulated search of 60 trials takes ten hours."""

SEEKS = 300


def ten_hours() -> str:
    """Size against the raw bodies, the time a poll costs, re-attaching and seeking."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "ten-hours.eitui"
        raw, reads, writes = _record(path)
        size = path.stat().st_size
        attach, seeks = _look(path)
    return (
        f"{size / 2**20:.1f} of {raw / 2**20:.0f} MiB raw, {size / raw:.2%} (promised: 1 %); "
        f"a poll {median(writes):.2f} ms median, {max(writes):.1f} worst (5), beside {median(reads):.2f} to read it; "
        f"re-attaching {attach:.0f} ms (300); "
        f"seeking {median(seeks):.1f} ms median, {max(seeks):.0f} worst of {len(seeks)} (50)"
    )


def _record(path: Path) -> tuple[int, list[float], list[float]]:
    elapsed = 0.0
    service = Service(Options("default", 1, TRIALS, SPEED), KEY, lambda: START + elapsed)
    reader, raw = StateReader(), 0
    reads, writes = [], []
    with closing(RecordingWriter(path, About("127.0.0.1", PROJECT_ID, 1), EVERY_S, "benchmark")) as recorder:
        for poll in range(POLLS):
            elapsed = poll * EVERY_S
            body = service.answer("GET", f"/v1/api/{PROJECT_ID}/optimize/state", KEY).body
            raw += len(body)
            began = time.perf_counter()
            run = reader.read_now(body)
            read = time.perf_counter()
            recorder.write(PollSucceeded(Instant(START + elapsed, 1000.0 + elapsed), run, EVERY_S))
            reads.append((read - began) * 1000)
            writes.append((time.perf_counter() - read) * 1000)
    return raw, reads, writes


def _look(path: Path) -> tuple[float, list[float]]:
    attached = []
    for _ in range(5):
        began = time.perf_counter()
        with closing(RecordingReader.open(path)) as run:
            moment = run.last_moment()
        attached.append((time.perf_counter() - began) * 1000)
        assert len(moment.history.curves) == len(moment.run.trials)
    seeks = []
    with closing(RecordingReader.open(path)) as run:
        random = Random(1)
        for _ in range(SEEKS):
            place = random.randrange(len(run.times))
            began = time.perf_counter()
            run.frame(place)
            seeks.append((time.perf_counter() - began) * 1000)
    return max(attached), seeks
