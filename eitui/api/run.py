"""The tuner's state without its trials, its list of runs, and the projects that a key opens."""

from eitui.api.errors import Rejected
from eitui.api.lenient import Part, answer
from eitui.api.readable import readable_pairs, stated
from eitui.api.values import positive, positive_whole
from eitui.domain.run import (
    Config,
    Counts,
    KeyInfo,
    Objective,
    Project,
    Run,
    RunRecord,
    SearchSpace,
    Target,
    Worker,
    WorkerCounts,
)
from eitui.domain.trial import Payload, Trial


def rest_of(body: bytes) -> Part:
    """Return a state without its trials. One without a list of them is a state if it has other parts of one.

    Raises:
        Rejected: the service says that it did not succeed.
        BadAnswer: it is no tuner's state.
    """
    response = answer(body)
    trials = response.value("trials")
    if not isinstance(trials, list | None) or (
        trials is None and not {"trials", "config", "status"} & {*response.names}
    ):
        raise response.unexpected("trials", "a list")
    return response


def run_of(part: Part, trials: tuple[Trial, ...], payload: Payload) -> Run:
    """Return the run that a state describes, which is read from `payload`; `trials` are its trials."""
    status, config = part.part("status"), part.part("config")
    return Run(
        status=status.text("status"),
        config=_config(config),
        counts=_counts(status, trials),
        worker_counts=WorkerCounts(
            *(status.whole(key) or 0 for key in ("numPendingWorkers", "numReadyWorkers", "numBusyWorkers"))
        ),
        trials=trials,
        workers=tuple(Worker(worker.text("workerId"), worker.text("status")) for worker in part.parts("workers")),
        algorithm=part.text("tuningAlgorithm") or config.text("tuningAlgorithm"),
        tuner_job_id=part.whole("tunerJobId"),
        coordinator_job_id=part.whole("tunerCoordinatorJobId"),
        job_running=part.flag("tunerJobIsRunning"),
        job_error=part.text("jobError"),
        continued_job_id=part.whole("continuationJobId"),
        data_type=part.text("projectDataType"),
        can_extend_search=part.flag("canExtendSearch") is True,
        total_training_time_exceeded=part.flag("totalTrainingTimeExceeded") is True,
        problems=_problems(trials),
        payload=payload,
    )


def _counts(status: Part, trials: tuple[Trial, ...]) -> Counts:
    """Return the service's own counts, or ours where it gives none."""
    words = ("pending", "running", "completed", "failed")
    counts = [status.whole(f"num{word.capitalize()}Trials") for word in words]
    if any(count is not None for count in counts):
        return Counts(*(max(0, count or 0) for count in counts))
    found = [trial.status for trial in trials]
    return Counts(*map(found.count, words))


def _problems(trials: tuple[Trial, ...]) -> tuple[str, ...]:
    bad = [trial for trial in trials if trial.problem]
    if not bad:
        return ()
    which = "One trial" if len(bad) == 1 else f"{len(bad)} trials"
    return (f"{which} could not be read ({bad[0].problem}); the others are shown",)


def _config(part: Part) -> Config:
    device = part.part("targetDevice")
    return Config(
        name=part.text("name"),
        target=Target(
            device.text("name"),
            positive(part.number("targetLatency")),
            # Bytes, also when small: parts with 2 to 8 KiB of RAM exist as custom targets.
            positive_whole(device.whole("ram")),
            positive_whole(device.whole("rom")),
        ),
        precision=part.text("optimizationPrecision") or None,
        training_cycles=positive_whole(part.whole("trainingCycles")),
        max_trials=positive_whole(part.whole("tuningMaxTrials")),
        max_workers=positive_whole(part.whole("tuningWorkers")),
        initial_trials=part.whole("initialTrials"),
        rounds=part.whole("optimizationRounds"),
        trials_per_round=part.whole("trialsPerOptimizationRound"),
        objectives=tuple(
            Objective(item.text("objective"), item.text("label"), item.number("weight"))
            for item in part.parts("optimizationObjectives")
        ),
        early_stopping_window=positive_whole(part.whole("earlyStoppingWindowSize")),
        early_stopping_bar=positive(part.number("earlyStoppingImprovementBar")),
        max_total_training_s=positive(part.number("maxTotalTrainingTime")),
        search_space=_search_space(part.part("searchSpaceSource"), part.part("searchSpaceTemplate")),
        job_memory_mib=positive_whole(part.whole("tunerChildJobMemoryMiB")),
        others=_other_settings(part),
    )


