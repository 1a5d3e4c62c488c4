"""What the threshold editor says before and after a change is sent: what happened, what is safe, and what to press."""

from collections.abc import Sequence

from eitui.analysis.figures import STALLED
from eitui.domain.edit import Outcome
from eitui.domain.impulse import Impulse
from eitui.domain.text import char_cells
from eitui.domain.threshold import Change, format_value, same
from eitui.domain.trial import COMPLETED, FAILED, RUNNING
from eitui.thresholds import messages
from eitui.thresholds.editor import (
    Conflicting,
    Halted,
    Reported,
    Reviewing,
    Sending,
    Settling,
    StartingTest,
)
from eitui.thresholds.errors import changed_by
from eitui.thresholds.project import Followed
from eitui.thresholds.send import Result, SendStep
from eitui.view.kit.cells import fit, len_cells
from eitui.view.kit.keys import key_name, keyed
from eitui.view.kit.lines import EMPTY_LINE, Line, width_of
from eitui.view.kit.page import Panel, panel, question
from eitui.view.kit.status import CAUTION, DONE, DOUBT, FAULT, status

_CURSOR = "▸"

_ARROW = "  →  "

LEAVE = "Leave without waiting for the answer?"

Shown = Settling | Reviewing | Sending | Conflicting | Halted | Reported | StartingTest
"""The stages that have a panel."""

_SENDING = {
    SendStep.READING: (
        "The service is asked for the present values. The change is not in the journal yet, and not sent.",
        "Leaving now sends nothing.",
    ),
    SendStep.JOURNALLED: (
        "It is in the journal. The service is asked to change the values, once.",
        (
            "Leaving now does not stop a request that has gone out: the journal then has it as unknown, and it is "
            "settled by reading back when this screen is opened again. It is never sent a second time by itself."
        ),
    ),
    SendStep.ACCEPTED: (
        "The journal has that the service accepted the change. Whether the values are so is read back.",
        "Leaving now loses nothing: {threshold.journal} shows the change as not verified.",
    ),
    SendStep.SENT: (
        "The request is over, and the journal has what is known of it. The values are read back.",
        "Leaving now loses nothing: {threshold.journal} shows what became of it.",
    ),
}
"""What is being done at each step of sending, and what leaving then would mean."""


def _named(ref_name: str, block_id: int, impulse: Impulse | None) -> str:
    """Return a threshold with its block, in words where they are known."""
    blocks = impulse.learn if impulse is not None else ()
    title = next((block.title for block in blocks if block.id == block_id), "")
    return f"{title or f'block {block_id}'}, {ref_name}"


def _diff(changes: Sequence[Change], impulse: Impulse | None, width: int) -> list[Line]:
    """Return a line for each change; where one is too long, name and values below one another: none is ever cut."""
    pairs = [
        ((format_value(change.old), "dim"), (_ARROW, "dim"), (format_value(change.new), "draft")) for change in changes
    ]
    return _named_lines(changes, pairs, impulse, width)


def _named_lines(changes: Sequence[Change], values: Sequence[Line], impulse: Impulse | None, width: int) -> list[Line]:
    names = [_named(change.ref.name, change.ref.block_id, impulse) for change in changes]
    longest = min(60, max(map(len_cells, names), default=0))
    lines: list[Line] = []
    for name, spans in zip(names, values, strict=True):
        line: Line = ((f"   {fit(name, longest)}  ", ""), *spans)
        if width_of(line) <= width and len_cells(name) <= longest:
            lines.append(line)
        else:
            lines += [((f"   {part}", ""),) for part in _pieces(name, width - 4)]
            lines += [
                ((f"     {part}", tone),)
                for text, tone in spans
                for part in _pieces(text.strip() if text == _ARROW else text, width - 6)
            ]
    return lines


def _pieces(text: str, cells: int) -> list[str]:
    """Return all of a text, in pieces of at most so many cells."""
    found, piece, room = [], "", max(2, cells)
    for char in text:
        if room < char_cells(char):
            found.append(piece)
            piece, room = "", max(2, cells)
        piece, room = piece + char, room - char_cells(char)
    return [*found, piece]


def review(stage: Reviewing, impulse: Impulse | None, extra: Sequence[Line], width: int) -> Panel:
    """Return the change as it will be sent; `extra` is its effect."""
    edit = stage.edit
    title = messages.send_question(edit) if stage.undoing is None else f"Undo change {stage.undoing.number}?"
    switch: Line = (
        ("   [x] " if edit.regenerate else "   [ ] ", "key"),
        ("the service may start a job that tests the impulse again", ""),
        (f"  ({key_name('threshold.switch')})", "dim"),
    )
    above = [((" Effect", "dim"),), *extra, EMPTY_LINE] if extra else []
    texts: list[Line | str] = [
        *_diff(edit.changes, impulse, width),
        "",
        *above,
        messages.consequence(edit.regenerate),
        switch,
    ]
    if stage.undoing is not None and stage.undoing.edit.undo_of is not None:
        texts.insert(0, "That change undid another one: the values of the other one are set again.")
    job = "allow no job" if edit.regenerate else "allow a job"
    return question(title, texts, "send", width, no="back, send nothing", more=[("threshold.switch", job)])


