"""The top of the monitor: which run, how far, how long, within which limits, the best trials, and which time."""

from dataclasses import dataclass
from datetime import datetime

from eitui.analysis.clock import age_s, freshness, own_time
from eitui.analysis.eta import Eta, changed_at, elapsed, eta, planned_trials
from eitui.analysis.figures import Lens
from eitui.analysis.ranking import TIE_SIGN, TIED, has_limits, ranked, usual_lens
from eitui.analysis.standing import by_state, progress_of, run_state, waiting_for, why_ended
from eitui.analysis.update_history import Stuck, stuck
from eitui.domain.moment import EMPTY_MOMENT, Freshness, Instant, Keeping, Moment
from eitui.domain.run import Run, Standing
from eitui.domain.text import clean
from eitui.domain.trial import COMPLETED, FAILED, RUNNING, Trial
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit, wrap
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import EMPTY_LINE, Line, Span, crop, joined, spread, width_of
from eitui.view.kit.status import BEST, CAUTION, FAULT, FITS, NEWS, RECORDED_ELSEWHERE, RECORDED_HERE, status

_MINUTE, _HOUR = 60.0, 3600.0

UNENCRYPTED = f"{CAUTION.sign} http: API key is sent unencrypted"
"""Stands there as long as it is so: what is printed before the monitor opens is gone from the screen at once."""

NOTICE_LINES = 4
"""Lines that one notice may take."""

_WHAT_LENGTH = 160
"""Characters of what went wrong: the service may say it at length, and what to do must still be in sight."""

MOST_LOST = 3
"""Lines about what could not be read of a recording."""

_SAFE = "Earlier recordings are safe; watching continues."

_KEPT = {
    Keeping.HERE: RECORDED_HERE.span,
    Keeping.ELSEWHERE: RECORDED_ELSEWHERE.span,
    Keeping.FAILED: FAULT.says("not recorded"),
}

_SHORTER = ((" trials to go", " to go"), (", or early stop", ", early stop"), (", early stop", ", stop"))
"""Words of the time left, and fewer of them for where there is no room."""

_AGELESS = (Freshness.LIVE, Freshness.EARLIER)
"""What is shown without its age."""

_FRESH_TONE = {
    Freshness.LIVE: "good",
    Freshness.LATE: "warn",
    Freshness.STALE: "lost",
    Freshness.EARLIER: "mode",
    Freshness.STOPPED: "lost",
    Freshness.CONNECTING: "dim",
}


@dataclass(frozen=True)
class Past:
    """Which time the screen shows, and how it is played."""

    live: bool = True
    """Whether the run goes on meanwhile; False: it is a recording that is replayed."""
    at: float | None = None
    """The time shown, in seconds since the Unix epoch; None: nothing is shown yet."""
    playing: bool = False
    speed: int = 1
    edge: Moment = EMPTY_MOMENT
    """The newest there is of a run that goes on."""
    new_alerts: int = 0
    """Alerts live since it was left."""
    lost: tuple[str, ...] = ()
    """What of the recording could not be read."""
    earlier: bool = False
    """Whether it is of an earlier run, beside the one that is watched."""


