"""The top of the monitor: which run, how far, how long, within which limits, and whether it is live."""

from collections.abc import Sequence

from eitui.analysis.clock import age_s, freshness, own_time
from eitui.analysis.eta import Eta, changed_at, elapsed, eta, planned_trials
from eitui.analysis.figures import Lens
from eitui.analysis.ranking import ranked, usual_lens
from eitui.analysis.standing import by_state, progress_of, run_state, waiting_for, why_ended
from eitui.analysis.update_history import Stuck, stuck
from eitui.domain.moment import Freshness, Instant, Moment
from eitui.domain.run import Run, Target
from eitui.domain.text import clean
from eitui.domain.trial import COMPLETED, FAILED, RUNNING
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit, wrap
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import EMPTY_LINE, Line, Span, crop, joined, spread, width_of
from eitui.view.kit.status import status
from eitui.view.run.best import best_trials_line
from eitui.view.run.past import Past, kept_line, live_edge, lost, whereabouts, why_not_kept

_MINUTE = 60.0

UNENCRYPTED = "! http: API key is sent unencrypted"
"""Stands there as long as it is so: what is printed before the monitor opens is gone from the screen at once."""

NOTICE_LINES = 4
"""Lines that one notice may take."""

_WHAT_LENGTH = 160
"""Characters of what went wrong: the service may say it at length, and what to do must still be in sight."""

_FRESH_TONE = {
    Freshness.LIVE: "good",
    Freshness.LATE: "warn",
    Freshness.STALE: "bad",
    Freshness.STOPPED: "bad",
    Freshness.CONNECTING: "dim",
}


def header(
    moment: Moment,
    now: Instant,
    width: int,
    *,
    paused: bool = False,
    past: Past | None = None,
    today: Instant | None = None,
    lens: Lens | None = None,
    unencrypted: bool = False,
) -> list[Line]:
    """Return the header's four lines, one for the best trials, and one more for every thing the user must know.

    None is wider than `width`.

    `moment` is shown as of `now`. Where that is not the newest there is, `past` says which time it is, and `today` is
    the present. `lens` is that whose figures are shown; None for what the run itself is about. `unencrypted` says that
    the API key can be read on the way to the service.
    """
    run, today = moment.run, today or now
    time = _time(moment, now)
    return [
        _identity(moment, standing(moment, now, paused=paused, past=past, today=today), width),
        _progress(run, width),
        _target(run, lens or usual_lens(run), width),
        crop(time, width) if past is None else spread(time, (*live_edge(past, today), (" ", "")), width),
        *([best] if (best := best_trials_line(ranked(moment), width)) else []),
        *((((f" {UNENCRYPTED}", "warn"),),) if unencrypted else ()),
        *(line for notice, tone in _notices(moment, now, past) for line in _told(notice, tone, width)),
    ]


def standing(
    moment: Moment, now: Instant, *, paused: bool = False, past: Past | None = None, today: Instant | None = None
) -> list[Line]:
    """Return which time is shown, or how fresh the picture is and whether it is kept. Arguments as of `header`."""
    if past is not None:
        return [whereabouts(past, today or now)]
    return [(("paused", "warn"),) if paused else EMPTY_LINE, kept_line(moment.recording), _fresh(moment, now)]


def _told(notice: str, tone: str, width: int) -> list[Line]:
    lines = wrap(notice, width - 2)
    if len(lines) > NOTICE_LINES:
        cut = fit(lines[NOTICE_LINES - 1] + " …", width - 2).rstrip()
        lines = [*lines[: NOTICE_LINES - 1], cut]
    return [((" ", ""), (line, tone)) for line in lines]


def _identity(moment: Moment, states: Sequence[Line | None], width: int) -> Line:
    run = moment.run
    project = f"#{moment.project_id}" if moment.project_id is not None else ""
    name = " ".join(part for part in (moment.project_name, project) if part)
    left = joined(
        [
            ((" eitui", "title"),),
            ((name, ""),) if name else None,
            ((run.config.name, "accent"),) if run.config.name else None,
            ((run.algorithm, "dim"),) if run.algorithm else None,
        ],
        "  ",
    )
    return spread(left, (*joined([_status(moment), *states], "  "), (" ", "")), width)


def _status(moment: Moment) -> Line:
    state = run_state(moment)
    return ((status(state).text, status(state).tone),) if state else EMPTY_LINE


def _fresh(moment: Moment, now: Instant) -> Line:
    state = freshness(moment.connection, now.mono)
    age = age_s(moment.connection, now.mono)
    # While all is well the age is left out: a number that ticks would be sent over the line every second.
    shown = f" {fmt.age(age)}" if age is not None and state is not Freshness.LIVE else ""
    return ((f"{state}{shown}", _FRESH_TONE[state]),)


def _progress(run: Run, width: int) -> Line:
    total = planned_trials(run)
    if not total:
        return ((" no trials yet", "dim"),)
    parts: list[Span] = [
        (f"{status(word).sign} {count} {word}", status(word).tone if count or word != FAILED else "dim")
        for word, count in by_state(run)
    ]
    text = (f" {progress_of(run)} ", ""), *joined([(part,) for part in parts], "  ")
    room = max(10, min(60, width - width_of(text) - 3))
    return crop(((" ", ""), *_bar(run, total, room), (" ", ""), *text), width)


def _bar(run: Run, total: int, width: int) -> Line:
    """Return a bar whose parts differ in shape as well as in tone."""
    counts = run.counts
    shares = [(counts.completed, "━", COMPLETED), (counts.failed, "╍", FAILED), (counts.running, "─", RUNNING)]
    drawn: list[Span] = []
    done = position = 0
    for count, glyph, word in shares:
        done += count
        end = round(width * done / total)
        drawn.append((glyph * (end - position), status(word).tone))
        position = end
    drawn.append(("·" * (width - position), "dim"))
    return tuple(span for span in drawn if span[0])


