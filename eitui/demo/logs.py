"""What jobs write: the log of a trial, as Keras and Edge Impulse word it, and those of the tuner and its coordinator.

A line is the simulated second that it was written in, its level and its text.
"""

from collections.abc import Iterator

from eitui.demo.curves import TUNING_EPOCHS, curve, first_phase, number_of
from eitui.demo.families import Task
from eitui.demo.scenarios import Simulation
from eitui.demo.schedule import NEVER, Attempt, Course
from eitui.demo.specs import TRAINING_CYCLES, VALIDATION_SAMPLES, Spec, fastest_ms

Written = tuple[float, str, str]

JOB_ERROR = "Tuner job failed: more than half of the trials did not complete. See the logs of the failed trials."

_STARTED = ("Scheduling job in cluster...", "Container image pulled!", "Job started")
_FAILED = "Job failed (see above)"

_STEPS = 50
"""Batches of an epoch."""

_LONG_STEP, _LONG = 2, 3
"""Batches from one line to the next in the long form; every third trial is trained with that."""


def trial_log(course: Course, attempts: int, task: Task, seed: int) -> Iterator[Written]:
    """Yield what the first `attempts` attempts at a trial write until their end."""
    spec = course.spec
    for number, attempt in enumerate(course.attempts[:attempts], 1):
        yield attempt.start, "info", f"Attempt {number} on {attempt.worker}"
        yield attempt.dsp_start, "info", f"Generating features: {spec.dsp.title}"
        yield attempt.learn_start, "info", f"Training {spec.net.name} for {TRAINING_CYCLES} epochs"
        for time, text in _keras_log(spec, number, attempt, task, seed):
            yield time, "info", text
        if attempt.outcome == "completed":
            share = f"{spec.correct_int8} of {VALIDATION_SAMPLES} validation samples right"
            yield attempt.end, "info", f"Done: {share} (int8)"
            yield attempt.end, "info", "Job completed"
        elif attempt.outcome == "lost":
            yield attempt.end, "warn", f"{attempt.worker} went away"
        else:  # the reason, then what is below every reason
            fatal, code = spec.fatal, "137 (OOMKilled)"
            if fatal is not None:
                code = "1"
                yield attempt.end, "error", fatal.reason.format(features=fatal.features, parameter=spec.dsp.parameter)
            for text in (f"Application exited with code {code}", "", _FAILED):
                yield attempt.end, "error", text


def _keras_log(spec: Spec, number: int, attempt: Attempt, task: Task, seed: int) -> Iterator[tuple[float, str]]:
    """Yield two lines an epoch, or a line every few steps, which makes long logs."""
    scores = curve(spec, number, task.kind, len(task.classes), seed)
    first = first_phase(spec)
    began = attempt.learn_start
    for epoch in range(1, attempt.epochs + 1):
        if epoch == first + 1:
            for text in ("", "Initial training done.", "", f"Fine-tuning best model for {TUNING_EPOCHS} epochs...", ""):
                yield began, text
        ended = attempt.epoch_end(epoch)
        cycles = TRAINING_CYCLES if first == spec.epochs else first if epoch <= first else TUNING_EPOCHS
        loss, val_loss, accuracy, val_accuracy = scores[epoch - 1]
        scored = task.kind != "regression" and spec.net.scored
        trained = _figures(("loss", loss), *[("accuracy", accuracy)] * scored)
        validated = _figures(("val_loss", val_loss), *[("val_accuracy", val_accuracy)] * scored)
        yield began, f"Epoch {number_of(spec, epoch)}/{cycles}"
        if spec.index % _LONG == 0:
            for step in range(_LONG_STEP, _STEPS, _LONG_STEP):
                time = began + (ended - began) * step / _STEPS
                yield time, f"{step}/{_STEPS} {_bar(step)} - ETA: 1s - {trained}"
            yield ended, f"{_STEPS}/{_STEPS} {_bar(_STEPS)} - 1s 20ms/step - {trained} - {validated}"
        else:
            yield ended, f"{_STEPS}/{_STEPS} - 1s - {trained} - {validated}"
        began = ended


def _bar(step: int) -> str:
    done = 30 * step // _STEPS
    return f"[{'=' * done}{'.' * (30 - done)}]"