def has_result(moment: Moment) -> bool:
    """Whether the run is over and came to anything."""
    return moment.run.finished and bool(moment.run.trials)


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
    simulated: bool = False,
    note: Line = EMPTY_LINE,
    most: int = 1000,
    result: bool = False,
) -> list[Line]:
    """Return the header's four lines, one for the best trials, and one more for every thing the user must know.

    None is wider than `width`. There are `most` of them, the most important ones where more have no room. With `result`
    why the run ended and which trials are best is in sight elsewhere.

    `moment` is shown as of `now`. Where that is not the newest there is, `past` says which time it is, and `today` is
    the present. `lens` is that whose figures are shown; None for what the run itself is about. `unencrypted` says that
    the API key can be read on the way to the service, `simulated` that there is none. `note` is one more line.
    """
    run, today = moment.run, today or now
    target, lens = run.config.target, lens or usual_lens(run)

    number = f"#{moment.project_id}" if moment.project_id is not None else ""
    project = " ".join(filter(None, (moment.project_name, number)))
    names: list[Line | None] = [
        ((" eitui", "title"),),
        ((project, ""),) if project else None,
        ((run.config.name, "accent"),) if run.config.name else None,
        ((run.algorithm, "dim"),) if run.algorithm else None,
    ]
    word = run_state(moment)
    states = standing(moment, now, paused=paused, past=past, today=today, simulated=simulated)
    state: Line = ((status(word).text, status(word).tone),) if word else EMPTY_LINE
    identity = spread(joined(names, "  "), (*joined([state, *states], "  "), (" ", "")), width)

    about = EMPTY_LINE
    if run.started or target.device:
        bounds = (
            (target.latency_ms, "latency", fmt.latency),
            (target.ram_bytes, "RAM", fmt.memory),
            (target.rom_bytes, "ROM", fmt.memory),
        )
        limits = [f"{name} ≤ {show(value)}" for value, name, show in bounds if value is not None] or ["no limits"]
        parts: list[Line | None] = [
            ((f" {target.device or 'no target device'}", ""),),
            *(((limit, ""),) for limit in limits),
        ]
        if lens == usual_lens(run):
            about = joined([*parts, ((f"{lens.precision} metrics", "dim"),)])
            if width_of(about) > width:
                about = crop(joined([*parts, ((lens.precision, "dim"),)]), width)
        else:
            own = ((OWN_CHOICE, "accent"), (f" {lens.precision} {lens.part} metrics ", "accent"))
            about = spread(joined(parts), own, width)

    # Of a run whose past is looked at: how it stands with it meanwhile.
    time, edge = _time(moment, now), EMPTY_LINE
    for words, fewer in _SHORTER:
        if width_of(time) > width:
            time = tuple((text.replace(words, fewer), tone) for text, tone in time)
    if past is not None and past.live:
        count = past.new_alerts
        news = f"{count} new alert{'s' * (count != 1)}, live" if count else "live"
        is_live = freshness(past.edge.connection, today.mono) is Freshness.LIVE
        edge = ((news, "warn" if count else "dim"), (f": {'OK' if is_live else _aged(past.edge, today)}", "dim"))
    time = crop(time, width) if past is None else spread(time, (*edge, (" ", "")), width)

    best = EMPTY_LINE if result else best_trials_line(ranked(moment), width)
    notices = _notices(moment, now, past, result=result)
    if most <= _FEW:
        return _few(identity, run, best, notices, unencrypted, width)[:most]
    lines = [identity, _progress(run, width), about]
    if not (result and past is None):
        lines.append(time)
    if best:
        lines.append(best)
    if note:
        lines.append(crop(note, width))
    if unencrypted:
        lines.append(((f" {UNENCRYPTED}", "warn"),))
    for notice, tone in notices:
        told = wrap(notice, width - 2)
        if len(told) > NOTICE_LINES:
            told[NOTICE_LINES - 1 :] = [fit(told[NOTICE_LINES - 1] + " …", width - 2).rstrip()]
        lines += [((" ", ""), (line, tone)) for line in told]
    # The device and its limits are known, and so is what stands in the table: they go first.
    for place in (2, 2, 2):
        if len(lines) > most and notices:
            del lines[place]
    return lines[:most]


_FEW, _SHORT = 2, 16


