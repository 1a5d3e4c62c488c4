"""Follow a run and record it: what an earlier watching saw comes first, and nothing is lost to the next."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from eitui.domain.log import TrialLog
from eitui.domain.moment import EMPTY_MOMENT, READ_ONCE_S, Connection, Instant, Keeping, Moment, Problem, Recording
from eitui.feed.clock import Clock, SystemClock
from eitui.feed.events import (
    Event,
    Identified,
    Logged,
    NoRecording,
    OpenRecording,
    PollSucceeded,
    RecordingChanged,
    RecordingError,
    Resumed,
    ServiceEvent,
)
from eitui.feed.live import LiveSource
from eitui.feed.recording.catalogue import file_of, newest_of
from eitui.feed.recording.format import About, explained, shown
from eitui.feed.recording.reader import RecordingReader
from eitui.feed.recording.recorder_thread import RecorderThread
from eitui.feed.recording.writer import check_same_run
from eitui.feed.track import fold, take_in
from eitui.log import log


@dataclass(frozen=True)
class RecordingPlace:
    """Where recordings go."""

    directory: Path
    """The directory with all of them."""
    host: str
    """The service's host."""
    file: Path | None = None
    """The one file to record into, instead of one in `directory`."""
    run_id: int | None = None
    """The run that is recorded, where it is known which; None: the project's present run."""

    def of(self, about: About) -> Path:
        """Return where the recording of a run belongs."""
        return self.file or file_of(self.directory, about)

    def newest(self, project_id: int) -> Path | None:
        """Return the recording to be taken up before the service answers; None when there is none.

        That is the run's own, or where it is not known which run the project has, the one that was written last.
        """
        if self.file is None and self.run_id is not None:
            path = self.of(About(self.host, project_id, self.run_id))
            return path if path.exists() else None
        return self.file or newest_of(self.directory, self.host, project_id)


@dataclass
class _Ended:
    """Stands after the last event: what is followed has ended, with an error where there was one."""

    error: BaseException | None = None