def _target(run: Run, lens: Lens, width: int) -> Line:
    target = run.config.target
    if not run.started and not target.device:
        return EMPTY_LINE
    device = target.device or "no target device"
    parts: list[Line | None] = [((f" {device}", ""),), *(((limit, ""),) for limit in _limits(target))]
    if lens == usual_lens(run):
        return crop(joined([*parts, ((f"{lens.precision} figures", "dim"),)]), width)
    return spread(joined(parts), ((OWN_CHOICE, "accent"), (f" {lens.precision} {lens.part} figures ", "accent")), width)


OWN_CHOICE = "≠"
"""Before what figures are shown: they are not those that the run itself is about."""


def _limits(target: Target) -> list[str]:
    """Return the limits a target sets, each in a few words."""
    bounds = [
        (target.latency_ms, "latency", fmt.latency),
        (target.ram_bytes, "RAM", fmt.memory),
        (target.rom_bytes, "ROM", fmt.memory),
    ]
    bounds_shown = [f"{name} ≤ {show(value)}" for value, name, show in bounds if value is not None]
    return bounds_shown or ["no limits"]


def _time(moment: Moment, now: Instant) -> Line:
    if not moment.run.started:
        return EMPTY_LINE
    so_far: Line = ((f" {time_so_far(moment, now)}", ""),)
    if moment.run.finished:
        return so_far
    if waits := waiting_for(moment):
        return joined([so_far, ((waits, "accent"),)])
    still = stuck(moment)
    if still is not None and still.entirely:
        return joined([so_far, ((stuck_words(still, own_time(moment.connection, now)), "warn"),), _NOT_TOLD])
    estimate = eta(moment, changed_at(moment, now))
    return joined([so_far, ((time_left(estimate), ""), (f" ({estimate.reason})", "dim"))])


_NOT_TOLD: Line = (("time left unknown", ""),)


def stuck_words(still: Stuck, now: float) -> str:
    """Return how many trials are silent, and for how long; `now` is as of `own_time`."""
    silent_for = fmt.duration(max(0.0, now - still.since))
    if not still.running:
        return f"no trial is running, nothing new for {silent_for}"
    return f"{still.running} running, {still.silent} silent for {silent_for}"


def time_so_far(moment: Moment, now: Instant) -> str:
    """Return how long the run has taken, or how long it was watched when the service does not say when it began."""
    own = own_time(moment.connection, now)
    so_far = elapsed(moment, own)
    if moment.run.finished:
        return "ended" if so_far is None else f"took {fmt.duration(so_far)}"
    if so_far is not None:
        return f"elapsed {_minutes(so_far)}"
    began = moment.history.began
    return f"watched for {_minutes(own - began)}" if began is not None else ""


def _minutes(seconds: float) -> str:
    """Return a time that goes on, never in seconds: they would be sent over the line one by one."""
    return fmt.duration(seconds) if seconds >= _MINUTE else "<1m"


def time_left(estimate: Eta) -> str:
    """Return the estimate as a range that says what it is."""
    left = range_left(estimate)
    return f"{left} left" if left else "time left unknown"


def range_left(estimate: Eta) -> str:
    """Return the estimate as a range alone; empty where there is none."""
    if estimate.low is None or estimate.high is None:
        return ""
    if estimate.high < _MINUTE:
        return "less than 1m"
    low, high = fmt.duration(estimate.low), fmt.duration(estimate.high)
    if estimate.low < _MINUTE:
        return f"up to {high}"
    return f"about {high}" if low == high else f"{low}–{high}"


def _notices(moment: Moment, now: Instant, past: Past | None) -> list[tuple[str, str]]:
    run, problem = moment.run, moment.connection.problem
    notices = [] if past is None else [(f"! {text}", "warn") for text in lost(past)]
    if problem is not None:
        note = [f"✗ {clean(problem.what, _WHAT_LENGTH)}.", problem.advice, _meanwhile(moment, now, past)]
        notices.append((" ".join(filter(None, note)), "bad"))
    if past is None and (unsafe := why_not_kept(moment.recording)):
        notices.append((f"✗ {unsafe}", "bad"))
    if run.job_error:
        notices.append((f"✗ The tuner reports an error: {run.job_error}", "bad"))
    if run.total_training_time_exceeded:
        notices.append(("! The total training time limit was exceeded", "warn"))
    still = stuck(moment)
    if still is not None and not still.entirely:
        notices.append((f"! {stuck_words(still, own_time(moment.connection, now))}", "warn"))
    if why := why_ended(moment):
        notices.append((f"! {why}", "warn"))
    if run.finished and run.trials and run.can_extend_search:
        notices.append(("+ The search can be extended in the Studio: the tuner expects better candidates", "accent"))
    notices += [(f"! {text}", "warn") for text in run.problems]
    return notices


def _meanwhile(moment: Moment, now: Instant, past: Past | None) -> str:
    connection, shown = moment.connection, ""
    if connection.last_good is not None:
        shown = f"Data shown is from {fmt.clock(connection.last_good.wall, now.wall)}."
    if past is not None:
        return shown
    if connection.retry_at is None:
        return f"{shown} {keyed('{feed.poll} asks again.')}".strip()
    wait = max(0.0, connection.retry_at - now.mono)
    again = f"Asking again {f'in {fmt.age(wait)}' if wait >= 1 else 'now'}"
    return f"{shown} {again}; {keyed('{feed.poll} asks now.')}".strip()
