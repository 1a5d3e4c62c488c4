"""Why trials failed, as lines. All trials and logs are synthetic."""

from dataclasses import replace
from datetime import UTC

import pytest
from build import completed, failed, pending, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.failure import Cause, CauseKind, cause_of
from eitui.analysis.failure_groups import FailureCondition, FailureGroup, Shared
from eitui.domain.log import LogLine, TrialLog
from eitui.domain.trial import Block, Trial
from eitui.view.kit.lines import TONES, Line, width_of
from eitui.view.run.failures import Failed, cause_lines, condition_text, failure_rows, why_failed

BLOCKS = [Block(1, "dsp", "completed"), Block(2, "learn", "failed", 2)]
OOM = "ResourceExhaustedError: OOM when allocating tensor with shape[32,128,49,40] and type float on CPU:0"


def text(lines: list[Line]) -> list[str]:
    return ["".join(span for span, _ in line).rstrip() for line in lines]


def log(*texts: str, left_out: int = 0) -> TrialLog:
    return TrialLog(tuple(LogLine(1759996800.0 + n, "info", result) for n, result in enumerate(texts)), left_out)


def shown(of: TrialLog | None, height: int = 20, width: int = 80, problem: str = "") -> list[Line]:
    cause = cause_of(of.lines if of else (), BLOCKS)
    return why_failed(failed("e7a"), cause, of, width, height, problem=problem, tz=UTC)


def test_where_why_and_the_end_of_the_log() -> None:
    lines = shown(log("Attempt 1 on worker-synthetic", "Training for 50 epochs", OOM, "Application exited with code 1"))
    assert text(lines) == [
        "Failed in the learn block, after 2 retries.",
        "Likely cause: out of memory",
        "  ResourceExhaustedError: OOM when allocating tensor with shape[32,128,49,40]",
        "  and type float on CPU:0",
        "Raise the job memory in the project's dashboard.",
        "",
        "Log",
        "  08:00:00  Attempt 1 on worker-synthetic",
        "  08:00:01  Training for 50 epochs",
        "▶ 08:00:02  ResourceExhaustedError: OOM when allocating tensor with shape[32,12…",
        "  08:00:03  Application exited with code 1",
    ]
    assert [span for line in lines for span, tone in line if tone == "bad" and span.strip()] == [
        "out of memory",
        "▶ ",
        "ResourceExhaustedError: OOM when allocating tensor with shape[32,12…",
    ]


def test_a_long_log_is_its_end_with_the_telling_line_before_it() -> None:
    many = log("Beginning", "MemoryError", *(f"line {n}" for n in range(2, 40)), left_out=1000)
    lines = text(shown(many, height=13))
    assert lines[5:] == [
        "Log, 1,001 earlier lines not shown",
        "▶ 08:00:01  MemoryError",
        "  … 33 more",
        *[f"  08:00:{n}  line {n}" for n in range(35, 40)],
    ]
    assert len(lines) == 13


def test_a_telling_line_in_the_tail_stands_in_its_place() -> None:
    many = log(*(f"line {n}" for n in range(30)), "MemoryError", "Bye")
    lines = text(shown(many, height=10))
    assert lines[5:] == [
        "Log, 28 earlier lines not shown",
        "  08:00:28  line 28",
        "  08:00:29  line 29",
        "▶ 08:00:30  MemoryError",
        "  08:00:31  Bye",
    ]


@pytest.mark.parametrize("telling", range(12))
@pytest.mark.parametrize("height", [0, 8, 9, 10, 11, 12, 30])
def test_the_telling_line_is_marked_once_and_no_line_is_shown_twice(telling: int, height: int) -> None:
    texts = [f"line {n}" for n in range(12)]
    texts[telling] = "MemoryError"
    lines = text(shown(log(*texts), height=height))
    tail = [line[12:] for line in lines if ":" in line[:6]]
    assert [line for line in lines if line.startswith("▶")] == [f"▶ 08:00:{telling:02}  MemoryError"]
    assert tail == sorted(set(tail), key=texts.index)
    assert tail[-1] == texts[-1]
    more = next((int(line.split()[1]) for line in lines if line.endswith("more")), 0)
    earlier = next((int(line.split()[1]) for line in lines if line.startswith("Log, ")), 0)
    assert len(tail) + earlier + more == 12


def test_an_unknown_cause_says_so_and_shows_the_most_telling_line() -> None:
    for trailers in ((), ("Application exited with code 1", "", "Job failed (see above)")):
        assert text(shown(log("Epoch 1/2", "The scaler gave up", *trailers)))[1:3] == [
            "Cause: not recognised. The most telling line:",
            "  The scaler gave up",
        ]
    assert text(shown(log("Epoch 1/2", "Job failed")))[1:4] == ["Cause: not recognised in the log.", "", "Log"]


