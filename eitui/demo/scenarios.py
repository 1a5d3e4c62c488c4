"""The runs that can be shown: how each is set up, and where in it the clock starts."""

import math
from dataclasses import dataclass, field, replace

from eitui.demo.families import DETECTION, KEYWORDS, REGRESSION, Task
from eitui.demo.options import Options
from eitui.demo.schedule import NEVER, Course, Plan, Schedule, Silence, play_plan, stops_first_at_its_end, streak
from eitui.demo.specs import Fates, Rounds, draw_specs

_BEGIN = 0.12
"""How far the search has come when the service starts, so that there is something to see at once."""

_LEAST_ENDED, _LEAST_SEEN, _LEAST_LEFT = 2, 12, 20
"""Trials that have completed, and epochs of the longest curve that are over and to come, in a run well under way."""

_FRUITLESS_S = 140.0
"""Simulated seconds until a search gives up that finds nothing worth a trial."""

_DRAWS = 20
"""Nineteen draws of twenty are good at once; a search of a few trials may have no good one, and takes the last."""


@dataclass(frozen=True)
class Profile:
    """How a scenario differs from the others."""

    task: Task = KEYWORDS
    trials: int = 44
    workers: int = 4
    fates: Fates = field(default_factory=Fates)
    rounds: int = 5
    """Rounds after the initial one; 0 proposes all trials at once."""
    stops_early: bool = True
    breaks: bool = False
    """Whether the job ends with an error."""
    silent: bool = False
    """Whether a worker stalls."""
    devices: int = 2
    predictions: int = 0
    """Predictions in each of a trial's evaluations."""
    started: bool = True
    fruitless: bool = False
    """Whether the search finds nothing worth a trial, and ends."""
    begin: float = _BEGIN
    """Where the clock starts, as a fraction of the run; above 1 is after its end."""


PROFILES = {
    "default": Profile(),
    "finished": Profile(begin=1.02),
    "empty": Profile(started=False),
    "failures": Profile(fates=Fates(failing=0.6, causes=2), stops_early=False, breaks=True),
    "stall": Profile(silent=True),
    "hostile": Profile(fates=Fates(failing=0.2, causes=2)),
    "huge": Profile(
        trials=1_000,
        workers=10,
        fates=Fates(failing=0.06, causes=2),
        rounds=0,
        stops_early=False,
        devices=20,
        predictions=20,
        begin=0.75,
    ),
    "regression": Profile(task=REGRESSION),
    "detection": Profile(task=DETECTION),
    "no-trials": Profile(task=replace(KEYWORDS, latency_ms=2), fruitless=True, begin=1.02),
    "relabelled": Profile(),
    "heads": Profile(),
}


@dataclass(frozen=True)
class Simulation:
    """A run that does not exist, whole: a pure function of the options."""

    options: Options
    profile: Profile
    rounds: Rounds
    """As configured; the search may stop before the last."""
    schedule: Schedule
    start: float
    """Simulated seconds from the run's start to the service's."""
    window: int
    """Completed trials without improvement after which the search stops."""
    head_start_s: float
    """Real seconds from the service's start until the run is well under way, for who opens a monitor on it."""

    @property
    def task(self) -> Task:
        """What the networks learn."""
        return self.profile.task

    @property
    def shown(self) -> tuple[Course, ...]:
        """The trials; none where the search was not started."""
        return self.schedule.courses if self.profile.started else ()

    def now(self, elapsed: float) -> float:
        """Return the simulated seconds since the run's start, `elapsed` real seconds after the service's start."""
        return self.start + elapsed * self.options.speed

    def wall(self, simulated: float, service_start: float) -> float:
        """Return the real time (Unix seconds) of a simulated instant: the run looks like one of a fast tuner."""
        return service_start + (simulated - self.start) / self.options.speed

    def over(self, simulated: float) -> bool:
        """Whether the run has come to its end."""
        return not self.schedule.endless and simulated >= self.schedule.end


