"""The tuner's state without its trials, its list of runs, and the projects that a key opens."""

from eitui.analysis.figures import finite
from eitui.api.errors import Rejected
from eitui.api.lenient import Part, answer, positive
from eitui.api.readable import readable_pairs, stated
from eitui.domain.action import PlanLimits
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
from eitui.domain.trial import COMPLETED, FAILED, PENDING, RUNNING, Payload, Trial


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
    workers = tuple(Worker(worker.text("workerId"), worker.text("status")) for worker in part.parts("workers"))
    listed = isinstance(part.value("workers"), list)

    def worker_count(word: str) -> int | None:
        """Return the service's own count; where it gives none, that of its list; None where it has neither."""
        told = status.whole(f"num{word.capitalize()}Workers")
        if told is not None:
            return max(0, told)
        return sum(worker.status == word for worker in workers) if listed else None

    counts, uncounted, miscounted = _counts(status, trials if isinstance(part.value("trials"), list) else None)
    bad = [trial for trial in trials if trial.problem]
    which = "One trial" if len(bad) == 1 else f"{len(bad)} trials"
    unread = f"{which} could not be read ({bad[0].problem}); the others are shown" if bad else ""
    return Run(
        status=status.text("status"),
        config=_config(config),
        counts=counts,
        uncounted=uncounted,
        worker_counts=WorkerCounts(worker_count("pending"), worker_count("ready"), worker_count("busy")),
        trials=trials,
        workers=workers,
        algorithm=part.text("tuningAlgorithm") or config.text("tuningAlgorithm"),
        tuner_job_id=part.whole("tunerJobId"),
        coordinator_job_id=part.whole("tunerCoordinatorJobId"),
        job_running=part.flag("tunerJobIsRunning"),
        job_error=part.text("jobError"),
        continued_job_id=part.whole("continuationJobId"),
        data_type=part.text("projectDataType"),
        next_run_index=part.whole("nextRunIndex"),
        can_extend_search=part.flag("canExtendSearch"),
        total_training_time_exceeded=part.flag("totalTrainingTimeExceeded"),
        miscounted=miscounted,
        problems=tuple(filter(None, [unread, miscounted])),
        payload=payload,
    )


_TRIAL_WORDS = (PENDING, RUNNING, COMPLETED, FAILED)


def _counts(status: Part, trials: tuple[Trial, ...] | None) -> tuple[Counts, frozenset[str], str]:
    """Return how many trials are in which state, the states of which that is not known, and contradictions.

    These are where the service's own counts contradict its list of trials.

    The list is counted. The service's counts only add the pending trials that it does not list yet; without a list
    (None) they are all there is.
    """
    told = {word: status.whole(f"num{word.capitalize()}Trials") for word in _TRIAL_WORDS}
    if trials is None:
        unknown = frozenset(word for word, count in told.items() if count is None)
        return Counts(*(max(0, count or 0) for count in told.values())), unknown, ""
    found = [trial.status for trial in trials]
    listed = {word: found.count(word) for word in _TRIAL_WORDS}
    other = len(found) - sum(listed.values())
    unlisted = max(0, (told[PENDING] or 0) - listed[PENDING] - other)
    apart = {
        word: count
        for word, count in told.items()
        if count is not None and count != listed[word] and not (word == PENDING and count > listed[word])
    }
    counts = Counts(listed[PENDING] + unlisted, listed[RUNNING], listed[COMPLETED], listed[FAILED], other)
    # A trial whose state is not known is counted by the service in one of its own.
    if sum(abs(count - listed[word]) for word, count in apart.items()) <= other:
        return counts, frozenset(), ""
    differences = ", ".join(f"{word}: {count} counted, {listed[word]} listed" for word, count in apart.items())
    return counts, frozenset(), f"The service's counts contradict its list of trials ({differences}); the list is used"