def most_lines(screen: int) -> int:
    """Return how many lines the header takes at most on a screen of so many lines."""
    return max(1, screen // 3) if screen >= _SHORT or screen <= _FEW else _FEW


def _few(
    identity: Line, run: Run, best: Line, notices: list[tuple[str, str]], unencrypted: bool, width: int
) -> list[Line]:
    """Return the two lines of a small screen: which run, and what is most important of all else."""
    if notices:
        notice, tone = min(notices, key=lambda one: one[1] != "bad")
        return [identity, crop(((f" {notice}", tone),), width)]
    if unencrypted:
        return [identity, crop(((f" {UNENCRYPTED}", "warn"),), width)]
    progress: Line = ((f" {progress_of(run)}", ""),) if progress_of(run) else ((" no trials yet", "dim"),)
    failed = run.counts.failed
    told: Line | None = ((f"{FAULT.sign} {failed}", FAULT.tone),) if failed else None
    return [identity, crop(joined([progress, told, best[1:] if best else None], "  "), width)]


def standing(
    moment: Moment,
    now: Instant,
    *,
    paused: bool = False,
    past: Past | None = None,
    today: Instant | None = None,
    simulated: bool = False,
) -> list[Line]:
    """Return which time is shown, or how fresh the picture is and whether it is kept. Arguments as of `header`."""
    unreal: Line = (("SIMULATED", "mode"),) if simulated else EMPTY_LINE
    if past is not None:
        present = today or now
        word = "PAST" if past.live else "EARLIER RUN" if past.earlier else "REPLAY"
        if past.at is None:
            return [unreal, ((word, "mode"),)]
        since, shown = present.wall - past.at, fmt.clock(past.at, present.wall)
        seconds = "" if shown == fmt.MISSING else f":{datetime.fromtimestamp(past.at):%S}"
        # A clock that was set back since tells nothing.
        ago = f" ({_minutes(since)} ago)" if past.live and since >= 0 else ""
        pace = f" {'▶' if past.playing else '❚❚'} {past.speed}×"
        return [unreal, ((f"{word} {shown}{seconds}{ago}", "mode"), (pace, "accent" if past.playing else "dim"))]
    state = freshness(moment.connection, now.mono)
    fresh: Line = ((_aged(moment, now), _FRESH_TONE[state]),)
    if moment.run.finished and state is Freshness.LIVE:
        # Nothing moves any more.
        fresh = (("up to date", "dim"),)
    kept = _KEPT.get(moment.recording.keeping)
    return [unreal, (("paused", "mode"),) if paused else EMPTY_LINE, EMPTY_LINE if kept is None else (kept,), fresh]


def _aged(moment: Moment, now: Instant) -> str:
    """Return how fresh the picture is. While all is well without its age: a number that ticks is sent every second."""
    state, age = freshness(moment.connection, now.mono), age_s(moment.connection, now.mono)
    return f"{state} {fmt.age(age)}" if age is not None and state not in _AGELESS else f"{state}"


def _progress(run: Run, width: int) -> Line:
    total, counts = planned_trials(run), run.counts
    if not total:
        return ((" no trials yet", "dim"),)
    parts: list[Span] = [
        (
            f"{status(word).sign} {fmt.MISSING if count is None else count} {word}",
            status(word).tone if count or word != FAILED else "dim",
        )
        for word, count in by_state(run)
    ]
    text = (f" {progress_of(run)} ", ""), *joined([(part,) for part in parts], "  ")
    room = max(10, min(60, width - width_of(text) - 3))

    # The parts of the bar differ in shape as well as in tone.
    bar: list[Span] = []
    done = position = 0
    for count, glyph, word in (
        (counts.completed, "━", COMPLETED),
        (counts.failed, "╍", FAILED),
        (counts.running, "─", RUNNING),
    ):
        done += count
        end = round(room * done / total)
        bar.append((glyph * (end - position), status(word).tone))
        position = end
    bar.append(("·" * (room - position), "dim"))
    return crop(((" ", ""), *(span for span in bar if span[0]), (" ", ""), *text), width)


OWN_CHOICE = "≠"
"""Before what figures are shown: they are not those that the run itself is about."""


def _time(moment: Moment, now: Instant) -> Line:
    if not moment.run.started:
        return EMPTY_LINE
    own, began = own_time(moment.connection, now), moment.history.began
    taken = elapsed(moment, own)
    if moment.run.finished:
        return ((" ended" if taken is None else f" took {fmt.duration(taken)}", ""),)
    so_far = " "
    if taken is not None:
        so_far = f" elapsed {_minutes(taken)}"
    elif began is not None:
        # The service does not say when it began.
        so_far = f" watched for {_minutes(own - began)}"
    still = stuck(moment)
    more: list[Line] = []
    if waits := waiting_for(moment):
        more.append(((waits, "accent"),))
    elif still is not None and still.entirely:
        more += [((stuck_words(still, own), "warn"),), (("time left unknown", ""),)]
    else:
        estimate = eta(moment, changed_at(moment, now))
        more += [((time_left(estimate), ""),), ((estimate.reason, "dim"),)]
    return joined([((so_far, ""),), *more])


def stuck_words(still: Stuck, now: float) -> str:
    """Return how many trials are silent, and for how long; `now` is as of `own_time`."""
    silent_for = fmt.duration(max(0.0, now - still.since))
    if not still.running:
        return f"no trial is running, nothing new for {silent_for}"
    return f"{still.running} running, {still.silent} silent for {silent_for}"


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
        return "less than 1 min"
    if estimate.high < _HOUR:
        low, high = str(int(estimate.low // _MINUTE)), f"{int(estimate.high // _MINUTE)} min"
        if f"{low} min" == high:
            low = high
    else:
        low, high = fmt.duration(estimate.low), fmt.duration(estimate.high)
    if estimate.low < _MINUTE:
        return f"up to {high}"
    return f"about {high}" if low == high else f"{low}–{high}"


def _notices(moment: Moment, now: Instant, past: Past | None, *, result: bool = False) -> list[tuple[str, str]]:
    run, connection, problem = moment.run, moment.connection, moment.connection.problem
    notices: list[tuple[str, str]] = []
    if past is not None:
        more = len(past.lost) - MOST_LOST
        lost = [*past.lost[:MOST_LOST], *([f"and {more} more like it"] if more > 0 else [])]
        notices += [CAUTION.says(text) for text in lost]
    if problem is not None:
        note = [f"{clean(problem.what, _WHAT_LENGTH)}.", problem.advice]
        if connection.last_good is not None:
            note.append(f"Data shown is from {fmt.clock(connection.last_good.wall, now.wall)}.")
        if past is None and connection.retry_at is None:
            note.append(keyed("{feed.poll} asks again."))
        elif past is None and connection.retry_at is not None:
            wait = max(0.0, connection.retry_at - now.mono)
            again = f"Asking again {f'in {fmt.age(wait)}' if wait >= 1 else 'now'}"
            note.append(f"{again}; {keyed('{feed.poll} asks now.')}")
        notices.append(FAULT.says(" ".join(filter(None, note))))
    if past is None and moment.recording.keeping is Keeping.FAILED:
        why = moment.recording.problem
        told = ["Not recorded."] if why is None else ["Not recorded:", f"{clean(why.what, _WHAT_LENGTH)}.", why.advice]
        notices.append(FAULT.says(" ".join(filter(None, (*told, _SAFE)))))
    if run.job_error and not result:
        notices.append(FAULT.says(f"The tuner reports an error: {run.job_error}"))
    if run.total_training_time_exceeded:
        notices.append(CAUTION.says("The total training time limit was exceeded"))
    still = stuck(moment)
    if still is not None and not still.entirely:
        notices.append(CAUTION.says(stuck_words(still, own_time(moment.connection, now))))
    if not result and (ended := why_ended(moment)):
        notices.append(CAUTION.says(ended))
    if run.finished and run.trials and run.can_extend_search and not result:
        notices.append(NEWS.says("The search can be extended in the Studio: the tuner expects better candidates"))
    notices += [CAUTION.says(text) for text in run.problems]
    return notices


# The best trials


def best_by(stands: Standing) -> str:
    """Return what trials are ranked by, and why that is not the run's own objective."""
    return f"{stands.by} ({stands.note})" if stands.note else stands.by


def best_trials_line(stands: Standing, width: int) -> Line:
    """Return both trials on a line of at most `width` cells; nothing while there is no best trial."""
    run, first, fitting = stands.of, stands.trial, stands.within_limits
    if first is None:
        return EMPTY_LINE
    by: Line = ((f"by {best_by(stands)}", "dim"),)
    if not has_limits(run.config.target):
        return crop(joined([_best_trial(BEST.sign, first, run), by], "  "), width)
    if fitting is first:
        return crop(joined([(*_best_trial(BEST.sign, first, run), (f"  {FITS.text}", FITS.tone)), by], "  "), width)
    fits: Line = ((f"{FITS.sign} none fits", "dim"),) if fitting is None else _best_trial(FITS.sign, fitting, run)[1:]
    return crop(joined([_best_trial(BEST.sign, first, run), fits, by], "  "), width)


def _best_trial(sign: str, trial: Trial, run: Run) -> Line:
    lens = usual_lens(run)
    reached = lens.accuracy(trial)
    quality = f"loss {fmt.loss(lens.loss(trial))}" if reached is None else fmt.percent(reached)
    return ((" ", ""), (f"{sign} {trial.name or trial.id}", "best"), (f" {quality}", ""))


def tie_with_best(stands: Standing, trial: Trial) -> str:
    """Return that a trial's accuracy is within the noise of the best one's; empty where it is not."""
    if trial.id in stands.tied and stands.trial is not None:
        return f"{TIE_SIGN} {TIED} of {BEST.sign} {stands.trial.name or stands.trial.id}"
    if stands.trial is not None and trial.id == stands.trial.id and stands.tied:
        return f"{TIE_SIGN} {TIED} with {len(stands.tied)} other{'s' * (len(stands.tied) > 1)}"
    return ""
