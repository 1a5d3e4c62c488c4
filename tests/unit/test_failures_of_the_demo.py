"""From the look-alike's answers to why its trials failed: the causes it was built with must be found."""

import json
from urllib.parse import quote

import pytest

from eitui.analysis.failure import CauseKind, cause_of
from eitui.analysis.failure_groups import failure_groups
from eitui.api.detail import parameters_of
from eitui.api.log import id_to_ask, log_of
from eitui.api.state import StateReader
from eitui.demo.options import Options
from eitui.demo.service import PROJECT_ID, Service
from eitui.domain.log import TrialLog
from eitui.domain.run import Run
from eitui.domain.trial import FAILED, Trial
from eitui.view.run.failures import condition_text

KEY = "ei_demo_0123456789abcdef"


class Clock:
    now = 1_760_000_000.0

    def __call__(self) -> float:
        return self.now


class Watched:
    """The look-alike after its run, read as the client does."""

    def __init__(self, scenario: str) -> None:
        clock = Clock()
        self.service = Service(Options(scenario), KEY, clock)
        clock.now += 5_000.0
        self.run: Run = StateReader().read_now(self.ask("optimize/state"))
        self.failed = [trial for trial in self.run.trials if trial.status == FAILED]

    def ask(self, path: str) -> bytes:
        return self.service.answer("GET", f"/v1/api/{PROJECT_ID}/{path}", KEY).body

    def log(self, trial: Trial) -> TrialLog:
        segment = quote(id_to_ask(trial), safe="", errors="surrogatepass")
        return log_of(self.ask(f"optimize/trial/{segment}/stdout"))


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("default", [(CauseKind.OUT_OF_MEMORY, "learn", ["mfe.num_filters = 80", "learn.title = transfer"])]),
        (
            "failures",
            [
                (CauseKind.OUT_OF_MEMORY, "learn", ["mfe.num_filters = 80", "learn.title = transfer"]),
                (CauseKind.SHAPE_MISMATCH, "dsp", ["spectr.fft_length = 256"]),
            ],
        ),
        ("regression", [(CauseKind.COMPUTE_LIMIT, "learn", ["raw.window_points = 128", "learn.title = lstm"])]),
        ("detection", [(CauseKind.NEEDS_GPU, "learn", ["rgb.image_width = 320", "learn.title = ssd"])]),
    ],
)
def test_the_fatal_combination_is_found(scenario: str, expected: list[tuple[CauseKind, str, list[str]]]) -> None:
    watched = Watched(scenario)
    causes = {trial.id: cause_of(watched.log(trial).lines, trial.blocks) for trial in watched.failed}
    parameters = {trial.id: parameters_of(trial) for trial in watched.run.trials if trial.over}
    groups = failure_groups(causes, parameters)
    assert [
        (group.kind, group.block, [condition_text(condition) for condition in group.shared[0].conditions])
        for group in groups
    ] == expected
    for group in groups:
        # The combination is fatal: whoever has it failed, and nobody else for that reason.
        assert (group.shared[0].inside, group.shared[0].outside) == (len(group.trial_ids), 0)


def test_the_log_of_a_hostile_trial_can_be_asked_for_and_shown() -> None:
    watched = Watched("hostile")
    # Of half a surrogate pair only a question mark is left when a state is split; no trial is known by that.
    whole = [trial for trial in watched.run.trials if "?" not in id_to_ask(trial)]
    assert len(whole) > 30
    assert sum(id_to_ask(trial) != trial.id for trial in whole) > 10
    for trial in whole:
        lines = watched.log(trial).lines
        assert lines
        assert all(line.text.isprintable() for line in lines)


def test_a_retried_trial_tells_all_its_attempts() -> None:
    watched = Watched("failures")
    for trial in watched.failed:
        attempts = [line.text for line in watched.log(trial).lines if line.text.startswith("Attempt")]
        assert len(attempts) == trial.retries + 1
        assert json.loads(watched.ask(f"optimize/trial/{trial.id}/stdout"))["totalCount"] >= len(attempts)
