"""Commands that change thresholds: what is shown before, asked, and told afterwards."""

import pytest
from shell import Shell, lines
from syrupy.assertion import SnapshotAssertion

CHANGE = "thresholds set 1 3 min_score 0.7"


def sent(shell: Shell, line: str, answer: str | None = None) -> str:
    """Run a command, on a terminal if there is an answer; return what it printed and how many changes it sent."""
    printed = shell.run(line, terminal=answer is not None, answer=f"{answer}\n")
    return f"{printed}--- {shell.posts} sent\n"


@pytest.mark.parametrize("answer", ["y", "n", ""], ids=["yes", "no", "enter"])
def test_a_change_is_asked_for(answer: str, shell: Shell, golden: SnapshotAssertion) -> None:
    assert sent(shell, CHANGE, answer) == golden


@lines(
    CHANGE, f"{CHANGE} --yes", f"{CHANGE} --yes --read-only", "thresholds set 1 3 min_score 5 --yes",
    "thresholds set 1 3 min_score -1 --yes",
    "thresholds set 1 3 min_score 99999999999999999999999 --yes", "thresholds set 1 3 min_score -0.0 --yes",
    "thresholds set 1 3 min_score nan --yes", "thresholds set 1 3 min_score high --yes", f"{CHANGE} --yess",
    "thresholds set 1 3 min_score --yess --yes", "thresholds undo 1 --yes --read-only",
    "thresholds set 3 23 anomaly_scoring_aggregation_method mean --yes", "thresholds set 1 3 min_score 0.6 --yes",
    "thresholds set 5 43 max_absolute_error 4.0 --yes",
    "thresholds set 5 43 max_absolute_error 4.0 --yes --regenerate --wait",
    "thresholds set 99 3 min_score 1 --yes", "thresholds set 1 99 min_score 1 --yes",
    "thresholds set 1 3 min_scor 1 --yes", "thresholds undo 1 --yes",
    "thresholds set 3 23 anomaly_scoring_aggregation_method median --yes",
)  # fmt: skip
def test_change(line: str, shell: Shell, golden: SnapshotAssertion) -> None:
    assert sent(shell, line) == golden


@pytest.mark.parametrize(
    ("name", "value"),
    [("EITUI_READ_ONLY", "1"), ("EITUI_READ_ONLY", "perhaps"), ("EITUI_JOURNAL", "changes.db"),
     ("EITUI_JOURNAL", "/dev/null/changes.db")],
    ids=["read-only", "read-only-perhaps", "relative-journal", "no-journal"],
)  # fmt: skip
def test_change_that_a_setting_forbids(name: str, value: str, shell: Shell, golden: SnapshotAssertion) -> None:
    shell.environ[name] = value
    assert sent(shell, f"{CHANGE} --yes") == golden
    assert shell.posts == 0


def test_changes_are_listed_and_undone(shell: Shell, golden: SnapshotAssertion) -> None:
    lines = [f"{CHANGE} --yes", "thresholds set 1 3 min_score 0.8 --yes", "thresholds undo 1 --yes",
             "thresholds undo 2 --yes", "thresholds log", "thresholds log --limit 2"]  # fmt: skip
    assert "".join(shell.run(line) for line in lines) == golden
