"""Commands that look: what each prints, and with which exit code."""

import asyncio
import itertools
import json
from collections.abc import Callable
from unittest import mock

import pytest
from recorded_runs import BEGAN, a_trained, a_trial, record_run
from shell import NOW, Shell, lines
from syrupy.assertion import SnapshotAssertion

from eitui.feed.clock import SystemClock

DAY_S = 86_400


@pytest.mark.parametrize("terminal", [False, True], ids=["plain", "terminal"])
@pytest.mark.parametrize(
    "scenario", ["default", "finished", "empty", "no-trials", "failures", "regression", "detection", "hostile"]
)
def test_status(scenario: str, terminal: bool, shell: Shell, golden: SnapshotAssertion) -> None:
    shell.scenario = scenario
    if scenario == "failures":
        shell.end_run()
    assert shell.run("status", terminal=terminal, columns=60) == golden


@pytest.mark.parametrize("scenario", ["default", "finished", "empty", "no-trials"])
def test_status_as_json(scenario: str, shell: Shell, golden: SnapshotAssertion) -> None:
    shell.scenario = scenario
    assert shell.run("status --json") == golden


@pytest.mark.parametrize("columns", [0, 60, 120], ids=["plain", "60", "120"])
@pytest.mark.parametrize("scenario", ["default", "empty", "failures", "regression", "hostile"])
def test_trials(scenario: str, columns: int, shell: Shell, golden: SnapshotAssertion) -> None:
    shell.scenario = scenario
    assert shell.run("status --trials", terminal=bool(columns), columns=columns) == golden


@lines(
    "status --columns name,val_accuracy,latency", "status --sort val_accuracy",
    "status --sort -latency --columns name,latency",
    "status --columns name,training.learning_rate --sort training.learning_rate", "status --columns name,val_acuracy",
    "status --sort xyz", "status --columns ''",
)  # fmt: skip
def test_trials_as_asked_for(line: str, shell: Shell, golden: SnapshotAssertion) -> None:
    shell.end_run()
    assert shell.run(line, terminal=True) == golden


def test_trials_as_json(shell: Shell, golden: SnapshotAssertion) -> None:
    assert shell.run("status --trials --json") == golden


@pytest.mark.parametrize("scenario", ["default", "failures"])
def test_wait(scenario: str, shell: Shell, golden: SnapshotAssertion) -> None:
    shell.scenario = scenario
    shell.end_run()
    assert shell.run("wait", terminal=True) == golden


@lines("wait --until 'best val_acc>=50%'", "wait --until 'best val_acc>=99.9%'", "wait --json", "record")
def test_wait_in_a_script(line: str, shell: Shell, golden: SnapshotAssertion) -> None:
    shell.end_run()
    assert shell.run(line) == golden


@lines(
    "wait --on finished false", "wait --on finished 'sh -c \"kill -9 $$\"'",
    "wait --on any nobody-has-this-program", "wait --json --on finished 'sh -c \"cat >told.json\"'",
)  # fmt: skip
def test_wait_with_a_program(line: str, shell: Shell, golden: SnapshotAssertion) -> None:
    shell.asked = ends(shell)
    with mock.patch.object(SystemClock, "wait", at_once):
        assert shell.run(line) + shell.files == golden


def ends(shell: Shell) -> Callable[[], None]:
    """Return what is called at each request, and ends the run later: what was so from the start is no event."""
    asked = itertools.count()
    return lambda: shell.end_run() if next(asked) == 5 else None


async def at_once(_clock: SystemClock, _seconds: float, _wake: asyncio.Event) -> bool:
    """Let no time pass."""
    await asyncio.sleep(0)
    return False


def test_wait_with_the_program_of_the_settings_file(shell: Shell) -> None:
    file = shell.home / ".config/eitui/config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('[on]\nfinished = ["sh", "-c", "cat >told.json"]\n')
    shell.asked = ends(shell)
    with mock.patch.object(SystemClock, "wait", at_once):
        assert shell.run("wait").endswith("--- exit code 0\n")
    assert json.loads((shell.home / "told.json").read_text())["event"] == "finished"