def _figures(*figures: tuple[str, float | None]) -> str:
    texts = []
    for name, value in figures:
        text = "nan" if value is None else f"{value:.4f}" if value > 1e-3 else f"{value:.4e}"
        texts.append(f"{name}: {text}")
    return " - ".join(texts)


def tuner_log(simulation: Simulation) -> list[Written]:
    """Return what the tuner writes until its end: which trial it queues, what becomes of it, why the search stops."""
    task, courses, total = simulation.task, simulation.schedule.courses, simulation.rounds.total
    lines = [(0.0, "info", text) for text in _STARTED]
    space = f"{len(task.dsps)} DSP blocks and {len(task.nets)} learn blocks"
    limit = f"target latency {task.latency_ms} ms on {task.device}, at most {total} trials"
    lines.append((0.0, "info", f"Searching {space}, {limit}"))
    opened = -1
    for course in courses:
        spec = course.spec
        if spec.round > opened:
            opened = spec.round
            count = sum(other.spec.round == opened for other in courses)
            lines.append((course.created, "info", f"Round {opened}: {count} trials proposed"))
        lines.append((course.created, "info", f"Queued trial {spec.name} ({spec.id})"))
        share = f"{spec.correct_int8 / VALIDATION_SAMPLES:.1%} validation accuracy, "
        share = share if task.kind == "classification" else ""
        for attempt in course.attempts:
            lines.append((attempt.start, "info", f"Started trial {spec.name} on {attempt.worker}"))
            ends = {
                "completed": ("info", f"Trial {spec.name} completed: {share}{spec.latency_ms:.0f} ms (int8)"),
                "failed": ("warn", f"Trial {spec.name} failed: see its log"),
                "crashed": ("warn", f"Trial {spec.name} failed, trying again"),
                "lost": ("warn", f"{attempt.worker} went away, trying trial {spec.name} again"),
            }
            lines.append((attempt.end, *ends[attempt.outcome]))
    lines += _end_of_search(simulation)
    return sorted(lines, key=lambda line: line[0])


def _end_of_search(simulation: Simulation) -> Iterator[Written]:
    schedule, task = simulation.schedule, simulation.task
    if schedule.endless:
        return
    if simulation.profile.breaks:
        yield schedule.end, "error", f"ERR: {JOB_ERROR}"
        yield schedule.end, "error", _FAILED
        return
    evaluated, total = len(schedule.courses), simulation.rounds.total
    limit = f"the target latency of {task.latency_ms} ms"
    if not evaluated:
        fastest = f"the fastest needs an estimated {fastest_ms(task):.1f} ms"
        yield schedule.end, "info", f"Estimating the cost of every combination of blocks on {task.device}"
        yield schedule.end, "warn", f"No combination is within {limit}: {fastest}"
        yield schedule.end, "error", f"Could not find a model close to {limit}"
        yield schedule.end, "info", "Job completed"
        return
    why = f"Reached the limit of {total} trials"
    if evaluated < total:
        why = f"No improvement in the last {simulation.window} trials: stopping early after {evaluated} of {total}"
    yield schedule.end, "info", why
    done = [course.spec for course in schedule.courses if course.attempts[-1].outcome == "completed"]
    near = [spec for spec in done if spec.latency_ms <= task.latency_ms]
    yield schedule.end, "info", f"{len(near)} of {len(done)} models are within {limit}"
    if not near:
        yield schedule.end, "warn", f"Could not find a model close to {limit}"
    yield schedule.end, "info", "Job completed"


def coordinator_log(simulation: Simulation) -> list[Written]:
    """Return what the coordinator writes until its end: which worker comes, goes and is lost."""
    schedule = simulation.schedule
    attempts = [attempt for course in schedule.courses for attempt in course.attempts]
    lost = {attempt.worker for attempt in attempts if attempt.outcome == "lost"}
    lines = [(0.0, "info", text) for text in (*_STARTED, f"Starting {simulation.profile.workers} workers")]
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
        ended, last = ("info", "The tuner's job has ended"), ("info", "Job completed")
        if simulation.profile.breaks:
            ended, last = ("error", "The tuner's job failed"), ("error", _FAILED)
        left = max((member.left for member in members if member.left < NEVER), default=schedule.end)
        lines += [(schedule.end, *ended), (max(schedule.end, left), *last)]
    return sorted(lines, key=lambda line: line[0])
