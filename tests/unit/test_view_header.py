"""The lines at the top, by what they say."""

from dataclasses import replace
from typing import Any

import pytest
from build import TARGET, completed, failed, moment, pending, run, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.figures import Lens
from eitui.domain.moment import EMPTY_MOMENT, Connection, Instant, Keeping, Problem, Recording
from eitui.domain.run import Config, Target
from eitui.view.kit.lines import width_of
from eitui.view.run.header import Past, header, most_lines

NOW = Instant(1002.0, 1002.0)
RUN = run(completed("1"), failed("2"), running("3", 4), pending("4"))


def header_of(of: Any, width: int = 120, now: Instant = NOW, **options: Any) -> list[str]:
    return ["".join(text for text, _ in line) for line in header(of, now, width, **options)]


def test_which_run_how_far_and_whether_it_is_live() -> None:
    first, second, *_ = header_of(moment(RUN, created=400.0))
    for word in ("eitui", "Keyword spotting (synthetic) #12345", "Run 1 (synthetic)", "bayesian", "● running", "LIVE"):
        assert word in first
    assert "2/4" in second
    assert "✓ 1 completed  ● 1 running  ○ 1 pending  ✗ 1 failed" in second


@pytest.mark.parametrize("of", [RUN, run(completed("1"), failed("2"), status="completed")])
def test_a_small_screen_has_two_lines_with_what_is_most_important(of: Any) -> None:
    assert most_lines(10) == 2
    first, second = header_of(moment(of, created=400.0), 40, most=2)
    assert "eitui" in first
    assert "✗ 1" in second
    assert "★ mfe-conv1d-1 90.0%" in second
    trouble = replace(moment(of), connection=Connection(problem=Problem("No answer")))
    assert "✗ No answer" in header_of(trouble, 40, most=2)[1]
    assert "unencrypted" in header_of(moment(of), 40, most=2, unencrypted=True)[1]


def test_a_finished_run_is_up_to_date_and_not_live() -> None:
    first = header_of(moment(run(completed("1"), status="completed"), created=400.0))[0]
    assert "up to date" in first
    assert "LIVE" not in first


def test_what_the_result_tells_is_not_told_twice() -> None:
    of = moment(run(completed("1"), completed("2"), status="completed", can_extend_search=True), created=400.0)
    alone, beside = header_of(of), header_of(of, result=True)
    assert any("★" in line for line in alone)
    assert any("extended" in line for line in alone)
    assert not any("★" in line or "extended" in line for line in beside)


@pytest.mark.parametrize("width", [30, 80])
def test_a_key_that_anyone_can_read_on_the_way_is_marked_as_long_as_it_is_so(width: int) -> None:
    trouble = replace(moment(RUN), connection=Connection(problem=Problem("No answer")))
    for of in (EMPTY_MOMENT, moment(RUN), trouble):
        assert " ! http: API key is sent unencrypted" in [
            line.rstrip() for line in header_of(of, width, unencrypted=True)[4:6]
        ]
        assert not any("http" in line for line in header_of(of, width))


def test_limits_are_named_and_their_absence_too() -> None:
    assert (
        header_of(moment(RUN))[2] == " cortex-m4f-80mhz · latency ≤ 100 ms · RAM ≤ 128 KB · ROM ≤ 512 KB · int8 metrics"
    )
    assert "no limits" in header_of(moment(replace(RUN, config=Config(target=Target("x")))))[2]
    assert "no target device" in header_of(moment(replace(RUN, config=Config())))[2]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_figures_that_are_not_the_runs_own_are_named_whatever_else_is_cut(width: int) -> None:
    line = header_of(moment(RUN), width, lens=Lens("test"))[2]
    assert line.startswith(" cortex-m4f-80mhz · latency ≤ 100 ms")
    assert line.rstrip().endswith("≠ int8 test metrics")
    assert len(line) <= width


def test_the_runs_own_figures_are_nothing_special() -> None:
    assert header_of(moment(RUN), lens=Lens())[2] == header_of(moment(RUN))[2]