def test_wait_through_a_key_that_is_refused_midway(shell: Shell, golden: SnapshotAssertion) -> None:
    asked = itertools.count()

    def service() -> None:
        """Answer, refuse three times, and answer that the run has ended."""
        n = next(asked)
        shell.refused = 6 <= n < 9
        if n == 9:
            shell.end_run()

    shell.asked = service
    with mock.patch.object(SystemClock, "wait", at_once):
        assert shell.run("wait") == golden


@lines(
    "logs", "logs --json", "logs --job coordinator --follow", "logs --job nobody", "thresholds list",
    "thresholds list --json", "thresholds list --impulse 1", "thresholds list --impulse 99", "thresholds log",
    "thresholds log --json", "keys", "keys --toml",
)  # fmt: skip
def test_look(line: str, shell: Shell, golden: SnapshotAssertion) -> None:
    shell.end_run()
    assert shell.run(line) == golden


@pytest.mark.parametrize("terminal", [False, True], ids=["plain", "terminal"])
def test_doctor(terminal: bool, shell: Shell, golden: SnapshotAssertion) -> None:
    assert shell.run("doctor", terminal=terminal) == golden


@pytest.mark.parametrize(
    "environ",
    [
        {"EI_API_ENDPOINT": "http://127.0.0.1:4/v1", "HTTP_PROXY": "http://proxy.example", "ALL_PROXY": "nonsense://"},
        {"https_proxy": "http://me:hush@127.0.0.1:1", "SSL_CERT_DIR": "/"},
        {"ALL_PROXY": "socks5://me:hush@127.0.0.1:1", "NO_PROXY": "[::1],edgeimpulse.com"},
        {"HTTPS_PROXY": "http://me:hush/1@127.0.0.1:1"},
        {"SSL_CERT_FILE": "/nowhere/at.pem"},
    ],
    ids=["this-machine", "proxy", "spared", "no-proxy-address", "no-certificates"],
)
def test_doctor_on_the_way_to_the_service(environ: dict[str, str], shell: Shell, golden: SnapshotAssertion) -> None:
    shell.environ |= environ
    printed = shell.run("doctor")
    assert "hush" not in printed
    assert printed == golden


def test_doctor_where_much_is_set(shell: Shell, golden: SnapshotAssertion) -> None:
    shell.environ |= {
        "EI_PROJECT_ID": "424242", "NO_COLOR": "1", "SSH_CONNECTION": "1", "STY": "1", "TERM": "screen",
        "HTTPS_PROXY": "http://proxy.example:3128", "EITUI_READ_ONLY": "1",
    }  # fmt: skip
    (shell.home / "config.toml").write_text(
        'interval = 60\ntheme = "nord"\nmouse = true\n[keys]\n"app.quit" = "Q"\n[on]\nfinished = "true"\n'
    )
    assert shell.run("doctor --config config.toml", terminal=True, columns=120) == golden


@pytest.fixture
def recorded(shell: Shell) -> Shell:
    """A home with two recordings: a run that ended, and a later one that did not."""
    shell.now = NOW + 3 * DAY_S
    first = record_run(
        shell.home / "recordings",
        (0, [a_trial("1", epoch=1), a_trial("=2")]),
        (5, [a_trial("1", epoch=2), a_trial("=2", epoch=1)]),
        (10, None),
        (15, [a_trained("1", 0.9), a_trial("=2", epoch=3)]),
        (20, [a_trained("1", 0.9), a_trained("=2", 0.95)]),
        status="completed",
    )
    record_run(shell.home / "recordings", (0, [a_trial("1")]), run_id=78, began=BEGAN + DAY_S, name="Run 2 (synthetic)")
    (shell.home / "thesis.txt").write_text("precious")
    (shell.home / "mine.eitui").write_bytes(first.read_bytes())
    (shell.home / "cut.eitui").write_bytes(first.read_bytes()[:20_000])
    return shell