def _config(part: Part) -> Config:
    device = part.part("targetDevice")
    source, template = part.part("searchSpaceSource"), part.part("searchSpaceTemplate")

    # What the search optimises; from `rawObjectives` (`val_accuracy:1.0,latency:0.3`) where that is all.
    objectives = [
        Objective(item.text("objective"), item.text("label"), item.number("weight"))
        for item in part.parts("optimizationObjectives")
    ]
    for text in filter(None, map(str.strip, () if objectives else part.text("rawObjectives").split(","))):
        name, _, weight = text.rpartition(":")
        try:
            objective = Objective(name.strip(), "", finite(float(weight)))
        except ValueError:
            objective = Objective("", "")
        # What is written otherwise is a name as it is.
        objectives.append(objective if objective.name else Objective(text, ""))

    titles = (source.text(key) for key in ("templateTitle", "runTitle", "impulseTitle"))
    others = [key for key in part.names if key not in _SHOWN_BY_NAME | _TOO_LONG]
    return Config(
        name=part.text("name"),
        target=Target(
            device.text("name"),
            positive(part.number("targetLatency")),
            # Bytes, also when small: parts with 2 to 8 KiB of RAM exist as custom targets.
            positive(device.whole("ram")),
            positive(device.whole("rom")),
        ),
        precision=part.text("optimizationPrecision") or None,
        training_cycles=positive(part.whole("trainingCycles")),
        max_trials=positive(part.whole("tuningMaxTrials")),
        max_workers=positive(part.whole("tuningWorkers")),
        initial_trials=part.whole("initialTrials"),
        rounds=part.whole("optimizationRounds"),
        trials_per_round=part.whole("trialsPerOptimizationRound"),
        objectives=tuple(objectives),
        early_stopping_window=positive(part.whole("earlyStoppingWindowSize")),
        early_stopping_bar=positive(part.number("earlyStoppingImprovementBar")),
        max_total_training_s=positive(part.number("maxTotalTrainingTime")),
        search_space=SearchSpace(
            source.text("type"),
            next(filter(None, titles), ""),
            template.text("identifier"),
            tuple(key for key in ("classification", "regression", "anomaly") if template.flag(key) is True),
        ),
        job_memory_mib=positive(part.whole("tunerChildJobMemoryMiB")),
        others=readable_pairs(stated({_SETTINGS.get(key, key): part.value(key) for key in others})),
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


MOST_RUNS = 2_000
"""Runs of a project that are listed, the newest."""


def records_of(body: bytes) -> tuple[RunRecord, ...]:
    """Return the project's runs as its list of runs describes them; raise ApiError where there is no list.

    They are in the service's order, the newest `MOST_RUNS` of them.
    """
    records = [
        RunRecord(
            run.whole("tunerCoordinatorJobId"),
            run.whole("index"),
            run.text("name"),
            run.seconds("created"),
            run.text("jobStatus"),
            run.whole("continuationJobId"),
            run.flag("visible") is False,
        )
        for run in answer(body).required("runs")
    ]
    if len(records) > MOST_RUNS:
        kept = sorted(range(len(records)), key=lambda place: -(records[place].created or 0.0))[:MOST_RUNS]
        records = [records[place] for place in sorted(kept)]
    return tuple(records)


def projects_of(body: bytes) -> tuple[Project, ...]:
    """Return the projects that the API key opens; raise ApiError where there is no list."""
    found = ((project.whole("id"), project.text("name")) for project in answer(body).required("projects"))
    return tuple(Project(project_id, name) for project_id, name in found if project_id is not None)


def key_info_of(body: bytes) -> KeyInfo:
    """Return what the service says of the API key; raise ApiError where it refuses."""
    response = answer(body)
    return KeyInfo(response.text("role"), response.whole("projectId"))


def limits_of(body: bytes) -> PlanLimits:
    """Return what the plan of a project allows, by the project's own information; raise ApiError where it refuses."""
    response = answer(body)
    minutes, left = response.part("performance").number("jobLimitM"), response.part("computeTime").number("timeLeftMs")
    return PlanLimits(
        60 * minutes if minutes is not None and minutes > 0 else None, None if left is None else max(0.0, left / 1000)
    )


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