def test_what_to_do_stands_below_the_line_that_told_the_cause() -> None:
    shown_lines = text(shown(log("Application exited with code 137 (OOMKilled)"), width=120))
    assert shown_lines[1:4] == [
        "Likely cause: out of memory",
        "  Application exited with code 137 (OOMKilled)",
        "Raise the job memory in the project's dashboard.",
    ]


@pytest.mark.parametrize(
    ("of", "problem", "result"),
    [
        (None, "", "Loading the log…"),
        (None, "The service refused (500)", "The log could not be read: The service refused (500)"),
        (TrialLog(), "", "The log is empty: the trial failed before writing anything, or the service deleted the log."),
        (TrialLog((), 1200), "", "The log has 1,200 entries, but the service sent none."),
    ],
)
def test_without_a_log_it_says_why(of: TrialLog | None, problem: str, result: str) -> None:
    assert text(shown(of, width=100, problem=problem)) == ["Failed in the learn block, after 2 retries.", "", result]


@pytest.mark.parametrize(
    ("block", "retries", "result"),
    [
        ("dsp", 0, "Failed in the DSP block, not retried."),
        ("", 1, "Failed; no block is marked as failed, after 1 retry."),
        ("post", 3, "Failed in the post block, after 3 retries."),
    ],
)
def test_where(block: str, retries: int, result: str) -> None:
    cause = Cause(block=block, retries=retries)
    assert text(why_failed(failed("1"), cause, TrialLog(), 80, 10))[0] == result


@pytest.mark.parametrize(
    ("trial", "result"),
    [
        (completed("1"), "mfe-conv1d-1 has not failed: it completed."),
        (running("1"), "mfe-conv1d-1 has not failed: it is running."),
        (pending("1"), "mfe-conv1d-1 has not failed: it waits for a worker."),
        (Trial("1", "x", "asleep"), "x has not failed: it is asleep."),
        (Trial("1", "x", ""), "x has not failed: it is in no known state."),
    ],
)
def test_a_trial_that_has_not_failed_says_so(trial: Trial, result: str) -> None:
    assert text(why_failed(trial, Cause(), None, 80, 10)) == [result]


def test_times_that_cannot_be_shown_are_left_out() -> None:
    lines = (LogLine(None, "", "one"), LogLine(1e300, "", "two"))
    assert text(why_failed(failed("1"), Cause(), TrialLog(lines), 80, 20))[-2:] == [
        "            one",
        "            two",
    ]


FILTERS, NET = FailureCondition("mfe.num_filters", "≥", 80.0), FailureCondition("learn.title", "=", "transfer")
GROUP = FailureGroup(
    CauseKind.OUT_OF_MEMORY,
    ("1", "2", "3"),
    21,
    (
        Shared((FILTERS, NET), 3, 3, 0, 21, 0.0005),
        Shared((FILTERS,), 3, 3, 2, 21, 0.001, (FailureCondition("dsp.type", "=", "mfe"),)),
    ),
    "learn",
    "OOM when allocating",
)
OOM_LINE = LogLine(None, "error", "OOM when allocating")
NAMES = {"1": "mfe-conv1d-934", "2": "mfe-transfer-1f6", "3": "raw-dense-639"}


OUT_OF_MEMORY = Cause(CauseKind.OUT_OF_MEMORY, 3, OOM_LINE, "learn", 1)


def failures(*ids: str, cause: Cause = OUT_OF_MEMORY) -> dict[str, Failed]:
    return {key: Failed(Trial(key, NAMES.get(key, key), "failed"), cause) for key in ids}


def rows(groups: list[FailureGroup], of: dict[str, Failed], width: int) -> list[str]:
    return text([row.line for row in failure_rows(groups, of, width)])


def test_groups_with_what_they_share_and_their_trials() -> None:
    assert rows([GROUP], failures("1", "2", "3"), 100) == [
        "out of memory · 3 trials · in the learn block",
        " • mfe.num_filters ≥ 80 and learn.title = transfer",
        "   in 3 of 3 of these failures, 0 of 21 other trials",
        " • mfe.num_filters ≥ 80",
        "   in 3 of 3 of these failures, 2 of 21 other trials (always together with dsp.type = mfe)",
        "  ✗ mfe-conv1d-934    learn block, 1 retry  OOM when allocating",
        "  ✗ mfe-transfer-1f6  learn block, 1 retry  OOM when allocating",
        "  ✗ raw-dense-639     learn block, 1 retry  OOM when allocating",
    ]


