"""How far a trial is: each block's state, its worker and its jobs, and what became of it; and what it is made of."""

import re
from datetime import UTC, datetime, tzinfo

from eitui.domain.detail import TrialDetail
from eitui.domain.run import Run
from eitui.domain.trial import Trial
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit, len_cells
from eitui.view.kit.lines import Line
from eitui.view.kit.page import heading, note_lines, pair_lines
from eitui.view.kit.status import DONE, Status, status
from eitui.view.trial.parts import finished

_HOST = re.compile(r"(?=.*[a-z])[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
_TITLES = {"input": "input", "dsp": "DSP", "learn": "learn"}
_HEADS = {"input": "Input", "dsp": "DSP", "learn": "Learn"}
_MOST_STATUS = 12


def trial_progress_lines(
    detail: TrialDetail,
    trial: Trial,
    run: Run,
    width: int,
    *,
    now: float | None = None,
    tz: tzinfo | None = None,
    studio: str = "",
) -> list[Line]:
    """Return the progress on lines of at most `width` cells (60 or more).

    `now` is the service's clock, in seconds since the Unix epoch: where it is not known, times are shown with their
    date. `tz` is the time zone to
    show them in, None for this machine's. `studio` is the run's address, see `studio_link`.
    """
    shown = status(trial.status)
    times = f" after {trial.retries + 1} attempts" if trial.retries else ""
    epoch = f", epoch {trial.epoch}" if trial.epoch is not None else ""
    state: Line = ((shown.text, shown.tone), (f"{times}{epoch}", ""))

    # What else is known, by name; what is not is left out.
    jobs = detail.jobs
    facts: list[tuple[str, object]] = [
        ("worker", trial.worker_id),
        ("round", trial.round),
        ("last epoch finished", _time(trial.last_completed_epoch, now, tz)),
        ("training finished", _time(trial.last_completed_training, now, tz)),
        ("job, features of training data", jobs.dsp_training),
        ("job, features of test data", jobs.dsp_testing),
        ("job, learning", jobs.learn),
        ("job, search", run.tuner_job_id),
        ("job, coordinator", run.coordinator_job_id),
        ("trial", trial.id),
        ("made from trial", detail.original_trial_id if detail.original_trial_id != trial.id else None),
        ("experiment", detail.experiment),
        ("made in post-processing", "yes" if detail.created_in_post_processing else None),
    ]
    known = [(name, str(value)) for name, value in facts if value not in (None, "")]

    if detail.added is None:
        added = note_lines("Unknown whether it was added to the project as an impulse.", width)
    else:
        number = f" as impulse {detail.added.impulse_id}" if detail.added.impulse_id is not None else ""
        added = [(DONE.says(f"Added to the project{number}"),)]
        if detail.added.link:
            added += pair_lines([("link", detail.added.link)], width)
    if studio:
        added += pair_lines([("run in the Studio", studio)], width, indent=0)
    blocks = _blocks(detail, trial, width, now, tz)
    return finished([[state], blocks, pair_lines(known, width, indent=0), added], detail, width)


def studio_of(endpoint: str) -> str:
    """Return the address of the Studio whose service is at `endpoint`, a host; empty where that is not its name."""
    return f"https://{endpoint}" if _HOST.fullmatch(endpoint) else ""


def studio_link(host: str, project_id: int | None, coordinator_job_id: int | None) -> str:
    """Return the address of a run in the Studio; empty where it cannot be known.

    `host` is such as `https://studio.edgeimpulse.com`, without a path.
    """
    if not host or project_id is None or coordinator_job_id is None:
        return ""
    return f"{host.rstrip('/')}/studio/{project_id}/tuner/{coordinator_job_id}"


def impulse_link(host: str, project_id: int | None, impulse_id: int | None) -> str:
    """Return the address of an impulse in the Studio; empty where it cannot be known."""
    if not host or project_id is None or impulse_id is None:
        return ""
    return f"{host.rstrip('/')}/studio/{project_id}/impulse/{impulse_id}/create-impulse"


def trial_link(host: str, project_id: int | None, run: Run, trial: Trial) -> str:
    """Return the address of the impulse that a trial was made into; of its run where it was made into none."""
    from eitui.api.detail import detail_of

    added = detail_of(trial).added
    made = impulse_link(host, project_id, added.impulse_id) if added is not None else ""
    return made or studio_link(host, project_id, run.coordinator_job_id)


def _blocks(detail: TrialDetail, trial: Trial, width: int, now: float | None, tz: tzinfo | None) -> list[Line]:
    if not trial.blocks:
        return note_lines("The progress of this trial's blocks is unknown.", width)
    rows: list[tuple[Status, str, str, str]] = []
    for place, block in enumerate(trial.blocks):
        kind = _TITLES.get(block.kind, block.kind) or "block"
        retries = f"{block.retries} {'retry' if block.retries == 1 else 'retries'}" if block.retries > 0 else ""
        at = block.last_active
        time = detail.last_active.get(place, "") if at is None else _time(at, now, tz)
        rows.append((status(block.status), kind if block.id is None else f"{kind} {block.id}", retries, time))
    kinds = max(len_cells(kind) for _, kind, _, _ in rows)
    words = min(_MOST_STATUS, max(len_cells(shown.word) for shown, _, _, _ in rows))
    again = max(len(retries) for _, _, retries, _ in rows)
    return [
        heading("Blocks"),
        *(
            (
                (f"  {fit(shown.sign, 1)} ", shown.tone),
                (fit(kind, kinds), ""),
                (f"  {fit(shown.word, words)}", shown.tone),
                (f"  {fit(retries, again)}" if again else "", "warn"),
                (f"  last active {time}" if time else "  not active yet", "dim"),
            )
            for shown, kind, retries, time in rows
        ),
    ]


def _time(at: float | None, now: float | None, tz: tzinfo | None) -> str:
    """Return a time, and how long ago it was where `now` is known; empty where it is not known."""
    if at is None:
        return ""
    if now is None:
        try:
            return f"{datetime.fromtimestamp(at, tz or UTC):%Y-%m-%d %H:%M:%S}{'' if tz else ' UTC'}"
        except (OverflowError, ValueError, OSError):
            return ""
    ago = now - at
    if ago < 0:
        return fmt.clock(at, now, tz)
    return f"{fmt.clock(at, now, tz)} ({fmt.duration(ago) if ago >= 60 else '<1m'} ago)"


def trial_impulse_lines(detail: TrialDetail, trial: Trial, run: Run, width: int) -> list[Line]:
    """Return the blocks, one below the other, on lines of at most `width` cells (60 or more)."""
    if not detail.blocks and not detail.model:
        why = "the data could not be read" if trial.problem else "the service sent none"
        return finished([note_lines(f"The impulse of this trial is unknown: {why}.", width)], detail, width)
    model = [heading("Candidate", "as the search defines it"), *pair_lines(detail.model, width)] if detail.model else []
    sections = []
    for block in detail.blocks:
        what = " · ".join(dict.fromkeys(filter(None, [block.title, block.type])))
        parameters = pair_lines(block.parameters, width) or [(("  no parameters", "dim"),)]
        sections.append([heading(_HEADS.get(block.kind, block.kind), what), *parameters])
    return finished([*sections, model], detail, width)
