"""The recordings as a table and as JSON."""

import json
import math
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.domain.text import clean
from eitui.feed.recording.catalogue import RecordingEntry
from eitui.feed.recording.format import About
from eitui.feed.recording.summary import Summary
from eitui.view.kit.cells import len_cells
from eitui.view.run.recordings import described, recordings_as_json, state, table

NOW = 1_760_000_000.0
"""9 October 2025, 08:53:20 UTC."""
HOST = "studio.edgeimpulse.com"


def entry(
    run_id: int, summary: Summary, *, project_id: int = 123456, size: int = 14_200_000, **more: Any
) -> RecordingEntry:
    path = Path(f"/recordings/{project_id}-{run_id}.eitui")
    return replace(RecordingEntry(path, About(HOST, project_id, run_id), summary, size, being_recorded=False), **more)


RUNNING = Summary(
    project_name="Keyword spotting (synthetic)",
    run_name="Bigger windows, 40 MFCC",
    run_index=3,
    status="running",
    first=NOW - 11_130,
    last=NOW - 3,
    polls=2200,
    trials=60,
    completed=31,
    failed=2,
    best_name="mfcc-conv1d-31",
    best_val_accuracy=0.913,
    best_val_loss=0.21,
    precision="int8",
    device="cortex-m4f-80mhz",
)
ENDED = replace(
    RUNNING, run_name="First try", status="completed", finished=True, first=NOW - 260_000, last=NOW - 224_000
)
BY_LOSS = Summary(
    project_name="Vibration (synthetic)",
    status="cancelled",
    finished=True,
    first=NOW - 330 * 86_400,
    last=NOW - 326 * 86_400,
    polls=9,
    trials=120,
    completed=58,
    best_name="raw-dense-7",
    best_val_loss=0.0123,
)
ENTRIES = (
    entry(31415926, RUNNING, being_recorded=True),
    entry(31300000, BY_LOSS, project_id=98765),
    entry(31400001, ENDED),
    entry(31200000, Summary(), project_id=98765, size=36_864),
)


def test_a_terminal_of_80_columns_has_room_for_every_figure() -> None:
    assert table(ENTRIES, NOW, 80, UTC).splitlines() == [
        "       RUN  NAME      STARTED         TOOK   ✓/✗/ALL    BEST     SIZE  STATE",
        "Keyword spotting (synthetic) #123456",
        "  31415926  Bigger …  05:47         3h 05m   31/2/60   91.3%  13.5 MB  recording",
        "  31400001  First t…  6 Oct 08:40  10h 00m   31/2/60   91.3%  13.5 MB  ended",
        "Vibration (synthetic) #98765",
        "  31300000  –         13 Nov 2024   4d 00h  58/0/120  0.0123  13.5 MB  cancelled",
        "  31200000  –         –                  –         –       –    36 KB  stopped",
    ]


def test_a_wide_terminal_names_the_best_trial() -> None:
    shown = table(ENTRIES, NOW, 120, UTC).splitlines()
    assert "BEST TRIAL" in shown[0]
    assert "Bigger windows, 40 MFCC" in shown[2]
    assert "mfcc-conv1d-31" in shown[2]


def test_a_narrow_terminal_keeps_what_tells_runs_apart() -> None:
    assert table(ENTRIES[:1], NOW, 40, UTC).splitlines() == [
        "       RUN  NAME         BEST  STATE",
        "Keyword spotting (synthetic) #123456",
        "  31415926  Bigger wi…  91.3%  recording",
    ]


def test_the_service_is_named_where_there_are_several() -> None:
    other = entry(1, RUNNING, about=About("other.example", 123456, 1))
    shown = table((ENTRIES[0], other), NOW, 100, UTC)
    assert f"Keyword spotting (synthetic) #123456 on {HOST}" in shown
    assert "Keyword spotting (synthetic) #123456 on other.example" in shown


def test_no_recordings_are_no_lines() -> None:
    assert table((), NOW) == ""


texts = st.text(max_size=60).map(clean)
figures = st.none() | st.floats() | st.sampled_from([math.nan, math.inf, -math.inf, 1e308, -1e308])
counts = st.integers(0, 10**12)
summaries = st.builds(
    Summary,
    texts, texts, st.none() | counts, texts, st.booleans(), figures, figures,
    counts, counts, counts, counts, texts, figures, figures, texts, texts,
)  # fmt: skip


@given(
    st.lists(st.builds(entry, st.integers(1, 10**8), summaries, project_id=st.integers(1, 9)), max_size=5),
    st.integers(0, 200),
)
def test_no_line_is_wider_than_the_terminal_whatever_was_recorded(entries: list[RecordingEntry], width: int) -> None:
    shown = table(entries, NOW, width, UTC).splitlines()
    assert all(len_cells(line) <= max(40, width) for line in shown)
    assert len(shown) == (1 + len({e.about.project_id for e in entries}) + len(entries) if entries else 0)


@pytest.mark.parametrize(
    ("of", "word"),
    [
        (entry(1, RUNNING), "stopped"),
        (entry(1, RUNNING, being_recorded=True), "recording"),
        (entry(1, ENDED), "ended"),
        (entry(1, ENDED, being_recorded=True), "recording"),
        (entry(1, BY_LOSS), "ended"),
        (entry(1, Summary()), "stopped"),
    ],
)
def test_the_state_is_one_of_three_words(of: RecordingEntry, word: str) -> None:
    assert state(of) == word


def test_a_run_that_ended_badly_says_so_in_the_table() -> None:
    broken = entry(1, replace(ENDED, status="ended with an error"))
    assert table((broken,), NOW, 80, UTC).endswith("  failed")


def test_a_recording_is_described_in_a_line() -> None:
    result = "123456-31400001, Keyword spotting (synthetic), First try, begun 6 Oct 08:40, 13.5 MB"
    assert described(ENTRIES[2], NOW, UTC) == result
    assert described(ENTRIES[3], NOW, UTC) == "98765-31200000, 36 KB"


def test_as_json_everything_is_a_plain_number_or_a_text() -> None:
    assert recordings_as_json(ENTRIES[:1]) == [
        {
            "path": "/recordings/123456-31415926.eitui",
            "host": HOST,
            "project_id": 123456,
            "project_name": "Keyword spotting (synthetic)",
            "run_id": 31415926,
            "run_name": "Bigger windows, 40 MFCC",
            "run_index": 3,
            "state": "recording",
            "status": "running",
            "finished": False,
            "target_device": "cortex-m4f-80mhz",
            "started_at": "2025-10-09T05:47:50.000000Z",
            "last_poll_at": "2025-10-09T08:53:17.000000Z",
            "duration_s": 11_127.0,
            "polls": 2200,
            "trials": {"total": 60, "completed": 31, "failed": 2},
            "best": {
                "name": "mfcc-conv1d-31",
                "val_accuracy": 0.913,
                "val_loss": 0.21,
                "source": None,
                "precision": "int8",
            },
            "size_bytes": 14_200_000,
        }
    ]


@given(summaries)
def test_json_has_the_same_names_whatever_was_recorded_and_never_nan(summary: Summary) -> None:
    result = recordings_as_json([entry(1, summary)])
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert list(result[0]) == list(recordings_as_json(ENTRIES)[0])
