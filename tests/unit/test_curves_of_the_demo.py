"""From the look-alike's answers to curves: polls and logs of a run tell one training, whoever looks and when."""

from urllib.parse import quote

import pytest

from eitui.analysis.epoch_log import epochs_of
from eitui.analysis.update_history import extend, fill
from eitui.api.log import id_to_ask, log_of
from eitui.api.state import StateReader
from eitui.demo.options import Options
from eitui.demo.service import PROJECT_ID, Service
from eitui.domain.curve import EMPTY_CURVE, Curve, Epochs, LogPart, phases_of, steps_of
from eitui.domain.log import TrialLog
from eitui.domain.run import Run
from eitui.domain.trial import COMPLETED, Trial

KEY = "ei_demo_0123456789abcdef"
BEGAN = 1_760_000_000.0


class Watched:
    """The look-alike, read as the client does at any second of its run."""

    def __init__(self, scenario: str) -> None:
        self.now = BEGAN
        self.service = Service(Options(scenario), KEY, lambda: self.now)
        self._reader = StateReader()

    def run(self, seconds: float) -> Run:
        self.now = BEGAN + seconds
        return self._reader.read_now(self._ask("optimize/state"))

    def log(self, trial: Trial) -> TrialLog:
        segment = quote(id_to_ask(trial), safe="", errors="surrogatepass")
        return log_of(self._ask(f"optimize/trial/{segment}/stdout"))

    def _ask(self, path: str) -> bytes:
        return self.service.answer("GET", f"/v1/api/{PROJECT_ID}/{path}", KEY).body


def whole(epochs: Epochs) -> bool:
    return steps_of(epochs) == list(range(1, len(epochs) + 1))


@pytest.mark.parametrize("scenario", ["default", "regression", "detection"])
def test_polls_and_the_log_give_every_epoch_once(scenario: str) -> None:
    watched = Watched(scenario)
    curves: dict[str, Curve] = {}
    for seconds in range(0, 5_000, 13):
        run = watched.run(float(seconds))
        for trial in run.trials:
            curves[trial.id] = extend(curves.get(trial.id, EMPTY_CURVE), trial, watched.now)
        if run.finished:
            break
    logs = {trial.id: watched.log(trial) for trial in run.trials}
    for trial in run.trials:
        told = epochs_of(logs[trial.id].lines)
        curve = fill(curves[trial.id], LogPart(told, not logs[trial.id].left_out, trial.over), trial.retries)
        assert {epoch.epoch for epoch in curve.epochs} >= {epoch.epoch for epoch in told}
        steps = steps_of(curve.epochs)
        assert steps == sorted(set(steps))
        if trial.status == COMPLETED:
            assert whole(curve.epochs) or logs[trial.id].left_out
            assert curve.epochs[-1].epoch == trial.epoch
    assert any(log.left_out for log in logs.values())
    assert any("ETA" in line.text for log in logs.values() for line in log.lines)


def test_transfer_learning_trains_in_two_phases() -> None:
    watched = Watched("default")
    run = watched.run(5_000.0)
    tuned = [trial for trial in run.completed if "transfer" in trial.name]
    assert tuned
    for trial in tuned:
        first, second = phases_of(epochs_of(watched.log(trial).lines))
        assert [epoch.epoch for epoch in second] == list(range(1, 11))
        assert trial.epoch == 10
        assert first[-1].epoch > 10
