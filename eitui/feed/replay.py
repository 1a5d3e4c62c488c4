"""Show a recording as if it were followed: all of it is there from the first, and nothing is added."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from eitui.domain.log import TrialLog
from eitui.feed.clock import Clock, SystemClock
from eitui.feed.events import Event, Logged, NoLog, NoRecording, OpenRecording, RecordingError, Resumed
from eitui.feed.recording.format import shown
from eitui.feed.recording.reader import RecordingReader


@dataclass
class ReplaySource:
    """A recording, as a source that has nothing new to say."""

    path: Path
    clock: Clock = field(default_factory=SystemClock)
    interval: float = 5.0

    @property
    def live(self) -> bool:
        """Whether what it yields is the present."""
        return False

    @property
    def fills_curves(self) -> bool:
        """Whether the epochs that a log tells become events: there are no logs."""
        return False

    def rest(self) -> None:
        """Do nothing: nobody waits for it."""

    def wake(self) -> None:
        """Do nothing: there is nobody to ask."""

    def open_recording(self) -> OpenRecording:
        """Open the recording, and look at all of it once, so that what is lost is said from the beginning.

        Raises:
            NoRecording: nothing is in it.
            RecordingError: it cannot be read.
        """
        run = RecordingReader.open(self.path)
        if not run.times:
            lost = run.lost
            run.close()
            if lost:
                raise RecordingError(f"{shown(self.path)} is damaged: no poll in it can be read")
            raise NoRecording("The recording holds no poll: it ended before the service answered")
        run.verify()
        return run

    async def log(self, of: Logged) -> TrialLog:
        """No log is recorded: raise `NoLog`."""
        raise NoLog("Logs are not recorded", "Watch the run itself to read them: eitui watch.")

    async def events(self) -> AsyncIterator[Event]:
        """Yield how the run stood at the end of the recording.

        Raises:
            RecordingError: it cannot be read.
        """
        recording = await asyncio.to_thread(self.open_recording)
        try:
            last = await asyncio.to_thread(recording.frame, len(recording.times) - 1)
        finally:
            recording.close()
        yield Resumed(self.clock.now(), last.moment)
        await asyncio.Event().wait()