def test_groups_on_a_narrow_screen() -> None:
    assert rows([GROUP], failures("1"), 60) == [
        "out of memory · 3 trials · in the learn block",
        " • mfe.num_filters ≥ 80 and learn.title = transfer",
        "   in 3 of 3 of these failures, 0 of 21 other trials",
        " • mfe.num_filters ≥ 80",
        "   in 3 of 3 of these failures, 2 of 21 other trials (always",
        "   together with dsp.type = mfe)",
        "  ✗ mfe-conv1d-934  learn block, 1 retry  OOM when allocati…",
    ]


@pytest.mark.parametrize(
    ("group", "why"),
    [
        (FailureGroup(CauseKind.DATA, ("1",), 20), "One failure alone shows no pattern."),
        (
            FailureGroup(CauseKind.DATA, ("1", "2"), 0),
            "No other trials to compare with yet.",
        ),
        (FailureGroup(CauseKind.DATA, ("1", "2"), 9), "No parameter stands out among the failures."),
    ],
)
def test_a_group_that_shares_nothing_says_why(group: FailureGroup, why: str) -> None:
    assert rows([group], failures("1", "2"), 80)[1] == f"  {why}"


def test_trials_whose_log_was_not_read_stand_below_the_groups() -> None:
    found = failure_rows([GROUP], failures("1") | failures("9", "8", cause=Cause(block="dsp")), 80)
    assert text([row.line for row in found])[-4:] == [
        "",
        "cause not known · 2 trials",
        "  ✗ 9     DSP block",
        "  ✗ 8     DSP block",
    ]
    assert [row.trial_id for row in found if row.trial_id] == ["1", "9", "8"]


def test_a_log_that_was_read_and_tells_nothing_is_said() -> None:
    silent = replace(GROUP, kind=CauseKind.UNKNOWN, trial_ids=("1",))
    line = next(line for line in rows([silent], failures("1", cause=Cause(block="dsp")), 80) if "✗" in line)
    assert line.endswith("DSP block  the log has no line that tells why")


def test_no_failures_are_no_lines() -> None:
    assert rows([], {}, 80) == []


def test_a_cause_in_short() -> None:
    cause = Cause(CauseKind.OUT_OF_MEMORY, 0, OOM_LINE, "learn", 2)
    assert text(cause_lines(failed("1"), cause, log("OOM when allocating"), 80)) == [
        "✗ Failed in the learn block, after 2 retries.",
        "Likely cause: out of memory",
        "  OOM when allocating",
    ]
    assert text(cause_lines(failed("1"), Cause(), None, 80))[1:] == ["Loading the log…"]
    assert cause_lines(completed("1"), cause, None, 80) == []


def test_conditions_as_text() -> None:
    assert condition_text(FailureCondition("training.learning_rate", "≤", 0.0005)) == "training.learning_rate ≤ 0.0005"
    assert condition_text(FailureCondition("dsp.type", "=", "mfe")) == "dsp.type = mfe"


LOG_LINES = st.lists(
    st.builds(LogLine, st.none() | st.floats(), st.text(max_size=6), st.text(max_size=120)), max_size=12
)


@given(LOG_LINES, st.integers(0, 10**6), st.integers(60, 200), st.integers(0, 40))
def test_any_log_can_be_shown(lines: list[LogLine], left_out: int, width: int, height: int) -> None:
    shown = why_failed(failed("1"), cause_of(lines), TrialLog(tuple(lines), left_out), width, height)
    assert max(map(width_of, shown)) <= width
    assert {tone for line in shown for _, tone in line} <= {*TONES, ""}


TEXTS = st.text(max_size=90)
CONDITIONS = st.builds(FailureCondition, TEXTS, st.just("="), TEXTS | st.floats())
SHARED = st.builds(Shared, st.tuples(CONDITIONS), st.just(3), st.just(3), st.just(0), st.just(9), st.just(0.01))
GROUPS = st.builds(
    FailureGroup,
    st.sampled_from(CauseKind),
    st.lists(TEXTS, min_size=1).map(tuple),
    st.integers(0, 9),
    st.lists(SHARED, max_size=3).map(tuple),
    TEXTS,
    TEXTS,
)


@given(st.lists(GROUPS, max_size=3), st.integers(60, 200))
def test_any_groups_can_be_shown(groups: list[FailureGroup], width: int) -> None:
    of = failures(*(key for group in groups for key in group.trial_ids), "one more")
    lines = [row.line for row in failure_rows(groups, of, width)]
    assert max(map(width_of, lines)) <= width
    assert {tone for line in lines for _, tone in line} <= {*TONES, ""}
