"""Commands that add a trial, extend a search, cancel or test: what is shown before, asked, and told afterwards."""

import pytest
from shell import Shell, lines
from syrupy.assertion import SnapshotAssertion

TRIAL = "mfcc-dense-262"
ADD = f"trial add {TRIAL}"


@pytest.fixture
def shell(shell: Shell) -> Shell:
    shell.scenario = "finished"
    return shell


def sent(shell: Shell, line: str, answer: str | None = None) -> str:
    """Run a command, on a terminal if there is an answer; return what it printed and how many requests it sent."""
    printed = shell.run(line, terminal=answer is not None, answer=f"{answer}\n")
    return f"{printed}--- {shell.posts} sent\n"


@pytest.mark.parametrize("answer", ["y", "n", ""], ids=["yes", "no", "enter"])
@lines(ADD, "run extend")
def test_an_action_is_asked_for(line: str, answer: str, shell: Shell, golden: SnapshotAssertion) -> None:
    assert sent(shell, line, answer) == golden
    assert shell.posts == (answer == "y")


@lines(
    ADD, f"{ADD} --yes", f"{ADD} --yes --wait --name Best", f"{ADD} --yes --read-only", "trial add nothing --yes",
    "trial add mfe-transfer-303 --yes", "run extend", "run extend --yes", "run extend --yes --read-only",
    "run cancel --yes", "run cancel --yes --job 1", "thresholds test 1 --yes --wait", "thresholds test 99 --yes",
    "thresholds test 6 --yes", "studio", "studio --impulse 1", "studio --impulse 99", f"studio --trial {TRIAL}",
    f"studio --trial {TRIAL} --impulse 1",
)  # fmt: skip
def test_act(line: str, shell: Shell, golden: SnapshotAssertion) -> None:
    assert sent(shell, line) == golden


@lines("run cancel --yes", "run extend --yes", "trial add nothing --yes")
def test_act_on_a_run_that_goes_on(line: str, shell: Shell, golden: SnapshotAssertion) -> None:
    shell.scenario = "default"
    assert sent(shell, line) == golden


@lines("run cancel --yes", "run extend --yes", f"{ADD} --yes", "studio")
def test_act_without_a_run(line: str, shell: Shell, golden: SnapshotAssertion) -> None:
    shell.scenario = "empty"
    assert sent(shell, line) == golden
    assert shell.posts == 0


@lines("run cancel --yes", "run extend --yes", f"{ADD} --yes")
def test_act_on_a_service_that_cannot_be_reached(line: str, shell: Shell, golden: SnapshotAssertion) -> None:
    shell.down = True
    assert sent(shell, line) == golden


def test_actions_and_changes_are_in_one_journal(shell: Shell, golden: SnapshotAssertion) -> None:
    lines = ["thresholds set 1 3 min_score 0.7 --yes", f"{ADD} --yes --wait", f"{ADD} --yes", "thresholds undo 2 --yes",
             "run extend --yes", "run cancel --yes", "thresholds log"]  # fmt: skip
    assert "".join(shell.run(line) for line in lines) == golden


def test_a_trials_log_is_the_one_of_logs(shell: Shell) -> None:
    printed = shell.run(f"trial logs {TRIAL}")
    assert "Job completed" in printed
    assert printed.splitlines()[1:] == shell.run(f"logs --job {TRIAL}").splitlines()[1:]