_SHOWN_BY_NAME = frozenset(
    {"name", "targetLatency", "targetDevice", "optimizationPrecision", "trainingCycles", "tuningMaxTrials"}
    | {"initialTrials", "optimizationRounds", "trialsPerOptimizationRound", "tuningAlgorithm", "rawObjectives"}
    | {"optimizationObjectives", "earlyStoppingWindowSize", "earlyStoppingImprovementBar", "maxTotalTrainingTime"}
    | {"searchSpaceSource", "searchSpaceTemplate", "tunerChildJobMemoryMiB"}
)
"""Settings that have a name of their own in `Config`. All others are shown as they are."""

_TOO_LONG = frozenset({"space"})
"""Settings that are pages of JSON."""

_SETTINGS = {
    "tuningWorkers": "workers at most",
    "precision": "precisions",
    "earlyStopping": "early stopping within trials",
    "MOMF": "multi-fidelity search",
    "enableSEM": "standard errors",
    "accuracySEM": "standard error of accuracy",
    "latencySEM": "standard error of latency",
    "tunerSpaceOptions": "options",
}
"""Names of settings that their field does not tell."""


def _other_settings(part: Part) -> tuple[tuple[str, str], ...]:
    keys = [key for key in part.names if key not in _SHOWN_BY_NAME | _TOO_LONG]
    return readable_pairs(stated({_SETTINGS.get(key, key): part.value(key) for key in keys}))


def _search_space(source: Part, template: Part) -> SearchSpace:
    titles = (source.text(key) for key in ("templateTitle", "runTitle", "impulseTitle"))
    return SearchSpace(
        source.text("type"),
        next(filter(None, titles), ""),
        template.text("identifier"),
        tuple(key for key in ("classification", "regression", "anomaly") if template.flag(key) is True),
    )


def records_of(body: bytes) -> tuple[RunRecord, ...]:
    """Return the project's runs as its list of runs describes them; raise ApiError where there is no list."""
    return tuple(
        RunRecord(
            run.whole("tunerCoordinatorJobId"),
            run.whole("index"),
            run.text("name"),
            run.seconds("created"),
            run.text("jobStatus"),
        )
        for run in answer(body).required("runs")
    )


def projects_of(body: bytes) -> tuple[Project, ...]:
    """Return the projects that the API key opens; raise ApiError where there is no list."""
    found = ((project.whole("id"), project.text("name")) for project in answer(body).required("projects"))
    return tuple(Project(project_id, name) for project_id, name in found if project_id is not None)


def key_info_of(body: bytes) -> KeyInfo:
    """Return what the service says of the API key; raise ApiError where it refuses."""
    response = answer(body)
    return KeyInfo(response.text("role"), response.whole("projectId"))


def only_project(projects: tuple[Project, ...]) -> Project:
    """Return the project that an API key belongs to.

    Raises:
        Rejected: the key opens no project, or several: then only the user can say which.
    """
    if len(projects) == 1:
        return projects[0]
    some = ", ".join(f"{project.id} ({project.name})" for project in projects[:3])
    what = f"The API key opens {len(projects)} projects: {some}, …" if projects else "The API key opens no project"
    raise Rejected(what, "Say which with --project or EI_PROJECT_ID.", final=True)