@dataclass
class RecordedSource:
    """A live source that is recorded."""

    source: LiveSource
    place: RecordingPlace
    version: str
    """Of this program, for the recording."""
    clock: Clock = field(default_factory=SystemClock)
    _path: Path | None = None
    _resumed: int | None = None
    """Run whose recording was taken up."""
    _keeper: RecorderThread | None = None
    _moment: Moment = EMPTY_MOMENT
    """What the events so far came to, but for what is said of the recording."""

    @property
    def interval(self) -> float:
        """Seconds between answers while all is well."""
        return self.source.interval

    @property
    def live(self) -> bool:
        """Whether what it yields is the present."""
        return True

    @property
    def fills_curves(self) -> bool:
        """Whether the epochs that a log tells become events."""
        return self.source.fills_curves

    @property
    def kept(self) -> tuple[int, int] | None:
        """The run and how many of its polls this process has recorded; None where it has recorded none."""
        keeper = self._keeper
        if keeper is None or keeper.run_id is None or not keeper.kept_polls:
            return None
        return keeper.run_id, keeper.kept_polls

    def rest(self) -> None:
        """Let another process record while this one stands still."""
        if self._keeper is not None:
            self._keeper.rest()

    def wake(self) -> None:
        """Poll now; after polling has stopped, try again."""
        self.source.wake()

    def open_recording(self) -> OpenRecording:
        """Open what was recorded of the run so far, by this process or another.

        Raises:
            NoRecording: nothing was yet.
            RecordingError: it cannot be read.
        """
        path = (self._keeper.path if self._keeper is not None else None) or self._path
        if path is None:
            raise NoRecording("Nothing has been recorded yet", "Recording begins with the run.")
        return RecordingReader.open(path)

    async def log(self, of: Logged) -> TrialLog:
        """Return a log as it is now: of logs only the epochs that those of trials tell are recorded.

        Raises:
            NoLog: it cannot be had.
        """
        return await self.source.log(of)

    async def events(self) -> AsyncIterator[Event]:
        """Yield what was seen earlier, then what happens, until cancelled; then write down what is left."""
        loop = asyncio.get_running_loop()
        happened: asyncio.Queue[Event | _Ended] = asyncio.Queue()

        def tell(recording: Recording) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is gone: nobody is left to be told
                loop.call_soon_threadsafe(happened.put_nowait, RecordingChanged(self.clock.now(), recording))

        self._moment = replace(EMPTY_MOMENT, connection=Connection(interval=self.interval))
        keeper = self._keeper = RecorderThread(self.place.of, self.place.host, self.interval, self.version, tell)
        following = asyncio.create_task(self._follow(happened.put_nowait, keeper))
        try:
            while not isinstance(event := await happened.get(), _Ended):
                yield event
            if event.error is not None:
                raise event.error
        finally:
            following.cancel()
            await asyncio.wait([following])
            await asyncio.to_thread(keeper.close)

    async def _follow(self, say: Callable[[Event | _Ended], None], keeper: RecorderThread) -> None:
        try:
            if self.source.project_id is not None:
                known = Identified(self.clock.now(), self.source.project_id)
                await self._resume(say, known.at, partial(self.place.newest, known.project_id))
                keeper.keep(known)
            async with aclosing(self.source.events()) as events:
                async for event in events:
                    await self._resume(say, event.at, partial(self._recording_for, event))
                    before = self._moment
                    if isinstance(event, PollSucceeded):
                        # Neither the screen nor the recorder folds it again; who takes in one that cannot be folded
                        # finds the same, and deals with it.
                        with contextlib.suppress(Exception):
                            event = replace(event, folded=(before, fold(before, event)))
                    self._moment = take_in(before, event).moment
                    keeper.keep(event)
                    say(event)
        except Exception as error:
            say(_Ended(error))
        else:
            say(_Ended())

    def _recording_for(self, event: ServiceEvent) -> Path | None:
        """Return the recording to be taken up before `event` is handed on."""
        if isinstance(event, Identified) and self._path is None and self._resumed is None:
            return self.place.newest(event.project_id)
        if isinstance(event, PollSucceeded) and self.source.project_id is not None:
            run_id = event.run.coordinator_job_id
            if run_id is not None and run_id != self._resumed:
                self._resumed = run_id
                path = self.place.of(About(self.place.host, self.source.project_id, run_id))
                return path if path != self._path else None
        return None

    async def _resume(
        self, say: Callable[[Event | _Ended], None], at: Instant, find: Callable[[], Path | None]
    ) -> None:
        """Take up the recording that `find` returns, if any, at the instant `at` of the event that follows.

        The recorder, and readers of the recording, take it up with that event and come to the same moment.
        """
        try:
            path = await asyncio.to_thread(find)
            if path is None:
                return
            moment = await asyncio.to_thread(_last_moment, path)
        except RecordingError:
            # There is none yet; of one that cannot be read whoever records says what is wrong.
            self._path = None
            return
        except Exception as error:
            log.exception("An unexpected error while a recording was read")
            self._path = None
            what = f"What was recorded earlier cannot be read: an unexpected error ({type(error).__name__})"
            say(RecordingChanged(self.clock.now(), Recording(Keeping.OFF, Problem(what))))
            return
        if self.place.run_id is None and moment.connection.interval >= READ_ONCE_S:
            self._path = None
            return  # an earlier run, which was only looked at since: the present one has not been heard of yet
        self._path = path
        if moment.seen:
            self._resumed = moment.history.run_id
            resumed = Resumed(at, moment)
            self._moment = fold(self._moment, resumed).moment
            say(resumed)


def _last_moment(path: Path) -> Moment:
    with closing(RecordingReader.open(path)) as run:
        return run.last_moment()


def check_file(path: Path, host: str, project_id: int | None) -> None:
    """Make sure that the file at `path`, if there is one, can be recorded into. It is not changed.

    `project_id` None: any project of `host`.

    Raises:
        RecordingError: it is no recording, of another project, cannot be read, or could not be made.
    """
    with explained(path, "written"):
        if not path.exists():
            if not path.parent.is_dir():
                raise RecordingError(f"There is no directory {shown(path.parent)} to record into")
            return
        if not path.is_file():
            raise RecordingError(
                f"{shown(path)} is {'a directory' if path.is_dir() else 'no file'}: name one to record into"
            )
    with closing(RecordingReader.open(path)) as run:
        found = run.about
    check_same_run(found, About(host, found.project_id if project_id is None else project_id, found.run_id), path)