def sending(stage: Sending, impulse: Impulse | None, width: int) -> Panel:
    """Return that the request is under way, and what leaving now would mean."""
    done, leaving = map(keyed, _SENDING[stage.step])
    if stage.leaving:
        return question(LEAVE, [done, leaving], "leave", width, no="stay")
    if stage.step is SendStep.ACCEPTED:
        title, leave = "Accepted by the service, reading back…", "leave without waiting for the values"
    else:
        title, leave = "Sending…", "leave without waiting for the answer"
    texts: list[Line | str] = [*_diff(stage.edit.changes, impulse, width), "", done, leaving]
    return panel(title, "accent", texts, [("over.back", leave)], width)


def conflicting(stage: Conflicting, impulse: Impulse | None, width: int) -> Panel:
    """Return both values of every threshold that somebody else changed, and which is chosen."""
    rows: list[Line | str] = []
    for at, (conflict, mine) in enumerate(zip(stage.conflicts, stage.mine, strict=True)):
        ref, change, here = conflict.ref, conflict.change, at == stage.at
        rows.append(
            (
                (f" {_CURSOR} " if here else "   ", "title"),
                (_named(ref.name, ref.block_id, impulse), "title" if here else ""),
                (f"  it was {format_value(change.old)}", "dim"),
            )
        )
        rows += _choice("theirs", format_value(conflict.now), width, chosen=not mine)
        rows += _choice("yours", format_value(change.new), width, chosen=mine)
    count = "a threshold" if len(stage.conflicts) == 1 else f"{len(stage.conflicts)} thresholds"
    texts: list[Line | str] = [
        "Nothing was sent: since it was loaded, the service has another value. Whose is it to be?",
        "",
        *rows,
        "",
        "With theirs it stays as it is. With yours the change is shown once more, from their value to yours.",
    ]
    keys = [
        ("move.left move.right", "theirs or yours"),
        ("move.up move.down", "another"),
        ("threshold.review", "go on"),
        ("over.back", "back, send nothing"),
    ]
    title = f"Somebody else changed {count} meanwhile"
    if any(conflict.by is not None for conflict in stage.conflicts):
        title = f"{count.capitalize()}, changed meanwhile {changed_by(stage.conflicts)}"
    return panel(title, "warn", texts, keys, width)


def _choice(whose: str, value: str, width: int, *, chosen: bool) -> list[Line]:
    first, *more = _pieces(value, width - 18)
    tone = "draft" if chosen else ""
    return [
        (("     (•) " if chosen else "     ( ) ", "key"), (f"{fit(whose, 7)} ", ""), (first, tone)),
        *(((" " * 17, ""), (part, tone)) for part in more),
    ]


def halted(stage: Halted, mono: float, width: int) -> Panel:
    """Return why something was not done. `mono` is the present, in monotonic seconds."""
    texts: list[Line | str] = [stage.safe, stage.advice]
    if stage.hint is not None:
        texts.append(keyed(stage.hint))
    if stage.again_at is not None and stage.again_at > mono:
        texts.append(f"It can be tried again in {stage.again_at - mono:.0f} s.")
    if stage.edit is not None and stage.undoing is None:
        texts.append("The drafts are still here.")
    keys = [("threshold.review", "back" if stage.edit is None else "show the change again"), ("over.back", "back")]
    return panel(*FAULT.says(stage.what), [text for text in texts if text], keys, width)


def reported(
    stage: Reported,
    impulse: Impulse | None,
    job: Followed | None,
    settles_in_s: float | None,
    width: int,
    *,
    offers: bool,
) -> Panel:
    """Return what became of a change, the value read back, and what became of the model-testing results."""
    entry = stage.result.entry
    title, tone = _title(stage.result)

    changes, stored = entry.edit.changes, stage.result.stored
    if stored is None:
        diff = _diff(changes, impulse, width)
    else:
        values: list[Line] = [
            (
                (f"sent {format_value(change.new)}", "dim"),
                (f"   read back {format_value(value)}", "good" if same(change.new, value) else "warn"),
            )
            for change, value in zip(changes, stored, strict=True)
        ]
        diff = _named_lines(changes, values, impulse, width)

    if entry.outcome.settled:
        advice = f"{stage.result.advice} {messages.outcome_advice(entry)}".strip()
    else:
        when = f"in {settles_in_s:.0f} s" if settles_in_s else keyed("now, with {feed.poll}")
        advice = f"It is read back {when}. Until it is settled nothing else of this impulse is sent."
    texts: list[Line | str] = [*diff, "", f"{messages.outcome(entry)} {advice}".strip()]
    if entry.outcome.applied and stage.result.matches is False:
        texts.append("The service has rounded it, or somebody changed it since.")
    if stage.result.problem:
        texts.append(f"Afterwards: {stage.result.problem}.")
    if entry.outcome is Outcome.APPLIED:
        report = entry.report
        texts += ["", messages.regenerated(report.regenerate_status, report.job_id, report.had_results)]
        step = messages.next_step(report.regenerate_status)
        texts += [keyed("{threshold.test} starts model testing from here.")] if offers else [step] if step else []
    if job is not None:
        texts.append(job_line(job))
    keys = [
        ("threshold.review", "go on editing"),
        *([("threshold.test", "test again")] if offers else []),
        ("threshold.undo", "undo"),
        ("threshold.journal", "journal"),
    ]
    if not entry.outcome.applied:
        read = [] if entry.outcome.settled else [("feed.poll", "read back now")]
        keys = [("threshold.review", "go on editing"), *read, ("threshold.journal", "journal")]
    return panel(title, tone, texts, keys, width)