def simulate(options: Options, profile: Profile | None = None) -> Simulation:
    """Draw the trials and play the run through. Takes milliseconds for 40 trials.

    `profile` None: that of the scenario.
    """
    profile = profile or PROFILES[options.scenario]
    # About a third of the trials first, the rest in equal parts.
    total = options.trials or profile.trials
    sizes = [min(total, max(profile.workers, round(total * 0.3))) if profile.rounds else total]
    each = max(1, math.ceil((total - sizes[0]) / max(1, profile.rounds)))
    while sum(sizes) < total:
        sizes.append(min(each, total - sum(sizes)))

    # Where it is to stop early, draw until its last round is the first after which it would.
    stops = profile.stops_early and len(sizes) > 3
    evaluated = Rounds(tuple(sizes[:-1]), max(1, len(sizes) - 3)) if stops else Rounds(tuple(sizes), len(sizes))
    for again in range(_DRAWS):
        specs = draw_specs(profile.task, evaluated, profile.fates, options.seed + 7_919 * again)
        plan = Plan(specs, profile.workers, options.seed)
        schedule = play_plan(plan)
        if not stops or stops_first_at_its_end(schedule):
            break

    if profile.fruitless:
        # Its workers were asked for, and had nothing to do.
        members = [replace(member, left=_FRUITLESS_S) for member in schedule.members if member.joined < _FRUITLESS_S]
        schedule = Schedule((), tuple(members), _FRUITLESS_S, endless=False)

    # A run that is seen from its beginning starts at the next moment at which there is much to see; who opens a monitor
    # does so at the next one after it that tells everything.
    start, early = profile.begin * schedule.end, profile.begin == _BEGIN
    if early:
        moments = [schedule.end * permille / 1000 for permille in range(40, 330, 5)]
        moments.sort(key=lambda moment: abs(moment - start))
        start = next((moment for moment in moments if _lively(schedule, moment)), start)
    if profile.silent:
        schedule = play_plan(replace(plan, silence=_silence(schedule, start, options.speed)))
    opened = start
    if early and profile.started:
        moments = [start + schedule.end * permille / 1000 for permille in range(8, 250, 4)]
        opened = next((moment for moment in moments if _telling(schedule, moment)), start + 0.03 * schedule.end)
    head_start_s = (opened - start) / options.speed

    window = max(2, streak(schedule.courses, NEVER)) if stops else max(10, total // 3)
    return Simulation(options, profile, Rounds(tuple(sizes), len(sizes)), schedule, start, window, head_start_s)


def _lively(schedule: Schedule, now: float) -> bool:
    """Tell whether trials are completed, running and waiting for a worker."""
    completed = any(c.attempts[-1].end <= now and c.attempts[-1].outcome == "completed" for c in schedule.courses)
    waiting = any(c.created <= now < c.attempts[0].start for c in schedule.courses)
    return completed and waiting and bool(schedule.busy(now))


def _telling(schedule: Schedule, now: float) -> bool:
    """Tell whether trials have completed and failed, and the longest curve still has far to go."""
    ended = [c.attempts[-1].outcome for c in schedule.courses if c.attempts[-1].end <= now]
    under_way = [a for c in schedule.courses for a in c.attempts if a.start <= now < a.end and not c.spec.fatal]
    longest = max(under_way, key=lambda attempt: attempt.epochs_done(now), default=None)
    growing = longest is not None and _LEAST_SEEN <= longest.epochs_done(now) <= longest.epochs - _LEAST_LEFT
    return growing and ended.count("completed") >= _LEAST_ENDED and "failed" in ended


def _silence(schedule: Schedule, start: float, speed: float) -> Silence | None:
    """Silence the trial that has the most epochs left, some seconds after the service starts."""
    for real_s in range(6, 120, 6):
        moment = start + real_s * speed
        candidates = [
            (attempt.epochs - attempt.epochs_done(moment), -course.spec.index, attempt.epochs_done(moment))
            for course in schedule.courses
            for attempt in course.attempts[:1]
            if attempt.start <= moment < attempt.end and attempt.outcome == "completed"
        ]
        left, index, done = max((row for row in candidates if row[2] >= 3), default=(0, 0, 0))
        if left:
            return Silence(-index, done)
    return None
