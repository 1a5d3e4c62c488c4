"""Bodies of `optimize/state` for tests, by hand or by hypothesis; all synthetic."""

import json
from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from eitui.api.state import StateReader
from eitui.domain.moment import Instant, Problem
from eitui.domain.run import Run, RunRecord
from eitui.feed.events import Identified, PollFailed, PollSucceeded, ServiceEvent

PROJECT = 12345
RUN = 77


def trial_json(
    trial_id: str, status: str = "running", epoch: int | None = None, loss: float | None = None, **more: Any
) -> dict[str, Any]:
    progress = {} if epoch is None else {"progress": {"epoch": epoch, "loss": loss, "val_loss": loss}}
    return {"id": trial_id, "name": f"mfe-conv1d-{trial_id}", "status": status, "blocks": []} | progress | more


def body(trials: Iterable[dict[str, Any]], *, status: str = "running", run: int | None = RUN, **more: Any) -> bytes:
    state = {
        "success": True,
        "status": {"status": status},
        "config": {"name": "Run 1 (synthetic)"},
        "trials": list(trials),
        "workers": [],
        "tunerJobIsRunning": status != "completed",
    }
    if run is not None:
        state["tunerCoordinatorJobId"] = run
    return json.dumps(state | more).encode()


def runs(bodies: Iterable[bytes]) -> list[Run]:
    reader = StateReader()
    return [reader.read_now(one) for one in bodies]


IDS = ("a", "b", "c", "")
"""Few, so that the same trial comes again; one trial has no id."""

TRIALS = st.builds(
    trial_json,
    st.sampled_from(IDS),
    st.sampled_from(["pending", "running", "completed", "failed", "odd"]),
    st.none() | st.integers(0, 60),
    st.none() | st.floats(0, 4, allow_nan=False),
    retries=st.integers(0, 2),
    workerId=st.sampled_from(["w1", "w2", None]),
)

WORKERS = st.lists(
    st.fixed_dictionaries({"workerId": st.sampled_from(["w1", "w2"]), "status": st.sampled_from(["busy", "ready"])}),
    max_size=2,
    unique_by=lambda worker: worker["workerId"],
)

BODIES = st.builds(
    body,
    st.lists(TRIALS, max_size=4),
    status=st.sampled_from(["running", "completed", "creating"]),
    run=st.sampled_from([RUN, RUN, None]),
    workers=WORKERS,
)

PROBLEMS = st.builds(Problem, st.sampled_from(["Refused", "Too slow"]), st.just("Wait."), st.booleans())

RECORDS = st.none() | st.builds(
    RunRecord, st.just(RUN), st.integers(1, 9), st.just("Run 1 (synthetic)"), st.floats(0, 1e9), st.just("running")
)


@st.composite
def happenings(draw: st.DrawFn, most: int = 12) -> list[ServiceEvent]:
    """What a source may say of one run: polls that are answered or not, at any pace, on clocks that may be set."""
    reader, last = StateReader(), body([])
    wall, mono = 1_768_469_400.0, 1000.0
    result: list[ServiceEvent] = []
    for _ in range(draw(st.integers(1, most))):
        passed = draw(st.sampled_from([1.0, 5.0, 5.0, 30.0, 200.0, 7200.0]))
        wall, mono = wall + passed + draw(st.sampled_from([0.0, 0.0, 0.0, -3600.0, 600.0])), mono + passed
        at = Instant(wall, mono)
        kind = draw(st.sampled_from(["answer", "answer", "same", "miss", "learn"]))
        if kind == "miss":
            result.append(PollFailed(at, draw(PROBLEMS), draw(st.none() | st.just(mono + 5))))
        elif kind == "learn":
            name = draw(st.sampled_from(["", "Doorbell (synthetic)"]))
            result.append(Identified(at, PROJECT, name, draw(RECORDS)))
        else:
            last = draw(BODIES) if kind == "answer" else last
            date = draw(st.none() | st.just(float(int(at.wall))) | st.floats(0, 4e9))
            result.append(PollSucceeded(at, reader.read_now(last), draw(st.sampled_from([5.0, 30.0, None])), date))
    return result
