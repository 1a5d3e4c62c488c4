"""Commands that change thresholds: what is shown before, asked, and told afterwards."""

import pytest
from shell import Shell, lines
from syrupy.assertion import SnapshotAssertion

CHANGE = "thresholds set 1 3 min_score 0.7"


@pytest.mark.parametrize("answer", ["y", "n"])
def test_a_change_is_asked_for(answer: str, shell: Shell, golden: SnapshotAssertion) -> None:
    assert shell.run(CHANGE, terminal=True, answer=f"{answer}\n") == golden


@lines(
    CHANGE, f"{CHANGE} --yes", f"{CHANGE} --yes --read-only", "thresholds set 1 3 min_score 5 --yes",
    "thresholds set 1 3 min_score -1 --yes", "thresholds set 1 3 min_score 0.6 --yes",
    "thresholds set 5 43 max_absolute_error 4.0 --yes",
    "thresholds set 5 43 max_absolute_error 4.0 --yes --regenerate --wait",
    "thresholds set 99 3 min_score 1 --yes", "thresholds set 1 99 min_score 1 --yes",
    "thresholds set 1 3 min_scor 1 --yes", "thresholds undo 1 --yes",
    "thresholds set 3 23 anomaly_scoring_aggregation_method median --yes",
)  # fmt: skip
def test_change(line: str, shell: Shell, golden: SnapshotAssertion) -> None:
    assert shell.run(line) == golden


def test_changes_are_listed_and_undone(shell: Shell, golden: SnapshotAssertion) -> None:
    lines = [f"{CHANGE} --yes", "thresholds set 1 3 min_score 0.8 --yes", "thresholds undo 1 --yes",
             "thresholds undo 2 --yes", "thresholds log", "thresholds log --limit 2"]  # fmt: skip
    assert "".join(shell.run(line) for line in lines) == golden
