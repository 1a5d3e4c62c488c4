"""Plays a recording: moves along it, and reads what is to be seen there without holding up the screen."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from eitui.analysis.position import Position, Times, place, seek
from eitui.feed.events import Frame, NoRecording, OpenRecording

Move = Callable[[Position, Times], Position | None]
"""Where to go from a place among the times of the polls; None: nowhere."""


class Playback:
    """A recording, opened when it is first needed, and the place in it.

    The disk is read in threads, one read at a time. Moves asked for meanwhile are made together when it is done, and
    only the frame they lead to is read: a key that is held down never queues up.

    Attributes:
        head: the place to show; None: at the live edge.
        frame: what was last read: that of `head`, unless the deck is `behind`.

    """

    def __init__(self, open_recording: Callable[[], OpenRecording], *, live: bool) -> None:
        self.head: Position | None = None
        self.frame: Frame | None = None
        self.enter_at: float | None = None
        """The time from which the first move goes, in seconds since the Unix epoch; None: from the end."""
        self._open_recording = open_recording
        self._live = live
        self._recording: OpenRecording | None = None
        self._opening = asyncio.Lock()
        self._index = -1
        self._moves: list[Move] = []
        self._busy = False
        self._visits = 0

    @property
    def times(self) -> Times:
        """When each poll was; empty before the recording is open."""
        return () if self._recording is None else self._recording.times

    @property
    def lost(self) -> Sequence[str]:
        """What of the recording could not be read."""
        return () if self._recording is None else self._recording.lost

    @property
    def busy(self) -> bool:
        """Whether the recording is being read."""
        return self._busy

    @property
    def behind(self) -> bool:
        """Whether there is something to read before `frame` is what was asked for."""
        return bool(self._moves) or (self.head is not None and self.head.index != self._index)

    def ask(self, move: Move) -> None:
        """Make a move; at once if it needs nothing read, else by `catch_up`."""
        self._moves.append(move)
        if self.head is not None and not self._busy:
            self._make(final=False)

    async def catch_up(self, show: Callable[[], None]) -> None:
        """Read what is missing, and call `show` for every frame, and for the live edge.

        Raises:
            RecordingError: the recording cannot be read, or there is none.
        """
        self._busy = True
        try:
            while self.behind:
                head, recording, visit = self.head, self._recording, self._visits
                if self._moves:
                    if head is None:
                        await self.ready()
                    if not self._make(final=False) and self._recording is not None:
                        # It is the end of what is known of the recording, which goes on.
                        await asyncio.to_thread(self._recording.refresh)
                        self._make(final=True)
                elif head is not None and recording is not None:
                    frame = await asyncio.to_thread(recording.frame, head.index)
                    if visit == self._visits:  # else the recording was left meanwhile
                        self.frame, self._index = frame, head.index
                if not self._moves:
                    show()
        finally:
            self._busy = False

    async def ready(self) -> None:
        """Open the recording, and at the live edge take in what was recorded since.

        Raises:
            RecordingError: it cannot be read, or there is none.
        """
        async with self._opening:
            if self._recording is None:
                self._recording = await asyncio.to_thread(self._open_recording)
            elif self.head is None:
                await asyncio.to_thread(self._recording.refresh)
        if not self.times:
            raise NoRecording("Nothing is recorded yet" if self._live else "This recording is empty")

    def leave(self) -> None:
        """Go to the live edge."""
        self.head, self.frame, self.enter_at, self._index = None, None, None, -1
        self._moves.clear()
        self._visits += 1

    def stay(self) -> None:
        """Give up where one was going, and stand still at what was last read."""
        if self.frame is None or self.head is None:
            self.leave()
            return
        self._moves.clear()
        self.head = replace(place(self.head, self._index, self.times), playing=False)

    async def close(self) -> None:
        """Let go of the file."""
        self.leave()
        recording, self._recording = self._recording, None
        if recording is not None:
            await asyncio.to_thread(recording.close)

    def _make(self, *, final: bool) -> bool:
        """Make the moves asked for; False: not yet, as they lead to the end, and it may not be the end any more."""
        head, moved = self.head, self.head is not None
        if head is None:
            at, last = self.enter_at, len(self.times) - 1
            head = place(Position(), last, self.times) if at is None else seek(Position(), at, self.times)
        for move in self._moves:
            to = move(head, self.times)
            head, moved = to or head, moved or to is not None
        at_end = head.over or (not self._live and head.index == len(self.times) - 1 and moved)
        if at_end and not final:
            return False
        self._moves.clear()
        if not moved or (head.over and self._live):
            self.leave()
        else:
            self.head = head
        return True
