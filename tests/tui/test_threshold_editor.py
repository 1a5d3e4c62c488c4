"""The threshold editor by keyboard: moving, typing, choosing, and what it would come to. All data are synthetic."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from thresholding import ANOMALY, MIN_SCORE, World, editing, monitoring
from watching import FoldedRecording, replaying, spy_on_lines

from eitui.analysis.whatif import foreign
from eitui.demo.options import Options
from eitui.domain.scores import ClassificationScores
from eitui.tui.screens.impulses import ImpulsesScreen
from eitui.tui.screens.thresholds import ThresholdEditor


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "changes.db")


async def test_every_threshold_of_the_impulse_is_there_with_its_help(world: World) -> None:
    async with editing(world, 4) as edit:
        text = edit.watch.text()
        for words in ("Block 33  Object detection", "Block 34  Text detection", "Score threshold", "Unclip ratio"):
            assert words in text
        assert "A box with a lower score is discarded." in text
        assert "impulse 4 Parts on a belt (synthetic)" in edit.watch.lines()[0]
        text = await edit.press("down", "down")
        assert "A pixel with a lower score is not text." in text


async def test_several_heads_are_known_where_the_results_do_not_show_them(tmp_path: Path) -> None:
    world = World(tmp_path / "changes.db", Options("heads", windows=60))
    answer = world.service.answer

    def without_heads(method: str, path: str, *more: Any) -> Any:
        told = answer(method, path, *more)
        return replace(told, body=told.body.replace(b'"labelMap', b'"other')) if "/classify/" in path else told

    with mock.patch.object(world.service, "answer", without_heads):
        async with editing(world, 9) as edit:
            assert "a class for each of several keys (word, room)" in " ".join(edit.watch.text().split())


NUMBERS = (
    (("right",), 0.61),
    (("l", "l"), 0.62),
    (("left",), 0.59),
    (("shift+right",), 0.7),
    (("H",), 0.5),
    (("L", "h"), 0.69),
    ((*"0.8125", "enter"), 0.8125),
    ((*"1e-3", "enter"), 0.001),
    (("right", "backspace"), 0.6),
    ((*"0.75", "backspace", "enter"), 0.7),
    ((*"0.75", "escape"), 0.6),
    ((*"0.30000000000000004", "enter"), 0.30000000000000004),
)


async def test_a_number_is_moved_and_typed_and_taken_back(world: World) -> None:
    async with editing(world) as edit:
        for keys, value in NUMBERS:
            await edit.press(*keys)
            assert (keys, edit.drafts()["min_score"]) == (keys, value)
            assert edit.stage == "Editing"
            await edit.press("backspace")
            assert edit.drafts()["min_score"] == 0.6
        assert world.values()[MIN_SCORE] == 0.6
    assert world.posts == []


async def test_what_is_no_number_is_refused_in_place(world: World) -> None:
    async with editing(world) as edit:
        text = await edit.press(*"0,7", "enter")
        assert "Write a point, not a comma" in text
        assert edit.drafts()["min_score"] == 0.6
        text = await edit.press("escape")
        assert "Write a point" not in text


async def test_odd_values_warn_and_are_not_forbidden(world: World) -> None:
    async with editing(world) as edit:
        text = await edit.press(*"-2", "enter")
        assert "! Below 0." in text
        text = await edit.press("backspace", *"1.5", "enter")
        assert "Above 1, and this is compared with scores from 0 to 1" in text
        assert edit.drafts()["min_score"] == 1.5


async def test_the_suggestion_is_taken_or_said_to_be_missing(world: World) -> None:
    async with editing(world) as edit:
        assert "The service suggests no value" in await edit.press("asterisk")
        await edit.press("j", "asterisk")
        assert edit.drafts()["min_anomaly_score"] == 0.27


async def test_an_option_is_cycled_or_chosen_from_a_list(world: World) -> None:
    async with editing(world, 3) as edit:
        await edit.press("down", "right")
        assert edit.drafts()["anomaly_scoring_aggregation_method"] == "mean"
        text = await edit.press("backspace", "enter")
        assert "Highest cell score  (now)" in text
        assert "Mean of the ten highest" in text
        await edit.press("down", "down", "enter")
        assert edit.drafts()["anomaly_scoring_aggregation_method"] == "top_k"
        assert edit.stage == "Editing"
        await edit.press("enter")
        assert edit.stage == "Reviewing"


async def test_typing_takes_keys_that_mean_something_else(world: World) -> None:
    async with editing(world) as edit:
        await edit.press(*"0.7")
        assert edit.screen.editor.session.current.typed == "0.7"
        assert edit.watch.monitor.travel.past() is None


CHUNKS = [
    (1, ("down", *"0.9", "enter"), {"min_score": 0.6, "min_anomaly_score": 0.9}),
    (1, (*"0.75", "backspace", "backspace", "8", "enter"), {"min_score": 0.8, "min_anomaly_score": 0.3}),
    (1, (*"0.7", "down", *"0.2", "enter"), {"min_score": 0.7, "min_anomaly_score": 0.2}),
    (1, (*"0.7", "enter", "right"), {"min_score": 0.71, "min_anomaly_score": 0.3}),
    (1, (*"0.7", "escape", "-", "2", "enter"), {"min_score": -2, "min_anomaly_score": 0.3}),
]


@pytest.mark.parametrize(("impulse", "keys", "drafts"), CHUNKS)
async def test_keys_that_arrive_together_are_acted_on_in_their_order(
    world: World, impulse: int, keys: tuple[str, ...], drafts: dict[str, Any]
) -> None:
    async with editing(world, impulse) as edit:
        edit.together(*keys)
        await edit.watch.settle()
        assert edit.drafts() == drafts


async def test_digits_after_an_arrow_away_from_a_list_are_not_lost(world: World) -> None:
    async with editing(world, 3) as edit:
        await edit.press("down")
        edit.together("up", *"1234", "enter")
        await edit.watch.settle()
        assert edit.drafts()["min_anomaly_score"] == 1234


async def test_what_is_pasted_waits_its_turn_among_the_keys(world: World) -> None:
    from textual import events

    async with editing(world) as edit:
        edit.together("down")
        edit.watch.app.post_message(events.Paste("0.9"))
        edit.together("enter")
        await edit.watch.settle()
        assert edit.drafts() == {"min_score": 0.6, "min_anomaly_score": 0.9}


async def test_a_pasted_number_is_typed(world: World) -> None:
    from textual import events

    async with editing(world) as edit:
        edit.watch.app.post_message(events.Paste(" 0.61803398874989485 \nmore"))
        await edit.watch.settle()
        await edit.press("enter")
        assert edit.drafts()["min_score"] == 0.61803398874989485


async def test_leaving_with_changes_asks_once(world: World) -> None:
    async with editing(world) as edit:
        assert "1 change was not sent. esc again drops it" in await edit.press("right", "escape")
        assert "esc again" not in await edit.press("right")
        await edit.press("escape", "escape")
        assert not edit.open


# What if


async def test_the_what_if_moves_with_the_value(world: World) -> None:
    async with editing(world) as edit:
        before = edit.watch.text()
        assert "No result changes" in before
        text = await edit.press("L")
        assert "● new" in text
        assert " change: " in text
        assert "→ uncertain" in text
        comparison = edit.screen.editor.what_if.comparison
        assert comparison.old.value == 0.6
        assert comparison.new.value == 0.7
        assert comparison.worse == round((comparison.before.point.accuracy - comparison.after.point.accuracy) * 60)


async def test_what_is_typed_is_tried_before_it_is_taken(world: World) -> None:
    async with editing(world) as edit:
        await edit.press(*"0.9")
        assert edit.screen.editor.what_if.comparison.new.value == 0.9
        assert edit.drafts()["min_score"] == 0.6


async def test_the_curve_is_drawn_once_while_the_value_moves(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async with editing(world) as edit:
        drawn = []
        monkeypatch.setattr("plotext.build", lambda: drawn.append(1))
        await edit.press("right", "right", "L", "left")
        assert drawn == []


async def test_scores_are_asked_for_once_a_block(world: World) -> None:
    async with editing(world) as edit:
        await edit.press("j", "k", "j", "right", "k")
        await edit.wait(5)
        assert sum("classify/all/result" in path for path in world.gets) == 2


async def test_scores_that_could_not_be_had_are_asked_for_again_with_r(world: World) -> None:
    async with monitoring(world) as watch:
        world.no_scores = True
        watch.monitor.open_thresholds(1)
        await watch.settle()
        assert "cannot be reached" in watch.text()
        assert "● new" not in watch.text()
        world.no_scores = False
        await watch.press("r")
        assert "● new" in watch.text()


async def test_windows_of_other_labels_than_the_blocks_are_told(world: World) -> None:
    async with editing(world) as edit:
        known = edit.screen.editor.scores.of(3)
        assert isinstance(known.answer.comparer.scores, ClassificationScores)
        others = foreign(known.answer.comparer.scores)
        assert set(others) == {"anomaly"}
        result = f'{others["anomaly"]} windows labelled "anomaly" match no class'
        assert result in edit.watch.text()


@pytest.mark.parametrize(
    ("impulse", "keys", "result"),
    [
        (2, ("L",), "anomalies"),
        (3, ("L",), "anomalies"),
        (3, ("j", "right"), "anomalies"),
        (4, ("L",), "boxes kept"),
        (4, ("H", "H", "H", "H"), "the service keeps no boxes"),
        (4, ("j", "j"), "No what-if"),
        (4, ("j", "j", "j", "L"), "the larger counts"),
        (5, ("H",), "accuracy"),
        (6, (), "Not tested yet: ^t starts model testing."),
        (8, (), "no learn block"),
    ],
)
async def test_every_kind_of_block_has_its_what_if_or_says_why_not(
    world: World, impulse: int, keys: tuple[str, ...], result: str
) -> None:
    async with editing(world, impulse) as edit:
        text = await edit.press(*keys) if keys else edit.watch.text()
        assert result.lower() in text.lower()


async def test_windows_are_scrolled_and_on_a_small_screen_take_turns_with_the_curve(tmp_path: Path) -> None:
    world = World(tmp_path / "changes.db", Options("finished", windows=400))
    async with editing(world, size=(80, 24)) as edit:
        text = await edit.press("L", "L")
        assert "Results that change" not in text
        text = await edit.press("tab")
        assert "Results that change  1–" in text
        text = await edit.press("pagedown")
        assert "Results that change  1–" not in text
        assert "Results that change  1–" in await edit.press("g")
        assert "Results that change" not in await edit.press("tab")


async def test_scores_that_cannot_be_had_leave_the_editor_usable(world: World) -> None:
    async with editing(world, 5) as edit:
        world.unreachable = True
        await edit.press("H")
        assert edit.drafts()["max_absolute_error"] < 4.2


# Where it opens, and where not


async def test_the_monitor_opens_it_for_the_impulse_of_the_selected_trial(world: World) -> None:
    async with monitoring(world) as watch:
        await watch.press("g", "t")
        screen = watch.app.screen
        assert isinstance(screen, ThresholdEditor)
        assert screen.editor.impulse_id == 1
        assert screen.editor.impulse.from_trial == watch.table.cursor
        assert "Score threshold" in watch.text()


async def test_for_a_trial_without_an_impulse_it_leads_to_the_impulses_there_are(world: World) -> None:
    async with monitoring(world) as watch:
        await watch.press("G", "t")
        assert "No impulse was made from this trial" in " ".join(watch.text().split())
        assert isinstance(watch.app.screen, ImpulsesScreen)
        await watch.press("t")
        assert isinstance(watch.app.screen, ThresholdEditor)
        assert watch.app.screen.editor.impulse is not None


async def test_there_is_none_in_a_replay(world: World) -> None:
    async with replaying(FoldedRecording()) as watch:
        watch.monitor.open_thresholds(1)
        await watch.settle()
        assert "A recording holds nothing but the run" in watch.text()


async def test_a_service_that_cannot_be_reached_is_asked_again(world: World) -> None:
    world.unreachable = True
    async with editing(world) as edit:
        assert "cannot be reached" in edit.watch.text()
        assert "r asks again" in edit.watch.text()
        world.unreachable = False
        assert "Score threshold" in await edit.press("r")
        world.unreachable = True
        text = await edit.press("right", "r")
        assert "The data shown is" in text
        assert edit.drafts()["min_score"] == 0.61


async def test_an_impulse_that_is_not_there_says_so(world: World) -> None:
    async with editing(world, 99) as edit:
        assert "The project has no impulse 99" in edit.watch.text()


async def test_values_that_somebody_changed_are_taken_when_it_is_read_again(world: World) -> None:
    async with editing(world) as edit:
        await edit.press("right")
        world.service.meddle((3, "min_score", 0.4), (4, "min_anomaly_score", 0.5), at_read=0)
        text = " ".join((await edit.press("r")).split())
        assert "min_anomaly_score is 0.5 now, not 0.3" in text
        assert "min_score was 0.6 and is 0.4 now; your draft stays 0.61" in text
        assert edit.drafts() == {"min_score": 0.61, "min_anomaly_score": 0.5}


async def test_read_only_is_said_and_everything_can_be_tried(world: World) -> None:
    world.read_only = "flag --read-only"
    async with editing(world) as edit:
        assert "read only (flag --read-only)" in edit.watch.lines()[0]
        assert " change: " in await edit.press("L")
        text = await edit.press("enter")
        assert "changes are turned off by flag --read-only" in text
        await edit.press("y", "enter", "u", "y", "enter", "ctrl+t", "y")
    assert world.posts == []
    assert world.values()[MIN_SCORE] == 0.6
    assert world.values()[ANOMALY] == 0.3


async def test_a_key_that_may_only_read_is_known_before_anything_is_sent(world: Any) -> None:
    world.role = "readonly"
    async with editing(world) as edit:
        assert "read only (the API key, whose role is readonly)" in edit.watch.lines()[0]
        await edit.press("L")
        text = await edit.press("enter")
        assert "changes are turned off by the API key, whose role is readonly" in text
        assert "Use a key with the admin role." in text
        await edit.press("y")
    assert world.posts == []


@pytest.mark.parametrize("role", ["", "admin", "something new"])
async def test_a_key_of_another_or_no_known_role_may_try(world: Any, role: Any) -> None:
    world.role = role
    async with editing(world) as edit:
        assert "read only" not in edit.watch.lines()[0]
        await edit.press("L", "enter")
        assert edit.stage == "Reviewing"


async def test_a_second_that_changes_nothing_draws_nothing(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with editing(world) as edit:
        await edit.press("L")
        drawn = spy_on_lines(monkeypatch, edit.screen._drawing, edit.screen._footer, edit.screen._banner)
        await edit.wait(1)
        assert drawn.take() == []
        await edit.press("right")
        moved = drawn.take()
        assert moved
        assert 1 not in moved, "the heading of the table is as it was"
