"""One table of states: the same sign, word and tone on every screen."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from build import completed, failed, moment, pending, run, running
from hypothesis import given
from hypothesis import strategies as st

import eitui
from eitui.analysis.figures import Context
from eitui.domain.detail import TrialDetail
from eitui.domain.moment import History, Instant
from eitui.domain.run import Worker
from eitui.domain.text import clean
from eitui.domain.trial import Block, Trial
from eitui.tui.kit.lines import INKS
from eitui.view.kit.cells import len_cells
from eitui.view.kit.lines import Line
from eitui.view.kit.status import BEST, CAUTION, DONE, FAULT, OVER, STATUSES, Status, status
from eitui.view.run.columns import column_of
from eitui.view.run.header import header
from eitui.view.run.panes import workers
from eitui.view.trial import progress
from eitui.view.trial.parts import trial_state

NOW = Instant(1000.0, 1000.0)

PACKAGE = Path(eitui.__file__).parent
ELSEWHERE = {
    "view/kit/marks.py": "which marked trial it is",
    "view/threshold/whatif.py": "the present and the new value on an axis",
    "tui/screens/help.py": "what the signs mean",
    "tui/ascii.py": "what stands for them",
}
"""Modules that may write signs of states themselves, as they are of no state there."""


def written_signs(tree: ast.AST) -> Iterator[str]:
    """Yield the literals that have a sign of a state in them, or begin with one that is also punctuation."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
            if set(text) & set("✓✗●○◉◎★☆") and "\n" not in text and not text.endswith("."):
                yield text
            if text.lstrip()[:2] in ("! ", "? "):
                yield text


def test_no_pane_has_signs_of_its_own() -> None:
    found = {}
    for room in ("view", "tui", "cli"):
        for path in (PACKAGE / room).rglob("*.py"):
            name = str(path.relative_to(PACKAGE))
            if name != "view/kit/status.py" and name not in ELSEWHERE:
                found[name] = list(written_signs(ast.parse(path.read_text(encoding="utf-8"))))
    assert len(found) > 100
    assert {name: signs for name, signs in found.items() if signs} == {}


def test_states_that_differ_in_meaning_differ_in_look() -> None:
    meanings = {shown.tone for shown in (*STATUSES.values(), DONE, FAULT, CAUTION, BEST, OVER)}
    assert meanings == {"dim", "good", "warn", "bad", "accent", "best", "over"}
    for looks in ([INKS[tone].ansi + INKS[tone].style for tone in meanings], [INKS[tone] for tone in meanings]):
        assert len(set(map(str, looks))) == len(meanings)


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("pending", ("○", "pending", "dim")),
        ("creating", ("○", "creating", "dim")),
        ("ready", ("○", "ready", "good")),
        ("running", ("●", "running", "accent")),
        ("busy", ("●", "busy", "accent")),
        ("completed", ("✓", "completed", "good")),
        ("failed", ("✗", "failed", "bad")),
        ("ended with an error", ("✗", "ended with an error", "bad")),
        ("cancelled", ("✗", "cancelled", "warn")),
        ("stalled", ("!", "stalled", "warn")),
        ("unreadable", ("?", "malformed", "warn")),
        ("malformed", ("?", "malformed", "warn")),
        ("complete", ("✓", "complete", "good")),
        ("incomplete", ("○", "incomplete", "dim")),
        ("stale", ("!", "stale", "warn")),
        ("not configured", ("✗", "not configured", "bad")),
        ("unknown", ("?", "unknown", "dim")),
        ("", ("?", "no status", "warn")),
    ],
)
def test_a_state_has_one_sign_word_and_tone(word: str, shown: tuple[str, str, str]) -> None:
    assert status(word) == shown


def test_the_table_above_is_whole_and_each_sign_takes_one_cell() -> None:
    assert len(STATUSES) == 17
    assert all(len_cells(shown.sign) == 1 for shown in STATUSES.values())


@given(st.text(min_size=1))
def test_an_unknown_word_is_shown_as_it_is_and_plain(word: str) -> None:
    if word not in STATUSES:
        assert status(word) == Status("", clean(word), "")
        assert status(word).text == clean(word)


def tone_of(lines: list[Line], text: str) -> str:
    (tone,) = {tone for line in lines for result, tone in line if result.strip() == text}
    return tone


def shown_in_table(trial: Trial, stalled: frozenset[str] = frozenset()) -> tuple[str, str]:
    cell = column_of("status").cell(trial, Context(stalled=stalled))
    return cell.text, cell.tone


@pytest.mark.parametrize(
    "trial", [pending("1"), running("1"), completed("1", 0.9), failed("1")], ids=lambda t: t.status
)
def test_a_trial_looks_the_same_in_the_table_its_view_and_the_header(trial: Trial) -> None:
    text, tone = shown_in_table(trial)
    assert trial_state(trial)[0] == (text, tone)
    assert tone_of(progress.trial_progress_lines(TrialDetail(), trial, run(trial), 80), text) == tone
    assert tone_of(header(moment(run(trial)), NOW, 200), f"{text[0]} 1 {trial.status}") == tone


def test_a_stalled_trial_looks_the_same_in_the_table_its_view_and_at_its_worker() -> None:
    trial = running("1", worker="w")
    stalled = frozenset({"1"})
    text, tone = shown_in_table(trial, stalled)
    assert trial_state(trial, stalled)[0] == (text, tone) == ("! stalled", "warn")
    of = replace(moment(run(trial, workers=(Worker("w", "busy"),))), history=History(stalled=stalled))
    assert tone_of(workers(of, 1000.0, 80), "busy") == "accent"


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
def test_a_block_in_a_state_unknown_to_us_is_told_in_the_services_word(word: str) -> None:
    if word in STATUSES:
        return
    trial = replace(running("1"), blocks=(Block(3, "learn", word),))
    lines = progress.trial_progress_lines(TrialDetail(), trial, run(trial), 80)
    (block,) = (line for line in lines if any("learn 3" in result for result, _ in line))
    assert [tone for _, tone in block[:3]] == ["", "", ""]
