"""What is told of a run, one line an event."""

import re
import unicodedata
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest
from build import TARGET, completed, failed, run, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.until import parse_condition
from eitui.domain.moment import EMPTY_MOMENT, Instant, Keeping, Moment, Problem, Recording
from eitui.domain.run import EMPTY_RUN, Config, RunRecord
from eitui.domain.text import clean
from eitui.feed.events import Event, Identified, PollFailed, PollSucceeded, RecordingChanged, Resumed
from eitui.feed.follow import End, FollowResult
from eitui.feed.track import fold
from eitui.view.run.log import Log

START = 1_768_469_400.0
"""15 January 2026, 09:30 UTC."""

FILE = "recordings/12-77.eitui"
FULL = Problem("The disk is full", "Make room: it is tried again.")
REFUSED = Problem("The connection was refused")


def at(seconds: float) -> Instant:
    return Instant(START + seconds, 1000 + seconds)


def told(*events: Event, log: Log | None = None) -> list[str]:
    """Return the lines for `events`, without the date."""
    log, moment, lines = log or new_log(), EMPTY_MOMENT, []
    for event in events:
        step = fold(moment, event)
        moment = step.moment
        lines += [entry.text.removeprefix("2026-01-15 ") for entry in log.tell(event, step)]
    return lines


def new_log() -> Log:
    return Log(lambda moment: FILE, UTC)


FIRST = PollSucceeded(at(0), run(completed("1", 0.8), running("2", 5)))
NEXT = PollSucceeded(at(5), run(completed("1", 0.8), completed("2", 0.9, latency_ms=150), failed("3")))
OVER = PollSucceeded(at(10), replace(NEXT.run, status="completed", job_running=False))


def test_a_run_from_beginning_to_end() -> None:
    assert told(
        RecordingChanged(at(0), Recording(Keeping.HERE)),
        FIRST,
        Identified(at(0), 12, "Doorbell (synthetic)"),
        Identified(at(1), 12, record=RunRecord(77, 1, "Run 1 (synthetic)", START - 60, "running")),
        NEXT,
        Identified(at(6), 12, record=RunRecord(77, 1, "Run 1 (synthetic)", START - 60, "running")),
        OVER,
        Identified(at(11), 12, record=RunRecord(77, 1, "Run 1 (synthetic)", START - 60, "success")),
    ) == [
        "09:30:00  · recording       Into recordings/12-77.eitui",
        "09:30:00  · run             Run 1 (synthetic), running, 1/2: 1 completed, 1 running, 0 pending, 0 failed",
        "09:30:00  · project         Doorbell (synthetic) #12",
        "09:30:01  · job             running, created 2026-01-15 09:29:00",
        "09:30:05  ✓ completed       mfe-conv1d-2: val accuracy 90.0% (int8), latency 150 ms!, RAM 64 KB, ROM 256 KB",
        "09:30:05  ✗ failed          mfe-conv1d-3",
        "09:30:05  ★ new best        mfe-conv1d-2: val acc 90.0%; over the limit of latency",
        "09:30:10  ✓ finished        2 completed, 1 failed",
        "09:30:11  · job             success, created 2026-01-15 09:29:00",
    ]


def test_an_answer_that_changed_nothing_says_nothing() -> None:
    assert told(FIRST, PollSucceeded(at(5), FIRST.run))[1:] == []


def test_a_network_without_an_accuracy_or_costs_is_told_by_its_loss() -> None:
    plain = completed("2", val_accuracy=None, val_loss=0.25, latency_ms=None, ram_bytes=None, rom_bytes=None)
    lines = told(PollSucceeded(at(0), run(running("2", 5))), PollSucceeded(at(5), run(plain)))
    assert lines[1] == "09:30:05  ✓ completed       mfe-conv1d-2: val loss 0.2500 (int8)"


def test_a_project_without_a_run_is_said_once() -> None:
    nothing = PollSucceeded(at(0), EMPTY_RUN)
    begun = PollSucceeded(at(10), run(running("1", 1)))
    lines = told(nothing, PollSucceeded(at(5), EMPTY_RUN), begun, PollSucceeded(at(15), EMPTY_RUN))
    assert [line[10:25].strip() for line in lines] == ["· waiting", "· run"]


