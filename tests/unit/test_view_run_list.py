"""The runs of a project and the recordings, as one table and as JSON."""

import json
from dataclasses import replace
from datetime import UTC
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from eitui.domain.run import RunRecord
from eitui.domain.text import clean
from eitui.feed.recording.catalogue import RecordingEntry
from eitui.feed.recording.format import About
from eitui.feed.recording.summary import Summary
from eitui.view.kit.cells import len_cells
from eitui.view.run.run_list import RunsShown, listed_runs, runs_as_json, runs_table

NOW = 1_760_000_000.0
"""9 October 2025, 08:53:20 UTC."""
HOST, PROJECT = "studio.edgeimpulse.com", 12345
SHOWN = RunsShown(NOW, HOST, PROJECT, UTC)
DAY_S = 86_400.0
RECORDS = (
    RunRecord(77, 2, "Search (synthetic)", NOW - 600, "running"),
    RunRecord(70, 1, "Baseline (synthetic)", NOW - 2 * DAY_S, "success", 60),
)
KEPT = Summary(run_name="Kept", status="failed", finished=True, first=NOW - DAY_S, polls=9, trials=4, completed=1,
               failed=3, best_name="mfe-1", best_val_accuracy=0.9)  # fmt: skip


def entry(run_id: int, summary: Summary = KEPT, project_id: int = PROJECT, host: str = HOST) -> RecordingEntry:
    path = Path(f"/recordings/{project_id}-{run_id}.eitui")
    return RecordingEntry(path, About(host, project_id, run_id), summary, 1000, being_recorded=False)


def test_a_run_and_its_recording_are_one_row() -> None:
    runs = listed_runs(
        RECORDS, [entry(70), entry(60), entry(5, project_id=7), entry(77, host="else")], HOST, PROJECT, 77
    )
    lines = [" ".join(line.split()) for line in runs_table(runs, SHOWN, 100).splitlines()]
    assert lines == [
        "RUN NAME CREATED STATE ✓/✗/ALL BEST WHERE",
        "77 Search (synthetic) 08:43 ● running – – present run",
        "77 #12345 Kept 8 Oct 08:53 ✗ failed 1/3/4 90.0% recorded",
        "60 Kept 8 Oct 08:53 ✗ failed 1/3/4 90.0% only here",
        "5 #7 Kept 8 Oct 08:53 ✗ failed 1/3/4 90.0% recorded",
        "70 Baseline (synthetic) 7 Oct 08:53 ✓ completed 1/3/4 90.0% recorded",
    ]


def test_where_the_service_was_not_asked_no_recording_is_the_only_one() -> None:
    (run,) = listed_runs(None, [entry(60)], HOST, PROJECT)
    assert run.where == "recorded"
    (run,) = listed_runs((), [entry(60)], HOST, PROJECT)
    assert run.where == "only here"


def test_json_has_what_each_of_them_knows() -> None:
    first, second = runs_as_json(listed_runs(RECORDS, [entry(70)], HOST, PROJECT))
    assert (first["state"], first["job_status"], first["trials"], first["recording"]) == ("running",) * 2 + (None,) * 2
    assert (second["state"], second["job_status"]) == ("completed", "success")
    assert second["trials"] == {"total": 4, "completed": 1, "failed": 3}
    assert second["best"]["name"] == "mfe-1"
    assert second["recording"] == "/recordings/12345-70.eitui"
    assert (second["continued_run_id"], second["created_at"]) == (60, "2025-10-07T08:53:20.000000Z")


RECORD = st.builds(
    RunRecord, st.none() | st.integers(1, 5), st.none() | st.integers(), st.text(max_size=60).map(clean),
    st.none() | st.floats(allow_nan=False), st.sampled_from(["", "running", clean("odd\x1b[2J"), "success"]),
)  # fmt: skip


@given(st.lists(RECORD, max_size=6), st.lists(st.integers(1, 9), max_size=4), st.integers(1, 200))
def test_each_run_has_one_line_that_fits_whatever_the_service_lists(
    records: list[RunRecord], kept: list[int], width: int
) -> None:
    entries = [entry(run_id, replace(KEPT, run_name="全角" * 30)) for run_id in kept]
    runs = listed_runs(records, entries, HOST, PROJECT, 1)
    assert len({run.key for run in runs}) == len(runs)
    lines = runs_table(runs, SHOWN, width).split("\n")
    assert len(lines) == max(1, len(runs) + bool(runs))
    assert all(len_cells(line) <= width for line in lines)
    json.dumps(runs_as_json(runs), allow_nan=False)