def _title(result: Result) -> tuple[str, str]:
    entry = result.entry
    number = f"Change {entry.number}"
    if entry.outcome.applied:
        if result.matches is None:
            return DOUBT.says(f"{number} was accepted, and is not verified")
        if not result.matches:
            return CAUTION.says(f"{number} was accepted, and the value read back is another")
        return DONE.says(f"{number} applied")
    if not entry.outcome.settled:
        return DOUBT.says(f"{number}: not known yet whether it was applied")
    if entry.outcome is Outcome.SETTLED_OTHER:
        return CAUTION.says(f"{number}: the service has other values")
    return FAULT.says(f"{number} was not applied")


def job_line(job: Followed) -> Line:
    """Return how it stands with a model-testing job."""
    if job.problem is not None:
        shown = status(STALLED)
    elif not job.job.finished:
        shown = status(RUNNING)
    else:
        shown = status(FAILED if job.job.successful is False else COMPLETED)
    return ((f" {shown.sign} {messages.job(job)}", shown.tone),)


def settling(stage: Settling, settles_in_s: float | None, impulse: Impulse | None, width: int) -> Panel:
    """Return what became of earlier changes with unknown outcome."""
    texts: list[Line | str] = []
    for item in stage.items:
        edit = item.entry.edit
        texts += [((f" Change {item.entry.number}", "key"), (f"  by {edit.who}", "dim"))]
        became = "Reading back…"
        if item.problem:
            became = f"It could not be settled: {item.problem}."
        elif item.result is not None:
            problem = f" It could not be read back: {item.result.problem}." if item.result.problem else ""
            became = messages.outcome(item.result.entry) + problem
        texts += [*_diff(edit.changes, impulse, width), became, ""]
    waiting = [item for item in stage.items if not item.over]
    if waiting and settles_in_s is not None:
        texts.append(f"Read back again in {settles_in_s:.0f} s; {keyed('{feed.poll} does it now.')}")
    if waiting:
        texts.append("Until it is settled nothing else of this impulse is sent. Nothing is sent by itself.")
    title = "An earlier change was not answered" if len(stage.items) == 1 else "Earlier changes were not answered"
    keys = [("threshold.review", "go on"), ("feed.poll", "read back"), ("threshold.journal", "journal")]
    return panel(title, "warn" if waiting else "good", texts, keys, width)


def testing(stage: StartingTest, impulse: Impulse | None, width: int) -> Panel:
    """Return the question whether to start model testing, or that it is being started."""
    if stage.leaving:
        texts = ["It was asked for once, and may start all the same. No threshold is changed."]
        return question(LEAVE, texts, "leave", width, no="stay")
    if stage.sent:
        return panel("Starting model testing…", "accent", ["It is asked for once."], [("over.back", "leave")], width)
    name = impulse.name if impulse is not None else ""
    texts = [
        f"The service runs the test set through {name or 'the impulse'} with its present thresholds.",
        "While the job runs, no threshold can be changed. No value is changed by it.",
    ]
    return question("Start model testing?", texts, "start it", width)


def stage_panel(
    stage: Shown,
    impulse: Impulse | None,
    width: int,
    *,
    job: Followed | None,
    settles_in_s: float | None,
    mono: float,
    offers_test: bool,
    extra: Sequence[Line] = (),
) -> Panel:
    """Return the panel of a stage; while thresholds are edited there is none."""
    match stage:
        case Reviewing():
            return review(stage, impulse, extra, width)
        case Sending():
            return sending(stage, impulse, width)
        case Conflicting():
            return conflicting(stage, impulse, width)
        case Halted():
            return halted(stage, mono, width)
        case Reported():
            return reported(stage, impulse, job, settles_in_s, width, offers=offers_test)
        case Settling():
            return settling(stage, settles_in_s, impulse, width)
        case StartingTest():
            return testing(stage, impulse, width)
