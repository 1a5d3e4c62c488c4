"""What happened when: a search played through once, event by event, in simulated seconds from its start."""

import heapq
import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from eitui.demo.kit import rng_for
from eitui.demo.specs import Spec

_Outcome = Literal["completed", "failed", "crashed", "lost"]
"""How an attempt ended. A crashed or lost one (its worker went away) is tried again."""

NEVER = math.inf

_PAUSE_S = 60.0
"""The search thinks for so long before it proposes the next round."""


@dataclass(frozen=True)
class Attempt:
    """One try at a trial, on one worker. Times in simulated seconds."""

    worker: str
    start: float
    dsp_start: float
    learn_start: float
    epoch_s: float
    epochs: int
    """Epochs after which it ends or goes silent."""
    phase: float
    """Shifts the small unevenness of its epochs."""
    end: float
    outcome: _Outcome

    def epoch_end(self, epoch: int) -> float:
        """When this epoch, counted from 1, ended. Epochs are not all equally long, but never overlap."""
        return self.learn_start + self.epoch_s * (epoch + 0.15 * math.sin(1.7 * epoch + self.phase))

    def epochs_done(self, now: float) -> int:
        """Epochs finished by then."""
        epoch = max(0, min(self.epochs, int((now - self.learn_start) / self.epoch_s) + 1))
        while epoch and self.epoch_end(epoch) > now:
            epoch -= 1
        return epoch


@dataclass(slots=True)
class Course:
    """A trial and all that became of it."""

    spec: Spec
    created: float
    attempts: list[Attempt] = field(default_factory=list)


@dataclass(slots=True)
class Member:
    """A worker's time in the pool."""

    id: str
    joined: float
    ready: float
    left: float = NEVER
    draining: bool = False


@dataclass(frozen=True)
class Silence:
    """A worker that stops reporting in the middle of a trial and is never heard of again."""

    trial: int
    epochs: int
    """Epochs the trial finishes before that."""


@dataclass(frozen=True)
class Plan:
    """What a pool of workers is to get through."""

    specs: tuple[Spec, ...]
    workers: int
    seed: int
    silence: Silence | None = None


@dataclass(frozen=True)
class Schedule:
    """Everything that happens in a run, in simulated seconds from its start."""

    courses: tuple[Course, ...]
    members: tuple[Member, ...]
    end: float
    """When the last trial was over, of those that end at all."""
    endless: bool
    """Whether a trial never ends, and so the run never does."""

    def busy(self, now: float) -> dict[str, int]:
        """Which trial (index) each busy worker runs."""
        return {
            attempt.worker: course.spec.index
            for course in self.courses
            for attempt in course.attempts
            if attempt.start <= now < attempt.end
        }


def play_plan(plan: Plan) -> Schedule:
    """Play a search through, from the first worker to the last trial."""
    return _Pool(plan).run()