@lines(
    "runs", "runs --json", "runs --project 9", "runs --json --project 9", "export 77", "export trials 77",
    "export 77 --format json", "export epochs 77", "export events 77", "export",
    "export epochs 77 --output epochs.json", "export --recording shared.eitui 77", "export 8", "export missing.eitui",
    "export thesis.txt", "export cut.eitui", "export mine.eitui --project 9", "export trials 77 78",
    "export trials epochs", "export trials epochs 77", "export 77 --project 9", "export epochs --recording x.eitui",
    "export --recording x.eitui --output x.csv", "export --recording - 77", "export --recording thesis.txt 77",
    "export 77 --format xml", "export 77 --output nowhere/trials.csv", "export 77 --output recordings",
    "export ~nobody-has-this-name/one.eitui", "replay", "replay 8", "runs delete", "runs delete 8 --yes",
    "runs delete 77", "runs delete 77 --yes", "runs delete 12345-77 78 --yes", "runs delete 77 --project 9 --yes",
    "runs delete ./mine.eitui --yes", "runs delete --older-than 1d --yes",
    "runs delete --older-than 1d --project 9 --yes", "runs delete --older-than 30d --yes",
    "runs delete --older-than yesterday",
)  # fmt: skip
def test_recordings(line: str, recorded: Shell, golden: SnapshotAssertion) -> None:
    assert recorded.run(line) + recorded.files == golden


@pytest.mark.parametrize("columns", [60, 120])
def test_runs_on_a_terminal(columns: int, recorded: Shell, golden: SnapshotAssertion) -> None:
    assert recorded.run("runs", terminal=True, columns=columns) == golden


@pytest.mark.parametrize("answer", ["y", "n"])
def test_delete_asks(answer: str, recorded: Shell, golden: SnapshotAssertion) -> None:
    assert recorded.run("runs delete 77 78", terminal=True, answer=f"{answer}\n") + recorded.files == golden


@lines("runs", "runs --json", "export", "replay", "runs delete --older-than 1d --yes")
def test_no_recordings_and_no_key(line: str, shell: Shell, golden: SnapshotAssertion) -> None:
    shell.environ.clear()
    assert shell.run(line) + shell.files == golden
    assert not (shell.home / "recordings").exists()


@lines(
    "runs", "export", "replay 1-2", "runs delete --older-than 1d --yes",
    f"runs delete --older-than 1d --yes --recordings /{'x' * 300}",
)  # fmt: skip
def test_no_recording(line: str, shell: Shell, golden: SnapshotAssertion) -> None:
    (shell.home / "recordings").mkdir(mode=0o700)
    (shell.home / "recordings" / "1-2.eitui").write_text("no recording")
    assert shell.run(line) + shell.files == golden


@lines("runs --remote", "runs --remote --json", "runs --remote --project 7", "status --run 12", "export --run 12 77")
def test_runs_of_the_project(line: str, shell: Shell, golden: SnapshotAssertion) -> None:
    assert shell.run(line) == golden


@pytest.mark.parametrize("scenario", ["empty", "hostile", "detection"])
def test_runs_of_another_project(scenario: str, shell: Shell, golden: SnapshotAssertion) -> None:
    shell.scenario = scenario
    assert shell.run("runs --remote", terminal=True, columns=120) == golden


@pytest.mark.parametrize("index", [1, 2, 3, 4])
def test_an_earlier_run(index: int, shell: Shell, golden: SnapshotAssertion) -> None:
    listed = json.loads(shell.run("runs --remote --json").partition("--- stdout\n")[2].partition("--- exit")[0])
    run_id = next(run["run_id"] for run in listed if run["run_index"] == index)
    printed = shell.run(f"status --run {run_id}") + shell.run(f"export events --run {run_id} --format json")
    assert printed == golden