def test_elapsed_and_remaining_with_the_reason() -> None:
    line = header_of(moment(RUN, created=400.0))[3]
    assert line.startswith(" elapsed 10m · 7–12 min left · 2 trials to go, one every 5m so far")
    assert "watched" not in line


def test_without_a_beginning_it_says_how_long_it_was_watched() -> None:
    of = moment(RUN)
    of = replace(of, history=replace(of.history, began=400.0))
    assert header_of(of)[3].startswith(" watched for 10m · time left unknown")


def test_a_finished_run_took_its_time_and_may_be_extended() -> None:
    over = run(replace(completed("1"), last_completed_training=1000.0), status="completed", can_extend_search=True)
    lines = header_of(moment(over, created=400.0))
    assert "✓ completed" in lines[0]
    assert lines[3] == " took 10m"
    assert any("can be extended" in line for line in lines)


def test_how_the_job_ended_wins_over_completed() -> None:
    over = moment(run(failed("1"), status="completed"), created=1.0)
    cancelled = replace(over, record=replace(over.record, job_status="cancelled"))
    assert "✗ cancelled" in header_of(cancelled)[0]
    broken = moment(run(failed("1"), status="running", job_running=False, job_error="No memory left (synthetic)"))
    assert "✗ ended with an error" in header_of(broken)[0]
    assert any("No memory left (synthetic)" in line for line in header_of(broken))


def test_the_training_limit_is_a_notice() -> None:
    over = moment(replace(RUN, total_training_time_exceeded=True))
    assert any("time limit was exceeded" in line for line in header_of(over))


def test_while_live_no_second_is_counted() -> None:
    of = moment(RUN, created=400.0)
    assert header_of(of, now=Instant(1001.0, 1001.0)) == header_of(of, now=Instant(1008.0, 1008.0))


@pytest.mark.parametrize(("age", "word"), [(5, "LIVE"), (15, "LATE 15s"), (75, "STALE 1m 15s")])
def test_an_old_picture_says_its_age(age: int, word: str) -> None:
    assert word in header_of(moment(RUN), now=Instant(1000.0 + age, 1000.0 + age))[0]


