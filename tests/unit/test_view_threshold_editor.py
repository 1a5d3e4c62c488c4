"""The editor's table and panels, as lines, at any width. All values are synthetic."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from projects import FakeProject

from eitui.analysis import editing
from eitui.domain.edit import Conflict, Edit, EditSession, Entry, Outcome, Report
from eitui.domain.impulse import LEARN, Impulse, LearnBlock
from eitui.domain.scores import NoScores
from eitui.domain.threshold import (
    Change,
    Option,
    OtherValue,
    Threshold,
    ThresholdRef,
    ThresholdValue,
    format_value,
)
from eitui.thresholds.editor import Conflicting, EarlierChange, Editor, Halted, Reported, Reviewing, Sending, Settling
from eitui.thresholds.send import Result, SendStep
from eitui.view.kit.lines import Line, width_of
from eitui.view.threshold import editor as threshold_editor
from eitui.view.threshold import journal
from eitui.view.threshold import panels as threshold_panels
from eitui.view.threshold.editor import WhatIfLook, picture
from eitui.view.threshold.plain import history, journal_as_json

SCORE = Threshold(ThresholdRef(1, 3, "min_score"), "Score threshold", "Below it is uncertain.", 0.1 + 0.2, 0.25)
METHOD = Threshold(ThresholdRef(1, 4, "method"), "", "", "max", None, "", (Option("max", "Highest"), Option("mean")))
WORD = Threshold(ThresholdRef(1, 4, "note"), "A free text of a synthetic block that goes on and on", "", "abc")
IMPULSE = Impulse(
    1,
    "Synthetic",
    learn=(
        LearnBlock(3, LEARN, "Classifier", "keras", thresholds=(SCORE,)),
        LearnBlock(4, LEARN, "Anomaly detection (K-means)", "anomaly", thresholds=(METHOD, WORD)),
    ),
)
SESSION = editing.start(IMPULSE.thresholds)
EDIT = Edit(
    "a1",
    "studio.example.test",
    12,
    1,
    "Synthetic",
    (Change(SCORE.ref, 0.1 + 0.2, 0.5), Change(WORD.ref, "abc", "")),
    "a@b",
)
ENTRY = Entry(7, EDIT, Report(Outcome.UNKNOWN, "the connection broke"), 1_768_469_400.0)
WIDTHS = st.integers(30, 220)


def texts(lines: list[Line]) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines]


def stage_lines(*given: Any, **more: Any) -> list[Line]:
    panel = threshold_panels.stage_panel(*given, **more)
    return [*panel.body, *panel.keys]


def table(session: EditSession, width: int = 100, height: int = 20) -> list[str]:
    return texts(threshold_editor.threshold_lines(session, IMPULSE, width, height))


@given(WIDTHS, st.integers(4, 30), st.integers(0, 2))
def test_the_table_fits_and_has_the_cursor_in_sight(width: int, height: int, at: int) -> None:
    session = editing.type_text(editing.select(SESSION, at), "9" * 60)
    lines = threshold_editor.threshold_lines(session, IMPULSE, width, height)
    assert len(lines) <= height
    assert all(width_of(line) <= width for line in lines)
    assert sum("▸" in line for line in texts(lines)) == 1


def test_a_float_has_all_its_digits() -> None:
    assert "0.30000000000000004" in "\n".join(table(SESSION))


def test_what_is_typed_has_a_caret_and_a_refusal_its_reason() -> None:
    session = editing.accept(editing.type_text(SESSION, "1e"))
    row = next(line for line in threshold_editor.threshold_lines(session, IMPULSE, 100, 20) if ("1e", "bad") in line)
    assert (" ", "caret") in row
    assert "✗ This is not a number" in "\n".join(texts(threshold_editor.about_draft(session.current, 100)))


def test_an_impulse_without_thresholds_says_why() -> None:
    nothing = editing.start(())
    assert "no learn block" in texts(threshold_editor.threshold_lines(nothing, Impulse(1), 80, 10))[0]
    assert "None of its learn blocks" in texts(threshold_editor.threshold_lines(nothing, IMPULSE, 80, 10))[0]


def test_of_a_silent_service_it_is_said_that_it_is_silent() -> None:
    lines = texts(threshold_editor.about_draft(editing.select(SESSION, 1).current, 80))
    assert "The service says nothing about it." in lines[0]


@pytest.mark.parametrize(("at", "words"), [(0, "digits type"), (1, "i opens the list"), (2, "i types")])
def test_the_keys_that_matter_are_named(at: int, words: str) -> None:
    assert words in threshold_editor.keys_for(editing.select(SESSION, at).current)


def test_a_value_of_an_unknown_kind_is_shown_with_what_can_be_done() -> None:
    flag = Threshold(ThresholdRef(1, 3, "flag"), "Flag", value=OtherValue("[true, 2]"))
    session = editing.start([flag])
    assert "[true, 2]" in "\n".join(table(session))
    assert threshold_editor.keys_for(session.current) == "eitui cannot change this kind of value"
    refused = editing.step_value(session, 1)
    assert "can only be changed in the Studio" in "\n".join(texts(threshold_editor.about_draft(refused.current, 100)))


STAGES = [
    Reviewing(EDIT),
    Reviewing(EDIT, ENTRY),
    *(Sending(EDIT, step) for step in SendStep),
    Conflicting(EDIT, (Conflict(EDIT.changes[0], 0.4), Conflict(EDIT.changes[1], None)), (True, False), 1),
    Halted("It did not work", "Try again.", edit=EDIT, again_at=110.0),
    Reported(Result(ENTRY, None, "the network is unreachable", 12.0)),
    Settling((EarlierChange(ENTRY), EarlierChange(ENTRY, problem="another eitui is sending it"))),
]


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: type(stage).__name__)
@given(width=WIDTHS)
def test_every_panel_fits_and_says_what_to_press(stage: Any, width: int) -> None:
    lines = stage_lines(stage, IMPULSE, width, job=None, settles_in_s=12.0, mono=100.0, offers_test=False)
    assert all(width_of(line) <= width for line in lines)
    assert any(tone == "key" for _, tone in lines[-1])


def panel(stage: Any, **given: Any) -> str:
    options = {"job": None, "settles_in_s": None, "mono": 100.0, "offers_test": False} | given
    return "\n".join(texts(stage_lines(stage, IMPULSE, 120, **options)))


def test_a_diff_has_both_values_in_full_and_names_what_is_empty() -> None:
    result = panel(Reviewing(EDIT))
    assert "Classifier, min_score" in result
    assert "0.30000000000000004  →  0.5" in result
    assert "abc  →  empty" in result


@pytest.mark.parametrize(
    ("step", "journal", "leaving"),
    [
        (SendStep.READING, "not in the journal yet, and not sent", "Leaving now sends nothing"),
        (SendStep.JOURNALLED, "It is in the journal.", "does not stop a request"),
        (SendStep.ACCEPTED, "the service accepted the change", "shows the change as not verified"),
        (SendStep.SENT, "the journal has what is known of it", "Leaving now loses nothing"),
    ],
)
def test_what_is_said_of_the_journal_is_so_at_each_step_of_sending(step: Any, journal: str, leaving: str) -> None:
    result = panel(Sending(EDIT, step))
    assert journal in result
    assert leaving in result


def test_how_long_to_wait_is_said_and_counted_down() -> None:
    *_, halted, reported, _ = STAGES
    assert "tried again in 10 s" in panel(halted)
    assert "tried again" not in panel(halted, mono=111.0)
    assert "read back in 12 s" in panel(reported, settles_in_s=12.0)


def test_a_change_is_called_applied_only_when_it_was_read_back() -> None:
    assert panel(Sending(EDIT, SendStep.ACCEPTED)).startswith(" Accepted by the service, reading back…")
    assert panel(Sending(EDIT, SendStep.SENT)).startswith(" Sending…")

    def told(stored: tuple[ThresholdValue | None, ...] | None) -> list[str]:
        entry = Entry(8, EDIT, Report(Outcome.APPLIED, "", "regenerated", stored=stored), 0.0)
        title = panel(Reported(Result(entry, stored))).splitlines()[0].strip()
        row = texts(journal.rows([entry], 0, 0.0, 120, 1))[0]
        return [title, row[21:40].strip(), str(journal_as_json([entry])[0]["verified"])]

    assert told((0.5, "")) == ["✓ Change 8 applied", "✓ applied", "True"]
    assert told(None) == ["? Change 8 was accepted, and is not verified", "? not verified", "None"]
    assert told((0.5, "xyz")) == [
        "! Change 8 was accepted, and the value read back is another", "! other value", "False",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("had", "sentence"),
    [
        (True, "The model-testing results are gone"),
        (False, "There are no model-testing results, as there were none before."),
        (None, "There are no model-testing results: there were none, or they cannot be computed again"),
    ],
)
def test_whether_there_were_model_testing_results_is_told(had: bool | None, sentence: str) -> None:
    report = Report(Outcome.APPLIED, "", "not_regenerated", stored=(0.5, ""), had_results=had)
    entry = Entry(8, EDIT, report, 0.0)
    assert sentence in panel(Reported(Result(entry, (0.5, ""))))
    assert sentence in history([entry])
    assert any(sentence in line for line in texts(journal.detail(entry, 0.0, 160)))
    assert journal_as_json([entry])[0]["had_model_testing_results"] is had


def test_how_long_the_service_asks_to_wait_is_part_of_the_advice() -> None:
    refused = Entry(8, EDIT, Report(Outcome.REFUSED, "The service is busy"), 0.0)
    result = panel(Reported(Result(refused, None, advice="It asks to wait 30 s.")))
    assert "(The service is busy) It asks to wait 30 s. Send it again once" in result


def test_a_value_read_back_that_is_another_is_told() -> None:
    applied = Entry(8, EDIT, Report(Outcome.APPLIED, "", "regenerated"), 0.0)
    result = panel(Reported(Result(applied, (0.5, "xyz"))))
    assert "the value read back is another" in result
    assert "read back xyz" in result
    assert "rounded it, or somebody changed it" in result


@given(WIDTHS, st.integers(0, 8))
def test_the_journal_fits(width: int, at: int) -> None:
    entries = journal.ordered([Entry(number, EDIT, ENTRY.report, 0.0) for number in range(9)])
    lines = journal.rows(entries, at, 1e9, width, 5) + journal.detail(entries[at], 1e9, width, "a problem")
    assert all(width_of(line) <= width for line in lines)
    assert sum("▸" in line for line in texts(lines)) == 1


def test_what_is_not_settled_is_listed_first() -> None:
    settled = [Entry(number, EDIT, Report(Outcome.APPLIED), 0.0) for number in (1, 3)]
    assert [entry.number for entry in journal.ordered([*settled, Entry(2, EDIT, ENTRY.report, 0.0)])] == [
        2,
        3,
        1,
    ]


@given(WIDTHS, st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Mn", "Me", "Zs")), min_size=1))
def test_no_value_is_ever_cut_before_it_is_sent(width: int, word: str) -> None:
    edit = Edit("a1", "h", 12, 1, "", (Change(WORD.ref, word * 9, word * 10),), "a@b")
    lines = stage_lines(Reviewing(edit), IMPULSE, width, job=None, settles_in_s=None, mono=0.0, offers_test=False)
    values = "".join(text.strip() for line in lines for text, tone in line if tone == "draft")
    assert values == format_value(word * 10)


def test_long_values_of_a_conflict_are_shown_to_their_ends() -> None:
    edit = Edit("a1", "h", 12, 1, "", (Change(WORD.ref, "abc", "m" * 200),), "a@b")
    conflicting = Conflicting(edit, (Conflict(edit.changes[0], "t" * 200),), (False,))
    result = panel(conflicting)
    assert result.count("m") - result.count("meanwhile") >= 200
    assert result.count("t") >= 200


@pytest.mark.parametrize(
    ("none", "line"),
    [
        (NoScores("Not tested yet", untested=True), "Not tested yet: ^t starts model testing."),
        (
            NoScores("The service does not say how large {images} are"),
            "The service does not say how large {images} are.",
        ),
    ],
)
async def test_where_nothing_was_tested_the_key_that_tests_is_named(none: NoScores, line: str) -> None:
    project: Any = FakeProject(scored={3: none})
    tasks: list[asyncio.Task[Any]] = []

    async def opened() -> Any:
        return project

    editor = Editor(opened, 1, start=lambda work: tasks.append(asyncio.ensure_future(work)))
    editor.load()
    await asyncio.gather(*tasks)
    picture(editor, WhatIfLook(), 100, 30)  # which asks for the scores
    await asyncio.gather(*tasks)
    assert f" {line}" in texts(picture(editor, WhatIfLook(), 100, 30))
