"""The demo opens on a run whose past is recorded, as if it had been watched."""

import json
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from eitui.cli.demo import NO_FILE
from eitui.cli.demo_past import MOST_PAST_POLLS, record_past
from eitui.config import Settings, load
from eitui.demo.options import Options
from eitui.demo.service import PROJECT_ID, Service
from eitui.domain.curve import EMPTY_CURVE
from eitui.domain.moment import EMPTY_MOMENT, AlertKind, Instant, Moment
from eitui.domain.trial import FAILED, RUNNING
from eitui.feed.recording.catalogue import files
from eitui.feed.recording.reader import RecordingReader

KEY = "ei_demo_0123456789"
OPENED = 1_770_000_000.0
NOW = Instant(OPENED + 0.5, 700.0)
UNDER_WAY = ("default", "failures", "stall", "hostile", "regression", "detection")


def settings(**more: Any) -> Settings:
    environ = {"EI_API_ENDPOINT": "http://127.0.0.1:5/v1", "EI_API_KEY": KEY, "EI_PROJECT_ID": str(PROJECT_ID)}
    return load({"interval_s": 1.0} | more, environ, NO_FILE)


def past(directory: Path, options: Options, chosen: Settings | None = None) -> Moment:
    """Return what the recorded past comes to; the empty moment where there is none."""
    record_past(options, chosen or settings(), directory, NOW)
    found = files(directory)
    if not found:
        return EMPTY_MOMENT
    with closing(RecordingReader.open(found[0])) as run:
        assert not run.lost
        assert 2 <= len(run.times) <= MOST_PAST_POLLS + 1
        return run.last_moment()


@pytest.mark.parametrize("scenario", UNDER_WAY)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_there_is_something_to_see_at_once(tmp_path: Path, scenario: str, seed: int) -> None:
    of = past(tmp_path, Options(scenario, seed=seed, opened=OPENED))
    length = {trial.id: of.history.curves.get(trial.id, EMPTY_CURVE).length for trial in of.run.trials}
    assert sum(length[trial.id] > 20 for trial in of.run.completed) >= 2
    growing = max(length[trial.id] for trial in of.run.trials if trial.status == RUNNING)
    assert 10 <= growing <= 50 - 15
    assert any(trial.status == FAILED for trial in of.run.trials)
    assert {AlertKind.FAILED, AlertKind.NEW_BEST} <= {alert.kind for alert in of.alerts}
    assert not of.history.gaps


def test_what_is_recorded_is_what_the_demos_own_service_says(tmp_path: Path) -> None:
    options = Options(opened=OPENED)
    of = past(tmp_path, options)
    last = of.connection.last_good
    told = json.loads(
        Service(options, KEY, lambda: last.wall).answer("GET", f"/v1/api/{PROJECT_ID}/optimize/state", KEY).body
    )
    assert told["tunerCoordinatorJobId"] == of.run.coordinator_job_id
    assert [trial["id"] for trial in told["trials"]] == [trial.id for trial in of.run.trials]
    assert [trial["status"] for trial in told["trials"]] == [trial.status for trial in of.run.trials]
    assert 0 <= NOW.wall - last.wall == pytest.approx(NOW.mono - last.mono)
    assert last.wall <= OPENED < last.wall + 2.5
    assert of.connection.service_clock == pytest.approx(last.wall, abs=1)


@pytest.mark.parametrize("scenario", ["finished", "empty", "huge"])
def test_a_run_that_is_not_under_way_has_no_past(tmp_path: Path, scenario: str) -> None:
    assert past(tmp_path, Options(scenario, trials=20, opened=OPENED)) is EMPTY_MOMENT


def test_without_a_recording_there_is_none(tmp_path: Path) -> None:
    assert past(tmp_path, Options(opened=OPENED), settings(record=False)) is EMPTY_MOMENT
    assert past(tmp_path, Options()) is EMPTY_MOMENT


def test_a_past_that_cannot_be_written_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "127.0.0.1_5").write_text("in the way")
    record_past(Options(opened=OPENED), settings(), tmp_path, NOW)
    assert files(tmp_path) == ()


@pytest.mark.parametrize("speed", [0.01, 1.0, 300.0, 20_000.0, 1e6])
@pytest.mark.parametrize("trials", [1, 5, None])
def test_any_speed_takes_a_bounded_number_of_polls(tmp_path: Path, speed: float, trials: int | None) -> None:
    began = time.process_time()
    record_past(Options(speed=speed, trials=trials, opened=OPENED), settings(), tmp_path, NOW)
    assert time.process_time() - began < 10
    with closing(RecordingReader.open(files(tmp_path)[0])) as run:
        assert 1 <= len(run.times) <= MOST_PAST_POLLS + 1


@pytest.mark.parametrize("opened", [float("nan"), float("inf"), 1e12])
def test_a_time_that_is_none_is_refused(opened: float) -> None:
    with pytest.raises(ValueError, match="opened"):
        Options(opened=opened)