def test_an_outage_says_what_happened_what_is_kept_and_what_to_press(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Connection(Instant(1000.0, 1000.0), Problem("The connection was refused"), retry_at=1010.0)
    notice = " ".join(" ".join(header_of(replace(moment(RUN), connection=broken))[5:]).split())
    assert notice.startswith("✗ The connection was refused. Data shown is from ")
    assert "Asking again in 8s; r asks now." in notice


def test_before_the_first_answer_it_says_when_it_asks_again() -> None:
    broken = Connection(None, Problem("The connection was refused"), retry_at=1010.0)
    assert header_of(replace(EMPTY_MOMENT, connection=broken))[4:] == [
        " ✗ The connection was refused. Asking again in 8s; r asks now."
    ]


def test_a_refusal_stops_and_advises() -> None:
    broken = Connection(None, Problem("The API key was refused", "Set EI_API_KEY.", final=True))
    lines = header_of(replace(EMPTY_MOMENT, connection=broken))
    assert "STOPPED" in lines[0]
    assert "✗ The API key was refused. Set EI_API_KEY. r asks again." in lines[4]


def test_paused_is_said() -> None:
    assert "paused" in header_of(moment(RUN), paused=True)[0]


@given(st.integers(1, 250), st.text(max_size=300), st.integers(0, 3000), st.booleans())
def test_no_line_is_wider_than_the_screen(width: int, name: str, count: int, wrong: bool) -> None:
    of = moment(replace(RUN, config=Config(name, TARGET, max_trials=count), job_error=name))
    if wrong:
        of = replace(of, connection=Connection(None, Problem(name or "x", name)))
    lines = header(replace(of, project_name=name), NOW, width)
    assert all(width_of(line) <= max(width, 4) for line in lines)
    assert len(lines) >= 4


# The past


THEN = Instant(1_768_469_400.0, 1000.0)


def of_then(**more: Any) -> Any:
    return replace(moment(RUN, at=THEN.wall), connection=Connection(THEN, **more))


def in_the_past(past: Past, ago: float, width: int = 120, **more: Any) -> list[str]:
    today = Instant(THEN.wall + ago, THEN.mono + ago)
    lines = header(of_then(**more), THEN, width, past=past, today=today)
    return ["".join(text for text, _ in line) for line in lines]


def test_the_past_is_named_with_its_time_and_how_long_ago_it_was() -> None:
    edge = replace(of_then(), connection=Connection(Instant(THEN.wall + 8000, THEN.mono + 8000)))
    first, _, _, fourth, _ = in_the_past(Past(at=THEN.wall, speed=60, edge=edge), 8040.0)
    assert first.endswith("00 (2h 14m ago) ❚❚ 60× ")
    assert "PAST " in first
    assert "LIVE" not in first
    assert fourth.endswith("live: LATE 40s ")


@pytest.mark.parametrize(("count", "words"), [(0, "live: "), (1, "1 new alert, live: "), (3, "3 new alerts, live")])
def test_alerts_at_the_live_edge_are_counted(count: int, words: str) -> None:
    assert words in in_the_past(Past(at=THEN.wall, new_alerts=count), 60.0)[3]


def test_a_replay_has_no_live_edge_and_no_ago() -> None:
    lines = in_the_past(Past(live=False, at=THEN.wall, playing=True, speed=300), 400 * 86400.0)
    assert "REPLAY 15 Jan 2026 " in lines[0]
    assert lines[0].endswith("▶ 300× ")
    assert not any(word in line for line in lines for word in ("live: ", "ago", "LIVE"))
    assert in_the_past(Past(live=False), 0.0)[0].endswith(" REPLAY ")


def test_a_problem_of_then_offers_nothing_to_press() -> None:
    lines = in_the_past(Past(at=THEN.wall), 60.0, problem=Problem("The connection was refused"), retry_at=1005.0)
    assert any("The connection was refused. Data shown is from" in line for line in lines)
    assert not any("sking again" in line or "asks" in line for line in lines)


def test_what_is_lost_of_a_recording_is_a_notice() -> None:
    lines = in_the_past(Past(at=THEN.wall, lost=tuple(f"{n} polls are lost" for n in range(1, 6))), 60.0)[5:]
    assert [line.strip() for line in lines] == [
        *(f"! {n} polls are lost" for n in (1, 2, 3)),
        "! and 2 more like it",
    ]


def test_how_it_stands_with_the_recording() -> None:
    for keeping, words in ((Keeping.HERE, "◉ rec  LIVE"), (Keeping.ELSEWHERE, "◎ rec elsewhere  LIVE")):
        assert words in header_of(replace(moment(RUN), recording=Recording(keeping)))[0]
    assert "rec" not in header_of(moment(RUN))[0].replace("running", "")


def test_a_recording_that_fails_says_why_and_what_is_safe() -> None:
    broken = Recording(Keeping.FAILED, Problem("The disk is full", "Make room."))
    first, *_, last = header_of(replace(moment(RUN), recording=broken), width=200)
    assert "✗ not recorded" in first
    assert last == (" ✗ Not recorded: The disk is full. Make room. Earlier recordings are safe; watching continues.")
    assert "✗ Not recorded. Earlier" in header_of(replace(moment(RUN), recording=Recording(Keeping.FAILED)))[5]


@given(st.integers(1, 250), st.floats(-1e12, 1e12), st.integers(0, 10**6), st.booleans())
def test_no_line_of_the_past_is_wider_than_the_screen(width: int, at: float, count: int, live: bool) -> None:
    lines = header(of_then(), THEN, width, past=Past(live, at, True, 3600, EMPTY_MOMENT, count, ("x" * 300,)))
    assert all(width_of(line) <= max(width, 4) for line in lines)
