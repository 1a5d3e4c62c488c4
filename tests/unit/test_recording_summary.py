"""What a recording says of itself in a few words."""

import json
from dataclasses import replace

import pytest
from build import completed, failed, moment, pending, run, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.standing import run_state
from eitui.domain.moment import EMPTY_MOMENT, Instant, Moment
from eitui.domain.run import Run, RunRecord
from eitui.domain.text import clean
from eitui.feed.recording.summary import Summary, decode_summary, encode_summary, summary_of
from eitui.view.run.header import header


def decoded(text: str) -> Summary:
    return decode_summary(text.encode("utf-8", "surrogatepass"))


def test_a_summary_tells_what_a_list_of_recordings_shows() -> None:
    of = run(pending("1"), running("2", 3), completed("3", 0.9), completed("4", 0.95), failed("5"))
    assert summary_of(moment(of, created=900.0), first=950.0, polls=12) == Summary(
        project_name="Keyword spotting (synthetic)",
        run_name="Run 1 (synthetic)",
        run_index=1,
        status="running",
        finished=False,
        first=950.0,
        last=1000.0,
        polls=12,
        trials=5,
        completed=2,
        failed=1,
        best_name="mfe-conv1d-4",
        best_val_accuracy=0.95,
        best_val_loss=0.3,
        precision="int8",
        source="evaluation",
        device="cortex-m4f-80mhz",
        created=900.0,
    )


def test_the_last_poll_may_be_one_that_was_not_answered() -> None:
    assert summary_of(moment(run(pending("1"))), first=950.0, polls=2, last=1234.0).last == 1234.0


def test_before_the_first_answer_there_is_nothing_to_tell() -> None:
    result = summary_of(EMPTY_MOMENT, first=5.0, polls=1, last=5.0)
    assert result == Summary(first=5.0, last=5.0, polls=1)


def test_where_there_is_no_accuracy_the_best_has_a_loss() -> None:
    result = summary_of(moment(run(completed("1", None, 0.4), completed("2", None, 0.2))), 0.0, 1)
    assert (result.best_name, result.best_val_accuracy, result.best_val_loss) == ("mfe-conv1d-2", None, 0.2)


OVER = run(completed("1"), status="completed")


def ended(job_status: str, of: Run = OVER) -> Moment:
    return replace(moment(of), record=RunRecord(77, 1, "", 900.0, job_status))


@pytest.mark.parametrize(
    ("at", "word"),
    [
        (EMPTY_MOMENT, ""),
        (moment(run(running("1"))), "running"),
        (moment(run(running("1"), status="pausing")), "pausing"),
        (moment(run(running("1"), status="")), "unknown"),
        (moment(OVER), "completed"),
        (moment(run(running("1"), job_running=False)), "completed"),
        (moment(run(completed("1"), status="completed", job_error="out of memory")), "ended with an error"),
        (moment(run(running("1"), job_error="out of memory")), "running"),
        (ended("failed"), "failed"),
        (ended("cancelled"), "cancelled"),
        (ended("success"), "completed"),
        (ended("failed", run(running("1"))), "running"),
    ],
)
def test_the_status_is_the_word_in_the_header(at: Moment, word: str) -> None:
    assert run_state(at) == word
    assert word in "".join(text for text, _ in header(at, Instant(1000.0, 1000.0), 200)[0])


words = st.text().map(clean)
numbers = st.floats(-1e11, 1e11)
wholes = st.integers(0, 2**53)
summaries = st.builds(
    Summary,
    words, words, st.none() | wholes, words, st.booleans(), st.none() | numbers, st.none() | numbers,
    wholes, wholes, wholes, wholes, words, st.none() | numbers, st.none() | numbers, words, words,
)  # fmt: skip


@given(summaries)
def test_what_is_written_down_is_read_again(summary: Summary) -> None:
    assert decoded(encode_summary(summary)) == summary


@given(summaries, st.dictionaries(st.text(), st.integers() | st.text() | st.none(), max_size=3))
def test_a_summary_of_another_version_is_read_as_far_as_it_is_known(summary: Summary, more: dict[str, object]) -> None:
    result = json.loads(encode_summary(summary))
    unknown = {f"{name} of tomorrow": value for name, value in more.items()}
    del result["best_val_loss"]
    assert decoded(json.dumps(result | unknown)) == replace(summary, best_val_loss=None)


def test_fields_of_another_kind_are_as_if_never_learnt() -> None:
    result = {"run_name": ["a"], "polls": "many", "finished": 1, "first": None, "trials": 3, "device": "nano"}
    assert decoded(json.dumps(result)) == Summary(trials=3, device="nano")


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "null", '{"polls": NaN}', "[" * 100_000])
def test_what_is_no_summary_tells_nothing(text: str) -> None:
    assert decoded(text) == Summary()


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert isinstance(decoded(text), Summary)


def test_texts_from_elsewhere_cannot_drive_the_terminal() -> None:
    hostile = json.dumps({"project_name": "\x1b]0;title\x07", "run_name": "\u202eabc"})
    assert decoded(hostile) == Summary(project_name="␛]0;title␇", run_name="\ufffdabc")
