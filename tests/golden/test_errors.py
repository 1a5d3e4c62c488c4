"""What goes wrong: each is said in one way, with the exit code of its kind."""

import pytest
from shell import Shell, lines
from syrupy.assertion import SnapshotAssertion

ASKING = ["status", "logs", "thresholds list", "doctor", "wait"]
"""Commands that ask the service, and end when it cannot be asked."""


@lines(*ASKING, "record", "watch", "thresholds log")
def test_no_key(line: str, shell: Shell, golden: SnapshotAssertion) -> None:
    shell.environ.clear()
    assert shell.run(line) == golden


@pytest.mark.parametrize("line", ASKING)
def test_refused_key(line: str, shell: Shell, golden: SnapshotAssertion) -> None:
    shell.environ["EI_API_KEY"] = "ei_" + "f" * 64
    assert shell.run(line) == golden


@lines("status", "logs", "thresholds list", "doctor")
def test_no_network(line: str, shell: Shell, golden: SnapshotAssertion) -> None:
    shell.down = True
    assert shell.run(line) == golden


@lines("status", "doctor", "thresholds list")
def test_another_project(line: str, shell: Shell, golden: SnapshotAssertion) -> None:
    assert shell.run(f"{line} --project 7") == golden


@lines(
    "stat", "statsu", "xyz", "status --jsno", "status more", "status --project", "status --project seven",
    "--jsno", "watch --theme nrod", "watch --interval often", "watch --on finshed true",
    "demo --scenario fialures", "demo --seed x", "demo --trials 0", "record --until accuracy", "record --output -",
    "record --until best_val_acuracy>=1", "wait --until val_acuracy>=1", "wait --timeout soon",
    "thresholds", "thresholds lst", "thresholds set", "thresholds set 1 3 min_score high --yes",
    "thresholds set 1 3 min_score --yess", "thresholds undo", "thresholds undo x", "thresholds log --limit 0",
    "runs delte", "export epoch 77 78", "logs --job", "keys --tml", "status --endpoint ftp://x",
    "status --config missing.toml",
)  # fmt: skip
def test_mistyped(line: str, shell: Shell, golden: SnapshotAssertion) -> None:
    assert shell.run(line, terminal=True) == golden


@pytest.mark.parametrize(
    "text",
    ["interval = ", "intervall = 5", "interval = 'often'", "theme = 5", "api_key = 'short'", "endpoint = 'ftp://x'",
     "[keys]\n'app.quti' = 'x'", "[keys]\n'app.quit' = 'j'", "[keys]\n'trial.mark' = 'spacey'",
    "[on]\nfinshed = 'true'",
     "api_key_command = 'false'", "api_key_file = 'missing'", "on = 5", "nonsense"],
    ids=["no-value", "unknown", "word", "number", "short-key", "endpoint", "unknown-action", "key-twice", "unknown-key",
         "unknown-event", "key-command-fails", "key-file-missing", "no-section", "no-toml"],
)  # fmt: skip
@pytest.mark.parametrize("command", ["status", "doctor"])
def test_settings_file(command: str, text: str, shell: Shell, golden: SnapshotAssertion) -> None:
    shell.environ.clear()
    config = shell.home / "config.toml"
    config.write_text(f"{text}\n")
    config.chmod(0o600)
    assert shell.run(f"{command} --config config.toml") == golden
