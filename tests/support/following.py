"""A source that records what it follows, through a transport, read event by event."""

import asyncio
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from polling import HOST, KEY, LONG, Service, Steps
from states import PROJECT, RUN, body, trial_json

from eitui.api.client import Client
from eitui.config.key import Secret
from eitui.domain.moment import EMPTY_MOMENT, Keeping, Moment
from eitui.feed.events import Event, PollFailed, PollSucceeded, RecordingChanged
from eitui.feed.live import LiveSource
from eitui.feed.recorded import RecordedSource, RecordingPlace
from eitui.feed.recording.format import About
from eitui.feed.track import fold

ABOUT = About(HOST, PROJECT, RUN)


@dataclass
class Following:
    """A recorded source, read event by event."""

    source: RecordedSource
    clock: Steps
    _events: Any
    seen: list[Event] = field(default_factory=list)

    async def until(self, wanted: type | Keeping) -> Event:
        """Return the next event of this kind, or that says this of the recording, after one more poll at most."""
        if any(isinstance(event, PollSucceeded | PollFailed) for event in self.seen):
            self.clock.allowed.release()
        async with asyncio.timeout(LONG):
            while True:
                event: Event = await anext(self._events)
                self.seen.append(event)
                result = event.recording.keeping if isinstance(event, RecordingChanged) else type(event)
                if result is wanted:
                    return event

    @property
    def moment(self) -> Moment:
        moment = EMPTY_MOMENT
        for event in self.seen:
            moment = fold(moment, event).moment
        return moment


@asynccontextmanager
async def following(
    directory: Path, *bodies: bytes | Exception, project: int | None = None, start: float = 1000.0
) -> Any:
    clock = Steps(start)
    client = Client(f"https://{HOST}", Secret(KEY), transport=httpx.MockTransport(Service(list(bodies))))
    live = LiveSource(client, project, clock=clock, jitter=lambda: 0.0)
    source = RecordedSource(live, RecordingPlace(directory, HOST), "0", clock)
    stream: Any = source.events()
    async with aclosing(stream) as events:
        yield Following(source, clock, events)


def epochs(*numbers: int, **more: Any) -> list[bytes]:
    return [body([trial_json("a", epoch=number, loss=0.5)], **more) for number in numbers]
