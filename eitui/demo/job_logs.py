"""What jobs write: the end of a failed trial, in Edge Impulse's own words; the logs of the tuner and its coordinator.

A line is the simulated second that it was written in, its level and its text.
"""

from collections.abc import Iterator

from eitui.demo.scenarios import Simulation
from eitui.demo.schedule import NEVER, Attempt
from eitui.demo.specs import VALIDATION_SAMPLES, Spec

Written = tuple[float, str, str]

JOB_ERROR = "Tuner job failed: more than half of the trials did not complete. See the logs of the failed trials."

_STARTED = ("Scheduling job in cluster...", "Container image pulled!", "Job started")
_FAILED = "Job failed (see above)"


def failed_attempt(spec: Spec, end: float) -> list[Written]:
    """Return the last lines of an attempt that failed: the reason, then what is below every reason."""
    fatal = spec.fatal
    code = "137 (OOMKilled)" if fatal is None else "1"
    reason = [] if fatal is None else [fatal.reason.format(features=fatal.features, parameter=spec.dsp.parameter)]
    return [(end, "error", text) for text in (*reason, f"Application exited with code {code}", "", _FAILED)]


def tuner_log(simulation: Simulation) -> list[Written]:
    """Return what the tuner writes until its end: which trial it queues, what becomes of it, why the search stops."""
    task, courses = simulation.task, simulation.schedule.courses
    space = f"{len(task.dsps)} DSP blocks and {len(task.nets)} learn blocks"
    most = f"at most {simulation.rounds.total} trials"
    lines = [(0.0, "info", text) for text in _STARTED]
    lines.append((0.0, "info", f"Searching {space}, target latency {task.latency_ms} ms on {task.device}, {most}"))
    opened = -1
    for course in courses:
        spec = course.spec
        if spec.round > opened:
            opened = spec.round
            count = sum(other.spec.round == opened for other in courses)
            lines.append((course.created, "info", f"Round {opened}: {count} trials proposed"))
        lines.append((course.created, "info", f"Queued trial {spec.name} ({spec.id})"))
        for attempt in course.attempts:
            lines.append((attempt.start, "info", f"Started trial {spec.name} on {attempt.worker}"))
            lines.append((attempt.end, *_outcome(spec, attempt, scored=task.kind == "classification")))
    lines += _end_of_search(simulation)
    return sorted(lines, key=lambda line: line[0])


def _outcome(spec: Spec, attempt: Attempt, *, scored: bool) -> tuple[str, str]:
    match attempt.outcome:
        case "completed":
            share = f"{spec.correct_int8 / VALIDATION_SAMPLES:.1%} validation accuracy, " if scored else ""
            return "info", f"Trial {spec.name} completed: {share}{spec.latency_ms:.0f} ms (int8)"
        case "failed":
            return "warn", f"Trial {spec.name} failed: see its log"
        case "crashed":
            return "warn", f"Trial {spec.name} failed, trying again"
        case "lost":
            return "warn", f"{attempt.worker} went away, trying trial {spec.name} again"


def _end_of_search(simulation: Simulation) -> Iterator[Written]:
    schedule, task = simulation.schedule, simulation.task
    if schedule.endless:
        return
    if simulation.profile.breaks:
        yield schedule.end, "error", f"ERR: {JOB_ERROR}"
        yield schedule.end, "error", _FAILED
        return
    evaluated, total = len(schedule.courses), simulation.rounds.total
    if evaluated < total:
        why = f"No improvement in the last {simulation.window} trials: stopping early after {evaluated} of {total}"
    else:
        why = f"Reached the limit of {total} trials"
    yield schedule.end, "info", why
    done = [course.spec for course in schedule.courses if course.attempts[-1].outcome == "completed"]
    near = [spec for spec in done if spec.latency_ms <= task.latency_ms]
    limit = f"the target latency of {task.latency_ms} ms"
    yield schedule.end, "info", f"{len(near)} of {len(done)} models are within {limit}"
    if not near:
        yield schedule.end, "warn", f"Could not find a model close to {limit}"
    yield schedule.end, "info", "Job completed"


def coordinator_log(simulation: Simulation) -> list[Written]:
    """Return what the coordinator writes until its end: which worker comes, goes and is lost."""
    schedule = simulation.schedule
    attempts = [attempt for course in schedule.courses for attempt in course.attempts]
    lost = {attempt.worker for attempt in attempts if attempt.outcome == "lost"}
    lines = [(0.0, "info", text) for text in _STARTED]
    lines.append((0.0, "info", f"Starting {simulation.profile.workers} workers"))
    # A worker that was to replace another when the search was over never came.
    members = [member for member in schedule.members if member.joined < member.left]
    for member in members:
        lines.append((member.joined, "info", f"Requested {member.id}"))
        if member.ready < member.left:
            lines.append((member.ready, "info", f"{member.id} is ready"))
        if member.left < NEVER:
            gone = ("warn", f"{member.id} went away") if member.id in lost else ("info", f"Stopped {member.id}")
            lines.append((member.left, *gone))
    if not schedule.endless:
        last = max((member.left for member in members if member.left < NEVER), default=schedule.end)
        if simulation.profile.breaks:
            lines.append((schedule.end, "error", "The tuner's job failed"))
            lines.append((max(schedule.end, last), "error", _FAILED))
        else:
            lines.append((schedule.end, "info", "The tuner's job has ended"))
            lines.append((max(schedule.end, last), "info", "Job completed"))
    return sorted(lines, key=lambda line: line[0])