def test_an_outage_is_told_when_it_begins_and_when_it_ends() -> None:
    lines = told(
        FIRST, PollFailed(at(5), REFUSED, 1010.0), PollFailed(at(10), REFUSED, 1020.0), replace(NEXT, at=at(20))
    )
    assert lines[1:4] == [
        "09:30:05  ✗ connection lost The connection was refused; asking again in 5s",
        "09:30:20  ✓ connection back The service answers again",
        "09:30:20  ✓ completed       mfe-conv1d-2: val accuracy 90.0% (int8), latency 150 ms!, RAM 64 KB, ROM 256 KB",
    ]


def test_every_refusal_is_told_even_to_someone_who_wants_to_hear_little() -> None:
    refused = Problem("The API key was refused", "Set EI_API_KEY.", refused=True)
    log, moment, entries = new_log(), EMPTY_MOMENT, []
    for event in (FIRST, PollFailed(at(5), refused, 1065.0), PollFailed(at(65), refused, 1185.0)):
        step = fold(moment, event)
        moment = step.moment
        entries += log.tell(event, step)
    assert [(entry.text.removeprefix("2026-01-15 "), entry.wrong) for entry in entries[1:]] == [
        ("09:30:05  ✗ connection lost The API key was refused; asking again in 1m 00s", True),
        ("09:31:05  ✗ connection lost The API key was refused; asking again in 2m 00s", True),
    ]


def test_another_run_is_introduced_and_not_compared_with_the_last() -> None:
    other = run(completed("9"), coordinator_job_id=78, config=Config("Run 2 (synthetic)", TARGET))
    assert told(FIRST, PollSucceeded(at(5), other))[1:] == [
        "09:30:05  + new run         Another run has begun: Run 2 (synthetic)",
        "09:30:05  · run             Run 2 (synthetic), running, 1/1: 1 completed, 0 running, 0 pending, 0 failed",
    ]


def test_an_earlier_recording_is_resumed_and_the_time_between_is_told() -> None:
    earlier = fold(EMPTY_MOMENT, PollSucceeded(Instant(START - 3600, 5.0), FIRST.run)).moment
    lines = told(Resumed(at(0), earlier), replace(NEXT, at=at(1)))
    assert lines[0] == (
        "09:30:00  · resumed         Recorded so far: Run 1 (synthetic), running, 1/2: 1 completed, 1 running, "
        "0 pending, 0 failed; 2026-01-15 08:30:00 to 2026-01-15 08:30:00"
    )
    assert [line[10:26].strip() for line in lines[1:]] == [
        *("! not watched", "· run", "✓ completed", "✗ failed", "★ new best")
    ]


def test_how_the_recording_stands_is_told_when_it_changes() -> None:
    here, failing = Recording(Keeping.HERE), Recording(Keeping.FAILED, FULL)
    read_only = Recording(Keeping.FAILED, Problem("The disk is read-only"))
    states = [failing, failing, read_only, here, here, Recording(Keeping.ELSEWHERE), here, Recording()]
    assert told(*(RecordingChanged(at(index), state) for index, state in enumerate(states))) == [
        "09:30:00  ✗ not recorded    The disk is full. Make room: it is tried again",
        "09:30:02  ✗ not recorded    The disk is read-only",
        "09:30:03  ✓ recorded again  What is seen is recorded again",
        "09:30:05  · recording       Another process records into recordings/12-77.eitui; when it ends, this one will",
        "09:30:06  · recording       Into recordings/12-77.eitui",
    ]


def test_the_first_line_says_what_and_how_long_and_where() -> None:
    log, until = new_log(), parse_condition("failed >= 3")
    assert log.opening(START, "project 12 on 127.0.0.1:4800", until, 5_400.0).text == (
        "2026-01-15 09:30:00  · watching        project 12 on 127.0.0.1:4800 until failed >= 3 is true, "
        "for 1h 30m at most, recording into recordings/12-77.eitui"
    )
    assert "at most" not in log.opening(START, "project 12", until, None).text


ENDED = replace(fold(EMPTY_MOMENT, OVER).moment, record=RunRecord(77, job_status="cancelled"))


