"""`eitui completion`: what it prints, and what a shell is offered."""

import pytest
from recorded_runs import a_trial, record_run
from shell import Shell, lines
from syrupy.assertion import SnapshotAssertion


@lines("install bash", "install zsh", "install fish", "install", "install tcsh", "remove bash", "show", "show basch")
def test_completion(line: str, shell: Shell, golden: SnapshotAssertion) -> None:
    shell.environ.clear()
    assert shell.run(f"completion {line}") + shell.files == golden


@pytest.mark.parametrize("variables", [{"SHELL": "/usr/bin/fish"}, {"SHELL": "/bin/zsh", "ZDOTDIR": "zsh"}])
def test_the_shell_of_the_user(variables: dict[str, str], shell: Shell, golden: SnapshotAssertion) -> None:
    (shell.home / "zsh").mkdir()
    shell.environ |= variables
    told = shell.run("completion install")
    assert told + shell.run("completion remove") + shell.run("completion remove") == golden


def test_a_file_that_cannot_be_changed(shell: Shell, golden: SnapshotAssertion) -> None:
    (shell.home / ".bashrc").mkdir()
    assert shell.run("completion install bash") == golden


def offered(shell: Shell, typed: str) -> list[str]:
    """Return what is offered for the last word of `typed`."""
    words = typed.split(" ")
    shell.environ |= {
        "_EITUI_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_CWORD": str(len(words) - 1),
    }  # fmt: skip
    printed = shell.run("")
    return [
        line.removeprefix("plain,") for line in printed.splitlines() if line.startswith(("plain,", "file,", "eitui"))
    ]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("eitui wa", ["watch", "wait"]),
        ("eitui --the", ["--theme"]),
        ("eitui --vers", ["--version"]),
        ("eitui --theme nor", ["nord"]),
        ("eitui watch --theme nor", ["nord"]),
        ("eitui demo --scenario failu", ["failures"]),
        ("eitui wait --on stal", ["stalled"]),
        ("eitui wait --until fini", ["finished"]),
        ("eitui record --until val_acc", ["val_accuracy"]),
        ("eitui status --sort val_a", ["val_accuracy"]),
        ("eitui status --columns name,lat", ["name,latency"]),
        ("eitui logs --job c", ["coordinator"]),
        ("eitui replay 12", ["12345-77"]),
        ("eitui replay ./mine", ["file,./mine"]),
        ("eitui export t", ["trials"]),
        ("eitui export epochs 12", ["12345-77"]),
        ("eitui runs delete 12", ["12345-77"]),
        ("eitui runs --project 9 delete 12", []),
        ("eitui runs del", ["delete"]),
        ("eitui nonsense x", []),
        ("eitui --config missing.toml replay 1", []),
    ],
)
def test_words_that_are_offered(typed: str, words: list[str], shell: Shell) -> None:
    record_run(shell.home / "recordings", (0, [a_trial("1")]))
    assert offered(shell, typed) == words


def test_an_unreadable_settings_file_prints_nothing_into_the_line(shell: Shell) -> None:
    (shell.home / "bad.toml").write_text("nonsense")
    assert offered(shell, "eitui replay --config bad.toml 1") == []