class _Pool:
    """The discrete-event simulation behind `play_plan`: events are calls, ordered by time and then by arrival."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.rng = rng_for(plan.seed, "pool")
        self.now = 0.0
        self.events: list[tuple[float, int, Callable[[], None]]] = []
        self.arrivals = 0
        self.queue: deque[Course] = deque()
        self.courses: list[Course] = []
        self.members: list[Member] = []
        self.running: dict[str, Course] = {}
        self.round = -1
        self.open = 0
        self.opening = False

    def run(self) -> Schedule:
        self.at(0.0, self.open_round)
        for number in range(self.plan.workers):
            self.at(45.0 * number * (1 + number / 4), self.join)
        if self.plan.workers > 1:
            lengths = [s.startup_s + s.dsp_s + s.epoch_s * s.epochs + s.profiling_s for s in self.plan.specs]
            # Not sum(): Python 3.12 made it more exact, and the same seed is to give the same run everywhere.
            guess = math.fsum(lengths) / self.plan.workers
            self.at(0.36 * guess, self.lose)
            self.at(0.6 * guess, self.drain)
        while self.events:
            self.now, _, event = heapq.heappop(self.events)
            event()
            for member in self.members:
                free = member.ready <= self.now < member.left and not member.draining and member.id not in self.running
                if free and self.queue:
                    self.begin(self.queue.popleft(), member)

        ends = [course.attempts[-1].end for course in self.courses]
        end = max((end for end in ends if end < NEVER), default=0.0)
        for number, member in enumerate(member for member in self.members if member.left == NEVER):
            if member.id not in self.running:
                member.left = end + 30.0 + 5.0 * number
        return Schedule(tuple(self.courses), tuple(self.members), end, bool(self.running))

    def at(self, time: float, event: Callable[[], None]) -> None:
        self.arrivals += 1
        heapq.heappush(self.events, (time, self.arrivals, event))

    def open_round(self) -> None:
        self.round += 1
        self.opening = False
        courses = [Course(spec, self.now) for spec in self.plan.specs if spec.round == self.round]
        self.open += len(courses)
        self.courses += courses
        self.queue += courses

    def join(self) -> None:
        taken = {member.id for member in self.members}
        while (name := f"worker-{self.rng.randrange(0x10000):04x}") in taken:
            pass
        ready = self.now + self.rng.uniform(40, 90)
        self.members.append(Member(name, self.now, ready))
        self.at(ready, lambda: None)

    def lose(self) -> None:
        """Take away the busy worker that is in the middle of training: its trial is tried again elsewhere."""
        silent = self.plan.silence.trial if self.plan.silence else None
        busy = [m for m in self.members if m.id in self.running and self.running[m.id].spec.index != silent]
        if not busy:
            return
        member = max(busy, key=lambda m: self.running[m.id].attempts[-1].epochs_done(self.now))
        course = self.running.pop(member.id)
        cut = course.attempts[-1]
        course.attempts[-1] = replace(cut, epochs=cut.epochs_done(self.now), end=self.now, outcome="lost")
        member.left = self.now
        self.queue.appendleft(course)
        self.at(self.now + 75.0, self.join)

    def drain(self) -> None:
        """Let the oldest worker finish what it does, then replace it."""
        present = [member for member in self.members if member.left == NEVER and not member.draining]
        if present:
            present[0].draining = True
            self.release(present[0])

    def release(self, member: Member) -> None:
        if member.draining and member.id not in self.running and member.left == NEVER:
            member.left = self.now
            self.at(self.now + 50.0, self.join)

    def begin(self, course: Course, member: Member) -> None:
        attempt = self.attempt(course, member.id)
        course.attempts.append(attempt)
        self.running[member.id] = course
        if attempt.end < NEVER:
            self.at(attempt.end, lambda: self.finish(course, member, attempt))
        else:
            self.open -= 1
            self.settle()

    def attempt(self, course: Course, worker: str) -> Attempt:
        spec, first = course.spec, not course.attempts
        dsp = self.now + spec.startup_s
        learn = dsp + spec.dsp_s
        outcome: _Outcome = "completed"
        epochs, tail = spec.epochs, spec.profiling_s
        if spec.fatal is not None:
            outcome, epochs, tail = ("crashed" if first and spec.index % 2 else "failed"), 0, spec.epoch_s * 0.6
        elif spec.crashes and first:
            outcome, epochs, tail = "crashed", max(2, spec.epochs // 3), spec.epoch_s / 2
        silence = self.plan.silence
        draft = Attempt(worker, self.now, dsp, learn, spec.epoch_s, epochs, float(spec.index), NEVER, outcome)
        if silence is not None and silence.trial == spec.index:
            return replace(draft, epochs=silence.epochs)
        if spec.fatal is not None and spec.fatal.block == "dsp":
            return replace(draft, end=dsp + 0.4 * spec.dsp_s)
        return replace(draft, end=max(draft.epoch_end(epochs), learn) + tail)

    def finish(self, course: Course, member: Member, attempt: Attempt) -> None:
        if course.attempts[-1] is not attempt:
            return  # lost in the meantime
        del self.running[member.id]
        if attempt.outcome == "crashed":
            self.queue.appendleft(course)
        else:
            self.open -= 1
            self.settle()
        self.release(member)

    def settle(self) -> None:
        """Propose the next round once no more than one trial of this one is under way."""
        if self.open <= 1 and not self.opening and self.round < self.plan.specs[-1].round:
            self.opening = True
            self.at(self.now + _PAUSE_S, self.open_round)


def streak(courses: Sequence[Course], now: float) -> int:
    """Count the trials completed by `now` since the last that was better (int8, validation) than all before it."""
    last = [(course.attempts[-1], course.spec.correct_int8) for course in courses]
    done = sorted(
        (a.end, correct) for a, correct in last if a.outcome == "completed" and a.end <= now and a.end < NEVER
    )
    best, count = -1, 0
    for _, correct in done:
        count = 0 if correct > best else count + 1
        best = max(best, correct)
    return count


def stops_first_at_its_end(schedule: Schedule) -> bool:
    """Tell whether no round was opened after a streak as long as the last: the search would have stopped there."""
    decisions = {course.created for course in schedule.courses if course.spec.round}
    final = streak(schedule.courses, NEVER)
    return all(streak(schedule.courses, moment) < final for moment in decisions)
