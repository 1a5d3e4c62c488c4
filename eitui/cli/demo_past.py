"""What a monitor would have seen of the demo's run before it is opened: recorded as if it had been watched."""

import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import eitui
from eitui.api.run import only_project, projects_of, records_of
from eitui.api.state import StateReader
from eitui.config import Settings
from eitui.demo.options import Options
from eitui.demo.service import PROJECT_ID, Service
from eitui.domain.moment import Instant
from eitui.feed.events import Identified, PollSucceeded
from eitui.feed.recording.catalogue import file_of
from eitui.feed.recording.format import About
from eitui.feed.recording.writer import RecordingWriter

MOST_PAST_POLLS = 60
"""Polls that are made up for: each takes some 2 ms, for which the first picture of the run waits."""


@dataclass
class _Watch:
    """A clock that is moved from poll to poll."""

    at: float

    def __call__(self) -> float:
        return self.at


def record_past(options: Options, settings: Settings, directory: Path, now: Instant) -> None:
    """Record the run from its beginning until `options.opened`, by polling the same service in simulated time.

    The service's answers depend on nothing but its options, its start and the time: this one, which nobody else asks,
    says what the demo's own would have said then. What happened since is left to the live polls: whatever ends the run
    must still be announced. `now` relates the two clocks. Where nothing can be written the demo goes on without a past.
    """
    if options.opened is None or not settings.record:
        return
    watch = _Watch(options.opened)
    service = Service(options, settings.api_key.reveal(), watch)
    if not service.watched:
        return
    passed = options.opened - service.began
    every = max(settings.interval_s, passed / MOST_PAST_POLLS)

    def get(path: str) -> bytes:
        return service.answer("GET", f"/v1/api/{path}", settings.api_key.reveal()).body

    reader = StateReader()
    about = About(settings.host, PROJECT_ID, service.run_id)
    with (
        suppress(OSError, sqlite3.Error),
        closing(RecordingWriter(file_of(directory, about), about, every, eitui.__version__)) as recorder,
    ):
        for number in range(int(passed / every) + 1):
            watch.at = service.began + number * every
            at = Instant(watch.at, now.mono - (now.wall - watch.at))
            run = reader.read_now(get(f"{PROJECT_ID}/optimize/state"))
            recorder.write(PollSucceeded(at, run, date=float(int(watch.at))))
            if number == 0:
                name = only_project(projects_of(get("projects"))).name
                records = records_of(get(f"{PROJECT_ID}/optimize/runs"))
                recorder.write(Identified(at, PROJECT_ID, name, records[0]))
