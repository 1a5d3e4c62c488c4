"""What Keras prints while a trial trains: two lines an epoch, or a line every few steps, which makes long logs."""

from collections.abc import Iterator

from eitui.demo.curves import TUNING_EPOCHS, curve, first_phase, number_of
from eitui.demo.families import Task
from eitui.demo.schedule import Attempt
from eitui.demo.specs import TRAINING_CYCLES, Spec

_STEPS = 50
"""Batches of an epoch."""

_LONG_STEP, _LONG = 2, 3
"""Batches from one line to the next in the long form; every third trial is trained with that."""


def training_log(spec: Spec, number: int, attempt: Attempt, task: Task, seed: int) -> Iterator[tuple[float, str]]:
    """Yield what the attempt with this `number` printed while it trained, each line with its simulated time."""
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
    return " - ".join(f"{name}: {'nan' if value is None else _text(value)}" for name, value in figures)


def _text(value: float) -> str:
    return f"{value:.4f}" if value > 1e-3 else f"{value:.4e}"
