"""Recordings that are damaged, and are to be gone on with: what can be read goes on, and nothing is thrown away."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import pytest
from damaged import FILLS, INTERVAL, PAGE, IntactRecording, changed, look, overwritten, whole

from eitui.demo.service import PROJECT_ID
from eitui.domain.moment import Recording
from eitui.feed.events import Identified, PollSucceeded
from eitui.feed.recording import recorder_thread
from eitui.feed.recording.recorder_thread import RecorderThread


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> IntactRecording:
    return whole(tmp_path_factory.mktemp("whole") / "one.eitui")


@dataclass
class RecordingChanged:
    """What became of a damaged recording after what the service said later was to be added to it."""

    path: Path
    told: list[Recording]

    @property
    def aside(self) -> list[Path]:
        return list(self.path.parent.glob("*.damaged-*"))


@pytest.fixture
def keep(
    intact: IntactRecording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[bytes], RecordingChanged]:
    monkeypatch.setattr(recorder_thread, "RECORDER_PATIENCE", 60.0)
    cases = iter(range(1000))

    def keep(damaged: bytes) -> RecordingChanged:
        path = tmp_path / str(next(cases)) / "one.eitui"
        path.parent.mkdir()
        path.write_bytes(damaged)
        kept = RecordingChanged(path, [])
        keeping = RecorderThread(lambda about: path, intact.about.host, INTERVAL, "0", kept.told.append)
        keeping.keep(Identified(intact.later[0].at, PROJECT_ID))
        for event in intact.later:
            keeping.keep(event)
        keeping.close()
        return kept

    return keep


def test_recording_goes_on_whatever_page_is_lost(
    intact: IntactRecording, tmp_path: Path, keep: Callable[[bytes], RecordingChanged]
) -> None:
    added = [event for event in intact.later if isinstance(event, PollSucceeded)]
    for page, fill in zip(intact.pages, cycle(["zeros", "noise"]), strict=False):
        damaged = overwritten(intact.data, PAGE * page, FILLS[fill](intact, page))
        kept = keep(damaged)
        assert kept.told[-1].keeping == "here", (page, kept.told)
        frames, lost = look(kept.path)
        assert {event.at.wall for event in added} <= frames.keys()
        assert frames[added[-1].at.wall].moment.run == added[-1].run
        names = {item.name for item in kept.path.parent.iterdir()}
        if kept.aside:
            assert not lost
            check_kept(kept.aside, damaged)
            assert "was damaged" in kept.told[-1].problem.what
        assert names == {"one.eitui", *(aside.name for aside in kept.aside)}


def check_kept(aside: list[Path], damaged: bytes) -> None:
    """Make sure that the file that was set aside has all that the damaged one had."""
    (one,) = aside
    if one.read_bytes() == damaged:
        return
    # The damage was met while writing: what was written before is in the file, too.
    whole = one.with_name("whole")
    whole.write_bytes(damaged)
    assert look(whole)[0].items() <= look(one)[0].items()
    whole.unlink()


def test_what_can_be_read_of_a_damaged_recording_is_in_the_new_one(
    intact: IntactRecording, tmp_path: Path, keep: Callable[[bytes], RecordingChanged]
) -> None:
    path = changed(intact, tmp_path / "one.eitui", "DELETE FROM events WHERE id BETWEEN 10 AND 15")
    kept = keep(path.read_bytes())
    frames, lost = look(kept.path)
    assert not lost
    assert len(frames) > len(intact.frames) / 2
    assert len(kept.aside) == 1
    times = list(intact.frames)
    for time in times[:8]:
        assert frames[time] == intact.frames[time]


def test_a_recording_that_is_cut_short_is_kept_aside(
    intact: IntactRecording, keep: Callable[[bytes], RecordingChanged]
) -> None:
    kept = keep(intact.data[: PAGE * 3])
    frames, lost = look(kept.path)
    assert (len(frames), lost) == (2, [])
    assert [aside.read_bytes() for aside in kept.aside] == [intact.data[: PAGE * 3]]


def test_what_was_never_a_recording_is_not_touched(keep: Callable[[bytes], RecordingChanged]) -> None:
    kept = keep(b"not a recording\n" * 1000)
    assert kept.told[-1].keeping == "failed"
    assert kept.path.read_bytes() == b"not a recording\n" * 1000
    assert not kept.aside


def test_two_that_are_damaged_in_one_second_are_both_kept(
    intact: IntactRecording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eitui.feed.recording.writer.time.time", lambda: 1e9)
    monkeypatch.setattr(recorder_thread, "RECORDER_PATIENCE", 60.0)
    path = tmp_path / "one.eitui"
    for size in (2, 3):
        path.write_bytes(intact.data[: PAGE * size])
        keeping = RecorderThread(lambda about: path, intact.about.host, INTERVAL, "0", lambda told: None)
        for event in (Identified(intact.later[0].at, PROJECT_ID), *intact.later):
            keeping.keep(event)
        keeping.close()
    sizes = {aside.name: aside.stat().st_size for aside in tmp_path.glob("*.damaged-*")}
    assert sizes == {"one.damaged-1000000000": PAGE * 2, "one.damaged-1000000001": PAGE * 3}
