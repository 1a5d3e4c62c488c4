"""A small recording of a synthetic run, and ways to damage it."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from demo_scenes import Scene

from eitui.demo.options import Options
from eitui.demo.service import PROJECT_ID
from eitui.feed.events import Frame, ServiceEvent
from eitui.feed.recording.format import About
from eitui.feed.recording.reader import RecordingReader
from eitui.feed.recording.writer import RecordingWriter

INTERVAL = 2.0
"""Real seconds between the polls, during which 16 simulated seconds pass."""

PAGE = 4096


class IntactRecording:
    """A recording as it was before it was damaged."""

    def __init__(self, about: About, data: bytes, frames: dict[float, Frame], later: tuple[ServiceEvent, ...]) -> None:
        self.about, self.data = about, data
        self.frames = frames
        """By the times of the polls."""
        self.later = later
        """What the service says when it is asked again."""

    def __repr__(self) -> str:
        return f"<{len(self.data)} bytes>"

    @property
    def pages(self) -> range:
        """All but the first, which holds what the tables are."""
        return range(1, len(self.data) // PAGE)


def whole(path: Path) -> IntactRecording:
    """Record two sittings at `path`."""
    scene = Scene(Options(trials=6, speed=8.0))
    first = scene.poll()
    assert first.run.coordinator_job_id is not None
    about = About("studio.edgeimpulse.com", PROJECT_ID, first.run.coordinator_job_id)
    for _ in range(2):
        with closing(RecordingWriter(path, about, INTERVAL, "0")) as recorder:
            for event in scene.polls(scene.elapsed + 60, INTERVAL):
                recorder.write(event)
        scene.elapsed += 100
    frames, lost = look(path)
    assert not lost
    later = tuple(scene.polls(scene.elapsed + INTERVAL, INTERVAL))
    return IntactRecording(about, path.read_bytes(), frames, later)


def look(path: Path) -> tuple[dict[float, Frame], list[str]]:
    """Look at every frame of a recording, last first and then in order; return them and what is lost."""
    with closing(RecordingReader.open(path)) as run:
        indices = range(len(run.times))
        jumped = {index: run.frame(index) for index in (*indices[-1:], *indices[:1])}
        frames = {index: run.frame(index) for index in indices}
        # How one got to an instant makes no difference to what is seen there.
        assert jumped.items() <= frames.items()
        list(run.recorded_events())
        list(run.alerts())
        run.verify()
        return {run.times[index]: frame for index, frame in frames.items()}, list(run.lost)


def overwritten(data: bytes, offset: int, with_: bytes) -> bytes:
    return (data[:offset] + with_ + data[offset + len(with_) :])[: len(data)]


def changed(intact: IntactRecording, path: Path, *statements: str) -> Path:
    """Change the recording as somebody with an SQLite shell would; return its path, `path`."""
    path.write_bytes(intact.data)
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.create_function("flip", 1, flipped)
        for statement in statements:
            file.execute(statement)
    return path


def flipped(blob: bytes) -> bytes:
    place = len(blob) // 2
    return overwritten(blob, place, bytes([blob[place] ^ 0x10]))


def other_pages(intact: IntactRecording) -> Callable[[int], bytes]:
    return lambda page: intact.data[PAGE * (page % intact.pages[-1] + 1) :][:PAGE]


FILLS: dict[str, Callable[[IntactRecording, int], bytes]] = {
    "zeros": lambda intact, page: bytes(PAGE),
    "ones": lambda intact, page: b"\xff" * PAGE,
    "noise": lambda intact, page: random.Random(page).randbytes(PAGE),
    "another page": lambda intact, page: other_pages(intact)(page),
    "half of zeros": lambda intact, page: intact.data[PAGE * page :][: PAGE // 2] + bytes(PAGE // 2),
}