@pytest.mark.parametrize(
    ("end", "moment", "words"),
    [
        (End.MET, ENDED, "✓ done            Failed >= 3 is true"),
        (
            End.UNMET,
            ENDED,
            "✗ not met         The run ended without failed >= 3 is true",
        ),
        (End.FAILED, ENDED, "✗ run failed      The run's job: cancelled"),
        (
            End.FAILED,
            replace(ENDED, run=replace(ENDED.run, job_error="out of compute")),
            "✗ run failed      The run ended with an error: out of compute",
        ),
        (
            End.UNREACHABLE,
            fold(EMPTY_MOMENT, PollFailed(at(0), Problem("The key was refused", "Make another."), None)).moment,
            "✗ refused         The key was refused. Make another",
        ),
        (
            End.TIMEOUT,
            EMPTY_MOMENT,
            "! time is up      Stopped after 1m 30s (--timeout), waiting until failed >= 3 is true",
        ),
    ],
)
def test_the_last_line_says_how_it_ended(end: End, moment: Moment, words: str) -> None:
    entry = new_log().closing(START, FollowResult(end, moment), parse_condition("failed >= 3"), 90.0)
    assert entry.text == f"2026-01-15 09:30:00  {words}; nothing was recorded"
    assert entry.wrong is (end is not End.MET)


@pytest.mark.parametrize(
    ("recording", "words", "wrong"),
    [
        (Recording(Keeping.HERE), "recorded in recordings/12-77.eitui", False),
        (Recording(Keeping.ELSEWHERE), "another process records it in recordings/12-77.eitui", False),
        (
            Recording(Keeping.FAILED, FULL),
            "nothing was recorded: The disk is full. Make room: it is tried again",
            True,
        ),
        (Recording(), "nothing was recorded", False),
    ],
)
def test_the_last_line_says_where_the_recording_is(recording: Any, words: str, wrong: bool) -> None:
    log, met = new_log(), parse_condition("finished")
    told(RecordingChanged(at(0), recording), log=log)
    done = log.closing(START, FollowResult(End.MET, log.moment), met, None)
    assert done.text == f"2026-01-15 09:30:00  ✓ done            The run has finished; {words}"
    assert done.wrong is wrong
    assert log.stopped(START, "SIGTERM").text == f"2026-01-15 09:30:00  · stopped         Ended by SIGTERM; {words}"


def test_what_was_recorded_before_it_failed_counts() -> None:
    log = new_log()
    told(
        RecordingChanged(at(0), Recording(Keeping.HERE)),
        RecordingChanged(at(1), Recording(Keeping.FAILED, FULL)),
        log=log,
    )
    result = log.stopped(START, "SIGTERM").text
    assert result.endswith("not all of it was recorded: The disk is full. Make room: it is tried again")


def test_without_an_answer_nothing_is_added_to_what_there_was() -> None:
    log = new_log()
    earlier = fold(EMPTY_MOMENT, FIRST).moment
    told(Resumed(at(5), earlier), log=log)
    words = "Ended by SIGINT; nothing was added to recordings/12-77.eitui"
    assert log.stopped(START, "SIGINT").text.endswith(words)


def test_before_word_from_the_disk_nothing_is_claimed() -> None:
    log = new_log()
    told(FIRST, log=log)
    words = "Ended by SIGINT; whether it is recorded in recordings/12-77.eitui is not known"
    assert log.stopped(START, "SIGINT").text.endswith(words)


def test_only_what_goes_wrong_with_the_recording_is_said_to_who_wants_to_hear_little() -> None:
    log, moment, loud = new_log(), EMPTY_MOMENT, []
    for event in (
        FIRST,
        PollFailed(at(5), REFUSED, 1010.0),
        RecordingChanged(at(6), Recording(Keeping.FAILED, FULL)),
        NEXT,
    ):
        step = fold(moment, event)
        moment = step.moment
        loud += [entry.text for entry in log.tell(event, step) if entry.wrong]
    assert len(loud) == 1
    assert "not recorded" in loud[0]


@given(st.text(max_size=60), st.text(max_size=60), st.floats(-1e12, 1e12))
def test_every_event_is_told_in_printable_lines_that_begin_with_the_time(name: str, words: str, wall: float) -> None:
    result = clean(words)
    now = Instant(wall, 1000.0)
    trial = replace(completed("1"), name=clean(name))
    events: list[Event] = [
        PollSucceeded(now, run(running("1", 1), config=Config(clean(name)))),
        Identified(now, 12, clean(name), RunRecord(77, 1, clean(name), wall, result)),
        PollFailed(now, Problem(result or "?", result), None),
        RecordingChanged(now, Recording(Keeping.FAILED, Problem(result or "?", result))),
        PollSucceeded(now, run(trial, status="completed", job_error=result)),
    ]
    lines = told(*events)
    assert len(lines) >= 6
    for line in lines:
        assert re.match(r"(\d{4,}-\d\d-\d\d )?\d\d:\d\d:\d\d  \S |–  \S ", line)
        assert not any(unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") for char in line)
