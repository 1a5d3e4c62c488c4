"""What is on the screen: the newest moment, or one of the past."""

from collections.abc import Callable
from dataclasses import replace

from textual.screen import ModalScreen, Screen
from textual.timer import Timer

from eitui.analysis import position
from eitui.analysis.clock import stale_after_s
from eitui.analysis.position import parse_when
from eitui.api.errors import problem
from eitui.domain.moment import EMPTY_MOMENT, Alert, Connection, Instant, Moment
from eitui.feed.events import Frame, NoRecording
from eitui.tui.playback import Move, Playback
from eitui.tui.services import Services
from eitui.tui.widgets.bars import Timeline
from eitui.view.run.header import Past

BEAT = 0.1
"""Seconds between two looks at the clock while the past is played."""

LONGEST_BEAT = 1.0
"""Seconds of playing that one look makes up for: who comes back from ctrl+z has not seen what went by."""


_NOTHING = "Nothing is recorded yet"


class TimeTravel:
    """Holds what is on a screen, and goes through the past of a run."""

    def __init__(self, services: Services, screen: Screen[None], show: Callable[[], None]) -> None:
        """`show` brings the whole of `screen` up to date."""
        self._services, self._screen, self._show = services, screen, show
        self.moment = EMPTY_MOMENT
        """The newest there is."""
        self.shown = EMPTY_MOMENT
        """The one on the screen: an older one while paused, and in the past."""
        self.paused = False
        self.earlier = False
        """Whether it is an earlier run: its recording is shown from its end."""
        self.timeline = Timeline()
        self._deck: Playback | None = None
        self._deck_run: int | None = None
        self._edge = EMPTY_MOMENT
        """The newest there is of the run that the deck is about."""
        self._known: tuple[Alert, ...] = ()
        """The alerts there were when the live edge was left."""
        self._beats: Timer | None = None
        self._beat_at = 0.0

    # Where in time the screen is

    @property
    def live(self) -> bool:
        """Whether there is a live edge; not in a replay."""
        return self._services.live

    @property
    def frame(self) -> Frame | None:
        """What is shown of the past; None: at the live edge, or nothing yet."""
        return self._deck.frame if self._deck is not None else None

    @property
    def travelling(self) -> bool:
        """Whether the screen shows the past, or will as soon as that is read."""
        deck = self._deck
        return not self.live or (deck is not None and (deck.head is not None or deck.behind))

    @property
    def reading(self) -> bool:
        """Whether the recording is being read."""
        return self._deck is not None and self._deck.busy

    @property
    def beating(self) -> bool:
        """Whether the past is being played."""
        return self._beats is not None

    def past(self) -> Past | None:
        """Return what the header says of the time on the screen; None at the live edge."""
        deck, frame = self._deck, self.frame
        if deck is None or (self.live and frame is None):
            return None if self.live else Past(live=False, earlier=self.earlier)
        head, known = deck.head or position.Position(), set(map(id, self._known))
        return Past(
            self.live,
            None if frame is None else frame.now.wall,
            head.playing,
            head.speed,
            self.moment,
            sum(id(alert) not in known for alert in self.moment.alerts),
            tuple(deck.lost),
            self.earlier,
        )

    def time(self, now: Instant) -> Instant:
        """Return the instant that is on the screen: that of the past, or when it was paused, or `now`."""
        if self.frame is not None:
            return self.frame.now
        last = self.shown.connection.last_good
        return last if self.paused and last is not None else now

    def show_timeline(self, now: Instant) -> None:
        """Bring the timeline up to date."""
        times = self._deck.times if self._deck is not None else ()
        ends = None if self.live or not times else (times[0], times[-1])
        self.timeline.show(self._edge, now, None if self.frame is None else self.frame.now.wall, ends)

    # What arrives

    def source_opened(self) -> None:
        """Show a recording from its beginning; that of an earlier run from its end."""
        if not self.live:
            self._screen.set_class(True, "-past")
            self.go(lambda head, times: position.place(head, len(times) - 1 if self.earlier else 0, times))
            self._show()

    def arrived(self, moment: Moment) -> None:
        """Take over a newer moment; while paused only the header goes on, and in the past nothing moves."""
        self.moment = moment
        run = moment.history.run_id
        if not self.live or self.frame is None or run == self._deck_run:
            self._edge = moment
        if self.live and self.frame is None:
            self._let_go_of_another_run()
            if not self.paused:
                self.shown = moment
        self._show()

    def _let_go_of_another_run(self) -> None:
        deck = self._deck
        if deck is not None and not (deck.busy or deck.behind) and self._deck_run != self.moment.history.run_id:
            self._deck = None
            self._screen.run_worker(deck.close())

    async def close(self) -> None:
        """Let go of the recording."""
        if self._deck is not None:
            await self._deck.close()

    # Going through the past

    def go(self, move: Move) -> None:
        """Go to another time."""
        deck = self._deck or self._open()
        if deck is None:
            self._say(NoRecording(_NOTHING))
            return
        if deck.head is None:
            last = self.shown.connection.last_good
            deck.enter_at = last.wall if self.paused and last is not None else None
            self._known = self.moment.alerts
        pace = _pace(deck)
        deck.ask(move)
        if deck.behind and not deck.busy:
            self._screen.run_worker(self._catch_up(deck))
        elif _pace(deck) != pace:
            self._keep_beating(deck)
            self._show()

    def _open(self) -> Playback | None:
        if self._services.source is not None:
            self._deck = Playback(self._services.source.open_recording, live=self.live)
            self._deck_run = self.moment.history.run_id
        return self._deck

    async def _catch_up(self, deck: Playback) -> None:
        if deck.busy:
            return
        try:
            await deck.catch_up(lambda: self._look(deck))
        except Exception as error:
            deck.stay()
            if self.live or self.frame is not None:
                self._say(error)
            else:
                self.shown = Moment(connection=Connection(problem=replace(problem(error), final=True)))
        self._look(deck)

    def _say(self, error: Exception) -> None:
        self._screen.app.clear_notifications()  # A key that is held down would say it over and over.
        self._screen.notify(problem(error).sentence, severity="warning", markup=False)

    def _look(self, deck: Playback) -> None:
        """Show what the deck has come to."""
        if deck is not self._deck:
            return
        if deck.frame is not None:
            self.paused = False
            self.shown = deck.frame.moment
        elif self.live and deck.head is None and not deck.behind:
            self._edge = self.moment
            if not self.paused:
                self.shown = self.moment
            self._let_go_of_another_run()
        self._keep_beating(deck)
        self._screen.set_class(deck.frame is not None or not self.live, "-past")
        self._show()

    # Playing

    def _keep_beating(self, deck: Playback) -> None:
        playing = deck.head is not None and deck.head.playing
        if playing and self._beats is None:
            self._beat_at = self._services.clock.now().mono
            self._beats = self._screen.set_interval(BEAT, self.beat)
        elif not playing and self._beats is not None:
            self._beats.stop()
            self._beats = None

    def beat(self) -> None:
        """Play on."""
        now, deck = self._services.clock.now().mono, self._deck
        elapsed, self._beat_at = min(max(0.0, now - self._beat_at), LONGEST_BEAT), now
        gap_s = stale_after_s(self.shown.connection)
        if deck is not None and deck.head is not None:
            self.go(lambda head, times: position.advance(head, elapsed, times, gap_s))

    # Keys

    def _only_back(self, direction: int) -> bool:
        """Say, for a key that goes forth in time, that there is nothing newer than the live edge."""
        if direction > 0 and not self.paused and not self.travelling:
            self._screen.notify("Already live: nothing is newer.", markup=False)
            return True
        return False

    def by_cells(self, by: int) -> None:
        """Go by cells of the timeline."""
        seconds = by * self.timeline.cell_s
        if not self._only_back(by):
            self.go(
                lambda head, times: (
                    position.move_position(head, seconds, times)
                    if seconds
                    else position.place(head, head.index + by, times)
                )
            )

    def by_polls(self, by: int) -> None:
        """Go by polls."""
        if not self._only_back(by):
            self.go(lambda head, times: position.place(head, head.index + by, times))

    def to_alert(self, direction: int) -> None:
        """Go to the poll at which another alert was raised."""
        if self._only_back(direction):
            return
        alerts = self._edge.alerts

        def move(head: position.Position, times: position.Times) -> position.Position | None:
            # Alerts of an earlier run are kept, but are not in this recording.
            marks = [alert.at for alert in alerts if alert.at >= times[0]]
            found = position.to_mark(head, direction, marks, times)
            if found is None:
                self._screen.notify(f"No alert {'after' if direction > 0 else 'before'} this.", markup=False)
            return found

        self.go(move)

    def to_first(self) -> None:
        """Go to the first poll."""
        self.go(lambda head, times: position.place(head, 0, times))

    def to_live_edge(self) -> None:
        """Go to the live edge; in a replay to the end."""
        if not self.live:
            self.go(lambda head, times: replace(position.place(head, len(times) - 1, times), playing=False))
            return
        self.paused = False
        if self._deck is not None:
            self._deck.leave()
            self._look(self._deck)
        self.shown = self.moment
        self._show()

    def play_faster(self, by: int) -> None:
        """Play faster, or slower."""
        if not self.travelling:
            self._screen.notify("Playback works in the history: go back in time first.", markup=False)
            return
        self.go(lambda head, _: position.faster(head, by))

    def play_or_stand(self) -> None:
        """Play, or stand still. At the end of a recording it is played from the beginning."""

        def move(head: position.Position, times: position.Times) -> position.Position:
            if head.playing:
                return replace(head, playing=False)
            at_end = not self.live and head.index >= len(times) - 1
            return replace(position.place(head, 0, times) if at_end else head, playing=True)

        self.go(move)

    def ask_for_a_time(self) -> None:
        """Ask for a time to go to."""
        from eitui.tui.screens.prompts import SeekPrompt

        # Opened before the recording is: what is typed at once must not be taken for other keys.
        prompt = SeekPrompt(self._understand)
        self._screen.app.push_screen(prompt, self._go_to)
        self._screen.run_worker(self._prepare(prompt))

    async def _prepare(self, prompt: ModalScreen[float | None]) -> None:
        try:
            deck = self._deck or self._open()
            if deck is None:
                raise NoRecording(_NOTHING)  # noqa: TRY301 - told as what the deck raises is
            await deck.ready()
        except Exception as error:
            if prompt.is_current:
                prompt.dismiss(None)
            self._say(error)

    def _understand(self, text: str) -> float | str:
        times = self._deck.times if self._deck is not None else ()
        if not times:
            return "The recording is still loading: try again in a moment."
        return parse_when(text, times, self.frame.now.wall if self.frame is not None else times[-1])

    def _go_to(self, at: float | None) -> None:
        if at is not None:
            self.go(lambda head, times: position.seek(head, at, times))


def _pace(deck: Playback) -> tuple[bool, int] | None:
    return None if deck.head is None else (deck.head.playing, deck.head.speed)
