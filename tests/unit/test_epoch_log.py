"""Epochs from a trial's log: what Keras prints is read, and polls and log make one curve."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from build import completed, failed, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.epoch_log import epochs_of
from eitui.analysis.update_history import extend, fill
from eitui.domain.curve import EMPTY_CURVE, Curve, Epoch, LogPart, steps_of, with_part
from eitui.domain.log import LogLine
from eitui.feed.backfill import lacks_epochs

SHORT = "50/50 - 1s - loss: 0.3337 - accuracy: 0.8746 - val_loss: 0.3040 - val_accuracy: 0.8947"


def read(*texts: str) -> list[Epoch]:
    return list(epochs_of([LogLine(None, "info", text) for text in texts]))


def epoch(number: int, *figures: float | None) -> Epoch:
    loss, val_loss, accuracy, val_accuracy = [*figures, None, None, None][:4]
    return Epoch(number, loss, val_loss, accuracy, val_accuracy, None)


@pytest.mark.parametrize(
    ("line", "figures"),
    [
        (SHORT, (0.3337, 0.304, 0.8746, 0.8947)),
        ("50/50 - 1s - 20ms/step - loss: 0.3337 - val_loss: 0.3040", (0.3337, 0.304)),
        (
            "50/50 [====] - 1s 20ms/step - loss: 0.3337 - acc: 0.8746 - val_loss: 0.3040 - val_acc: 0.8947",
            (0.3337, 0.304, 0.8746, 0.8947),
        ),
        (
            "50/50 ━━━━━━━━━━ 1s 20ms/step - accuracy: 0.8746 - loss: 0.3337 - val_accuracy: 0.8947 - val_loss: 0.3040",
            (0.3337, 0.304, 0.8746, 0.8947),
        ),
        ("50/50 - 1s - loss: 0.3337 - accuracy: 0.8746 - lr: 5.0000e-04", (0.3337, None, 0.8746)),
        ("50/50 - 1s - loss: nan - accuracy: 0.2500 - val_loss: nan - val_accuracy: 0.2500", (None, None, 0.25, 0.25)),
        ("50/50 - 1s - loss: inf - val_loss: 3.0372e+04", (None, 30372.0)),
        ("50/50 - 1s - loss: 9.8000e-05 - val_loss: 1.0000e-04", (9.8e-05, 1e-4)),
        ("50/50 - 1s - loss: 0.3337 - accuracy: 0.8746 - val_loss: 0.30", (0.3337, None, 0.8746)),
        ("50/50 - 1s - loss: 0.3337 - accuracy: 0.8746 - val_lo", (0.3337, None, 0.8746)),
        ("[INF] 50/50 - 1s - loss: 0.3337", (0.3337,)),
    ],
)
def test_both_forms_of_keras_are_read(line: str, figures: Sequence[float | None]) -> None:
    assert read("Epoch 7/100", line) == [epoch(7, *figures)]


def test_a_header_alone_is_no_epoch() -> None:
    assert read("Epoch 1/2", SHORT, "Epoch 2/2") == [epoch(1, 0.3337, 0.304, 0.8746, 0.8947)]


def test_steps_on_the_way_give_way_to_the_end_of_the_epoch() -> None:
    way = "25/50 [======>.......] - ETA: 1s - loss: 0.9000 - accuracy: 0.1000"
    end = "50/50 [==============] - 1s 20ms/step - loss: 0.5000 - accuracy: 0.6000"
    assert read("Epoch 1/9", way, end) == [epoch(1, 0.5, None, 0.6)]
    assert read("Epoch 1/9", way, end, end + " - val_loss: 0.7000 - val_accuracy: 0.8000") == [
        epoch(1, 0.5, 0.7, 0.6, 0.8)
    ]


def test_an_evaluation_after_the_last_epoch_is_not_that_epoch() -> None:
    after = ["Initial training done.", "8/8 - 0s - loss: 9.0000 - accuracy: 0.1000", "Job completed"]
    assert read("Epoch 1/1", SHORT, *after)[0].loss == 0.3337


def test_a_log_that_begins_in_the_middle_of_an_epoch() -> None:
    assert [one.epoch for one in read(SHORT, "Epoch 41/50", SHORT, "Epoch 42/50", SHORT)] == [41, 42]


def test_two_phases_are_read_one_after_the_other() -> None:
    phase = [text for number in (1, 2) for text in (f"Epoch {number}/2", SHORT.replace("0.3337", f"0.{number}000"))]
    tune = [text.replace("loss: 0.", "loss: 0.0") for text in phase]
    found = read(*phase, "", "Initial training done.", "", "Fine-tuning best model for 2 epochs...", *tune)
    assert [(one.epoch, one.loss) for one in found] == [(1, 0.1), (2, 0.2), (1, 0.01), (2, 0.02)]


@pytest.mark.parametrize("line", ["Attempt 2 on worker-1", "Scheduling job in cluster...", "Job started"])
def test_only_the_last_attempt_is_read(line: str) -> None:
    first = ["Epoch 1/9", SHORT.replace("0.3337", "0.9999"), "Epoch 2/9", SHORT]
    assert [one.loss for one in read(*first, line, "Epoch 1/9", SHORT)] == [0.3337]


def test_a_job_without_epochs_after_the_training_takes_nothing_away() -> None:
    assert len(read("Epoch 1/9", SHORT, "Job started", "Profiling float32 model...")) == 1


def test_a_line_that_is_told_twice_is_one_epoch() -> None:
    assert len(read("Epoch 1/9", SHORT, "Epoch 1/9", SHORT, "Epoch 2/9", SHORT)) == 2


@given(
    st.lists(st.text(max_size=60) | st.sampled_from(["Epoch 1/2", "Epoch 0/0", SHORT, "loss: 1e999 - loss: - loss"]))
)
def test_no_line_is_too_odd(texts: list[str]) -> None:
    for one in read(*texts):
        assert one.epoch > 0
        assert all(value is None or math.isfinite(value) for value in (one.loss, one.val_loss, one.accuracy))


# Polls and log make one curve


@dataclass(frozen=True)
class Training:
    """What was trained: every epoch of each phase, with a loss that no other has."""

    numbers: tuple[int, ...]

    def loss(self, index: int) -> float:
        return 1 + 0.5 * index

    def lines(self, first: int, last: int) -> list[LogLine]:
        return [
            LogLine(float(index), "info", text)
            for index in range(first, last + 1)
            for text in (f"Epoch {self.numbers[index]}/99", f"9/9 - 1s - loss: {self.loss(index):.4f}")
        ]


@st.composite
def trainings(draw: st.DrawFn) -> Training:
    lengths = draw(st.lists(st.integers(1, 12), min_size=1, max_size=3))
    return Training(tuple(number for length in lengths for number in range(1, length + 1)))


@given(st.data())
def test_any_mixture_of_polls_and_log_lines_gives_every_epoch_once_in_order_and_nothing_else(
    data: st.DataObject,
) -> None:
    training = data.draw(trainings())
    curve, told, trained = EMPTY_CURVE, set[int](), 0
    for step in range(data.draw(st.integers(1, 8))):
        trained = data.draw(st.integers(trained, len(training.numbers) - 1), label="epochs trained by now")
        # Now and then a copy of the service answers that is a little behind.
        polled = data.draw(st.sampled_from([trained, trained, max(0, trained - 1)]), label="poll tells")
        trial = running("1", training.numbers[polled], loss=training.loss(polled))
        curve = extend(curve, replace(trial, last_completed_epoch=float(polled)), float(step))
        told.add(polled)
        if data.draw(st.booleans(), label="log is read"):
            begin = data.draw(st.integers(0, trained), label="log begins at")
            cut = data.draw(st.booleans(), label="log begins in the middle of an epoch")
            told.update(range(begin + cut, trained + 1))
            logged = epochs_of(training.lines(begin, trained)[cut:])
            curve = fill(curve, LogPart(logged, begin + cut == 0, trained == len(training.numbers) - 1), 0)
    found = [(one.epoch, one.loss) for one in curve.epochs]
    assert found == [(training.numbers[index], training.loss(index)) for index in sorted(told)]
    steps = steps_of(curve.epochs)
    assert steps == sorted(set(steps))
    assert all(fill(curve, part, 0).epochs == curve.epochs for part in curve.logged[-1:])


def at(*numbers: int, loss: float = 1.0) -> tuple[Epoch, ...]:
    return tuple(Epoch(number, loss / number, seen_at=5.0) for number in numbers)


def logged(*numbers: int, loss: float = 1.0) -> tuple[Epoch, ...]:
    return tuple(replace(one, seen_at=None) for one in at(*numbers, loss=loss))


def test_what_a_poll_told_is_not_taken_from_the_log() -> None:
    both = with_part((Epoch(2, 0.50004, seen_at=5.0),), LogPart((*logged(1), Epoch(2, 0.5, seen_at=None))))
    assert [(one.loss, one.seen_at) for one in both] == [(1.0, None), (0.50004, 5.0)]


def test_a_phase_that_polls_took_for_the_first_is_placed_by_its_figures() -> None:
    log = (*logged(*range(1, 21)), *logged(*range(1, 6), loss=0.1))
    assert [one.seen_at for one in with_part(at(3, 4, loss=0.1), LogPart(log))][20:] == [None, None, 5.0, 5.0, None]


def test_where_log_and_polls_measure_differently_the_number_counts() -> None:
    both = with_part(at(1, 3, 5, loss=1.0), LogPart(logged(1, 2, 3, 4, 5, loss=7.0)))
    assert [one.epoch for one in both] == [1, 2, 3, 4, 5]


def test_the_only_poll_of_a_trial_that_is_over_is_within_its_log_whatever_it_measured() -> None:
    whole = LogPart(logged(*range(1, 51)), from_start=True, to_end=True)
    assert [one.epoch for one in with_part(at(50, loss=9.0), whole)] == list(range(1, 51))


def test_the_log_of_an_attempt_that_is_no_more_changes_nothing() -> None:
    curve = Curve(at(1, 2), retries=1)
    assert fill(curve, LogPart(logged(1, 2, 3), to_end=True), 0) is curve


def test_the_log_of_a_later_attempt_begins_it() -> None:
    curve = fill(Curve(at(1, 2, 3)), LogPart(logged(1, 2, loss=4.0)), 1)
    assert (len(curve.earlier[0]), [one.loss for one in curve.epochs]) == (3, [4.0, 2.0])


def test_a_trial_that_waits_to_be_tried_again_still_has_its_old_log() -> None:
    curve = fill(Curve(at(2, 3)), LogPart(logged(1, 2, 3)), 1)
    assert (curve.earlier, len(curve.epochs)) == ((), 3)
    again = extend(curve, replace(running("1", 1, loss=9.0), retries=1), 9.0)
    assert (len(again.earlier[0]), [one.loss for one in again.epochs]) == (3, [9.0])


@pytest.mark.parametrize(
    ("trial", "curve", "lacks"),
    [
        (completed("1"), EMPTY_CURVE, True),
        (failed("1"), EMPTY_CURVE, False),
        (running("1", 3), EMPTY_CURVE, True),
        (running("1", 3), Curve(at(1, 2, 3)), False),
        (running("1", 3), Curve(at(1, 3)), True),
        (running("1", 3), Curve(at(2, 3)), True),
        (running("1", 3), Curve(at(3)), True),
        (running("1", 9), Curve(at(1, 2)), True),
        (running("1", 2), Curve((*at(1, 2, 3), *at(1, 2))), False),
        (running("1", 3), Curve(at(1, 3), log_ended=True), False),
    ],
)
def test_a_log_is_read_only_where_epochs_are_missing(trial: object, curve: Curve, lacks: bool) -> None:
    assert lacks_epochs(trial, curve) is lacks  # type: ignore[arg-type]


def test_fine_tuning_that_only_the_log_tells_of_is_a_phase_of_its_own() -> None:
    polled = tuple(Epoch(number, 1.0 / number, seen_at=5.0) for number in range(1, 21))
    tuning = tuple(Epoch(number, 0.005, seen_at=None) for number in range(1, 11))
    found = with_part(polled, LogPart(tuning, to_end=True))
    assert [one.epoch for one in found] == [*range(1, 21), *range(1, 11)]
    assert found[-1].loss == 0.005
