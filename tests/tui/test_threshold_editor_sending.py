"""The threshold editor sends: one request, all that can go wrong, and what is said then. All data are synthetic."""

from pathlib import Path

import pytest
from changing import an_edit, locked
from thresholding import ANOMALY, HOST, MIN_SCORE, World, editing, journal_screen, monitoring, until

from eitui.demo.options import Options
from eitui.demo.service import PROJECT_ID
from eitui.domain.edit import Outcome
from eitui.thresholds import send
from eitui.thresholds.errors import AlreadySent, ChangeError, JournalError, NoSuchThreshold, ReadOnly, Underway, Unfit
from eitui.thresholds.journal import Journal
from eitui.thresholds.send import Sender


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "changes.db")


async def test_a_change_is_shown_then_sent_then_read_back(world: World) -> None:
    async with editing(world) as edit:
        text = await edit.press("L", "enter")
        assert "Send this change?" in text
        assert "Classifier, min_score  0.6  →  0.7" in text
        assert "This invalidates the model-testing" in text
        assert world.posts == []
        text = await edit.press("y")
        assert "✓ Change 1 applied" in text
        assert "sent 0.7   read back 0.7" in text
        assert "were computed again with the new values" in text
        assert world.values()[MIN_SCORE] == 0.7
        assert len(world.posts) == 1
        await edit.press("enter")
        assert edit.stage == "Editing"
        assert edit.screen.editor.session.changes() == ()


async def test_what_is_odd_is_said_once_more_before_it_is_sent(world: World) -> None:
    async with editing(world) as edit:
        text = await edit.press(*"-2", "enter", "j", *"9", "enter", "enter")
        assert "! min_score: Below 0" in text
        assert "! min_anomaly_score: Far from the suggested 0.27" in text
        text = await edit.press("escape", "k", "backspace", "enter")
        assert "min_score: Below 0" not in text


async def test_what_nobody_knows_is_said_to_be_unknown_before_it_is_sent(world: World) -> None:
    async with editing(world, 4) as edit:
        text = await edit.press(*"0.01", "enter")
        assert "No box changes" not in text
        assert "recall unknown" not in text
        text = await edit.press("enter")
        assert edit.stage == "Reviewing"
        assert "precision unknown" in text
        assert "the service keeps no boxes: there it would find more than this" in " ".join(text.split())
        assert "Boxes and objects are matched" in text


async def test_a_change_without_a_what_if_says_so_before_it_is_sent(world: World) -> None:
    async with editing(world, 4) as edit:
        text = " ".join((await edit.press("j", "j", "right", "enter")).split())
        assert edit.stage == "Reviewing"
        assert "No what-if: with this threshold" in text


async def test_taking_back_says_what_it_comes_to(world: World) -> None:
    async with editing(world) as edit:
        await edit.press(*"-2", "enter", "enter", "y")
        await edit.press("enter", *"0.6", "enter", "enter", "y")
        text = await edit.press("enter", "u")
        assert "Undo change 2?" in text
        assert "! min_score: Below 0" in text


async def test_all_changes_go_in_one_request(world: World) -> None:
    async with editing(world) as edit:
        text = await edit.press("L", "j", "asterisk", "enter")
        assert "Send these 2 changes, in one request?" in text
        await edit.press("y")
        assert len(world.posts) == 1
        assert world.values()[MIN_SCORE] == 0.7
        assert world.values()[ANOMALY] == 0.27


async def test_nothing_is_sent_without_y_or_without_a_change(world: World) -> None:
    async with editing(world) as edit:
        assert "Nothing is changed" in await edit.press("enter")
        assert "y sends it, esc does not" in await edit.press("L", "enter", "enter")
        await edit.press("escape", "y")
        assert edit.stage == "Editing"
        assert edit.drafts()["min_score"] == 0.7
    assert world.posts == []
    assert world.entries() == ()


async def test_a_key_that_is_held_sends_once(world: World) -> None:
    async with editing(world) as edit:
        await edit.press("L", "enter", "y", "y", "y", "y")
        assert len(world.posts) == 1
        assert len(world.entries()) == 1


async def test_a_value_larger_than_any_float_is_never_sent(world: World) -> None:
    async with editing(world) as edit:
        text = await edit.press(*("1" + "0" * 400), "enter")
        assert "Longer than" in text
    assert world.posts == []


@pytest.mark.parametrize(
    ("fault", "title", "outcome", "value"),
    [
        ("refuse", "✗ Change 1 was not applied", Outcome.REFUSED, 0.6),
        ("read-only", "✗ Change 1 was not applied", Outcome.REFUSED, 0.6),
        ("busy", "Change 1", None, 0.6),
        ("drop", "✗ Change 1 was not applied", Outcome.NOT_SENT, 0.6),
        ("lose-answer", "✓ Change 1 applied", Outcome.SETTLED_APPLIED, 0.7),
        ("cut-answer", "✓ Change 1 applied", Outcome.SETTLED_APPLIED, 0.7),
        ("html", "✓ Change 1 applied", Outcome.SETTLED_APPLIED, 0.7),
        ("wrong-shape", "✓ Change 1 applied", Outcome.APPLIED, 0.7),
        ("not-json", "✓ Change 1 applied", Outcome.SETTLED_APPLIED, 0.7),
    ],
)
async def test_each_way_in_which_a_request_goes_wrong_is_told(
    world: World, fault: str, title: str, outcome: Outcome | None, value: float
) -> None:
    world.fail(fault)
    async with editing(world) as edit:
        text = await edit.press("L", "enter", "y")
        assert title in text
        entry = world.entries()[0]
        assert outcome in (None, entry.outcome)
        assert world.values()[MIN_SCORE] == value
        drafted = edit.screen.editor.session.changes()
        assert bool(drafted) is (value == 0.6)
        await edit.press("enter")
        assert edit.stage == "Editing"


async def test_a_key_that_may_not_change_anything_turns_changes_off_visibly(world: World) -> None:
    world.fail("read-only")
    async with editing(world) as edit:
        text = await edit.press("L", "enter", "y")
        assert "This API key is read-only" in text
        assert "read only (the API key)" in edit.watch.lines()[0]
        text = await edit.press("enter", "enter")
        assert "Nothing can be sent" in text
        await edit.press("y")
        assert len(world.posts) == 1


async def test_what_is_not_known_is_read_back_until_it_is(world: World) -> None:
    world.fail("busy")
    async with editing(world) as edit:
        text = await edit.press("L", "enter", "y")
        if world.entries()[0].outcome.settled:
            return
        assert "not known yet" in text
        assert "read back in 30 s" in text
        assert "? unknown" in await edit.press("J")
        await edit.press("escape")
        await edit.wait(send.GRACE_S + 1)
        assert world.entries()[0].outcome is Outcome.SETTLED_NOT_APPLIED
        assert "was not applied" in edit.watch.text()
        assert len(world.posts) == 1


async def test_somebody_elses_value_is_kept(world: World) -> None:
    async with editing(world) as edit:
        await edit.press("L", "enter")
        world.service.meddle((3, "min_score", 0.5), at_read=0)
        text = await edit.press("y")
        assert "Somebody else changed a threshold meanwhile" in text
        assert "it was 0.6" in text
        assert "(•) theirs  0.5" in text
        assert "( ) yours   0.7" in text
        assert "Theirs stay" in await edit.press("enter")
        assert edit.drafts()["min_score"] == 0.5
    assert world.posts == []
    assert world.values()[MIN_SCORE] == 0.5


async def test_the_own_value_is_sent_all_the_same_from_theirs(world: World) -> None:
    async with editing(world) as edit:
        await edit.press("L", "j", "asterisk", "enter")
        world.service.meddle((3, "min_score", 0.5), at_read=0)
        await edit.press("y")
        assert "(•) yours   0.7" in await edit.press("right")
        text = await edit.press("enter")
        assert "min_score                           0.5  →  0.7" in text or "0.5  →  0.7" in text
        assert "0.3  →  0.27" in text
        await edit.press("y")
        assert world.values()[MIN_SCORE] == 0.7
        assert world.values()[ANOMALY] == 0.27
        assert world.entries()[0].edit.changes[0].old == 0.5
        assert len(world.posts) == 1


async def test_a_second_conflict_is_asked_again(world: World) -> None:
    async with editing(world) as edit:
        await edit.press("L", "enter")
        world.service.meddle((3, "min_score", 0.5), at_read=0)
        await edit.press("y")
        await edit.press("space", "enter")
        world.service.meddle((3, "min_score", 0.4), at_read=0)
        assert "(•) theirs  0.4" in await edit.press("y")
        await edit.press("escape")
        assert edit.stage == "Editing"
    assert world.posts == []


async def test_nothing_is_sent_when_the_present_values_cannot_be_read(world: World) -> None:
    async with editing(world) as edit:
        await edit.press("L", "enter")
        world.unreachable = True
        text = await edit.press("y")
        assert "The present values could not be read" in text
        assert "Nothing was sent." in text
        world.unreachable = False
        assert "Send this change?" in await edit.press("enter")
        assert "✓ Change 1 applied" in await edit.press("y")


async def test_nothing_is_sent_without_a_journal(world: World, tmp_path: Path) -> None:
    async with editing(world) as edit:
        await edit.press("L", "enter")
        world.path.write_bytes(b"this is no journal" * 100)
        text = await edit.press("y")
        assert "journal" in text
        assert "Nothing was sent." in text
        assert edit.drafts()["min_score"] == 0.7
        await edit.press("escape")
    assert world.posts == []


async def test_a_journal_that_cannot_be_read_is_said_when_the_editor_opens(world: World) -> None:
    world.path.write_bytes(b"this is no journal" * 100)
    async with editing(world) as edit:
        assert "nothing can be sent" in edit.watch.text()
        await edit.press("enter")
        assert "Score threshold" in edit.watch.text()


@pytest.mark.parametrize(
    ("error", "result", "again"),
    [
        (NoSuchThreshold("Learn block 3 has no threshold min_score"), "r reads the thresholds again", False),
        (Unfit("min_score is a text, and not 0.7"), "r reads the thresholds again", False),
        (AlreadySent(), "Make it anew.", False),
        (ReadOnly("flag --read-only"), "It is set by: flag --read-only.", False),
        (Underway("Another change", "Try again.", 12.0), "tried again in 12 s", True),
        (JournalError("The disk is full", "Make room."), "Make room.", True),
    ],
)
async def test_every_reason_not_to_send_is_told_with_what_to_do(
    world: World, monkeypatch: pytest.MonkeyPatch, error: ChangeError, result: str, again: bool
) -> None:
    async def refuses(*_: object) -> None:
        raise error

    monkeypatch.setattr(Sender, "send", refuses)
    async with editing(world) as edit:
        text = await edit.press("L", "enter", "y")
        assert f"✗ {error.what}" in text
        assert "Nothing was sent." in text
        assert result in text
        await edit.press("enter")
        assert edit.stage == ("Reviewing" if again else "Editing")
        assert edit.drafts()["min_score"] == 0.7


async def test_another_process_that_sends_has_the_right_of_way(world: World) -> None:
    async with editing(world) as edit:
        await edit.press("L", "enter")
        with locked(Journal(world.path).lock("studio.example.test", 424242, 1)):
            text = await edit.press("y")
        assert "Another eitui is sending a change of this impulse" in text
        assert "✓ Change 1 applied" in await edit.press("enter", "y")


async def test_an_unknown_change_blocks_until_it_can_be_settled(world: World) -> None:
    world.held = True
    async with editing(world) as edit:
        edit.watch.reads_are_held = True
        await edit.press("L", "enter", "y")
        await until(edit, lambda: world.posts)
        await edit.press("escape", "y")
        await until(edit, lambda: world.entries()[0].outcome is Outcome.UNKNOWN)
        edit.watch.reads_are_held = world.held = False
        edit.watch.monitor.open_thresholds(1)
        await edit.watch.settle()
        await edit.press("enter", "H", "enter")
        text = await edit.press("y")
        assert "was not answered and may still take effect" in text
        assert "It can be tried again in 30 s" in text
        assert "Nothing was sent." in text
        await edit.wait(31)
        assert "✓ Change 2 applied" in await edit.press("enter", "y")
        assert world.entries()[1].outcome is Outcome.SETTLED_NOT_APPLIED


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_while_the_present_values_are_read_nothing_is_said_to_be_in_the_journal(world: World, key: str) -> None:
    async with editing(world) as edit:
        edit.watch.reads_are_held = world.reads_held = True
        reads = len(world.gets)
        await edit.press("L", "enter", "y")
        await until(edit, lambda: len(world.gets) > reads)
        assert "not in the journal yet, and not sent" in edit.watch.text()
        assert "Leave without waiting for the answer?" in await edit.press(key)
        await edit.press("y")
        assert not edit.open
        assert "Left before anything was sent" in " ".join(edit.watch.text().split())
    assert world.entries() == ()
    assert world.posts == []


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_while_the_values_are_read_back_the_journal_has_what_became_of_it(world: World, key: str) -> None:
    async with editing(world) as edit:
        await edit.press("L", "enter")
        edit.watch.reads_are_held = world.back_held = True
        await edit.press("y")
        await until(edit, lambda: world.entries() and world.entries()[0].outcome is Outcome.APPLIED)
        await until(edit, lambda: "Accepted by the service, reading back…" in edit.watch.text())
        await edit.press(key, "y")
        assert "Left before the values were read back" in edit.watch.text()


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_leaving_while_it_is_under_way_leaves_it_unknown(world: World, key: str) -> None:
    world.held = True
    async with editing(world) as edit:
        edit.watch.reads_are_held = True
        await edit.press("L", "enter", "y")
        await until(edit, lambda: world.posts)
        text = edit.watch.text()
        assert "Sending…" in text
        assert "Leaving now does not stop a request" in text
        await edit.press("enter", "y", "u", "space", "L", "backspace", "J", "ctrl+t")
        assert edit.stage == "Sending"
        for no in (key, "n", "escape"):
            assert "y leave  n/esc stay" in await edit.press(key, "enter")
            assert "Sending…" in await edit.press(no)
        await edit.press(key, "y")
        assert not edit.open
        assert "unknown" in edit.watch.text()
        await until(edit, lambda: world.entries()[0].outcome is Outcome.UNKNOWN)
    assert len(world.posts) == 1


async def test_quitting_while_it_is_under_way_leaves_it_unknown(world: World) -> None:
    world.held = True
    async with editing(world) as edit:
        edit.watch.reads_are_held = True
        await edit.press("L", "enter", "y")
        await until(edit, lambda: world.posts)
        await edit.watch.pilot.press("ctrl+c")
        await until(edit, lambda: world.entries()[0].outcome is Outcome.UNKNOWN)


async def _left_unknown(world: World) -> None:
    world.held = True
    async with editing(world) as edit:
        edit.watch.reads_are_held = True
        await edit.press("L", "enter", "y")
        await until(edit, lambda: world.posts)
        await edit.press("escape", "y")
        await until(edit, lambda: world.entries()[0].outcome is Outcome.UNKNOWN)
    world.held = False


async def test_what_was_left_unknown_is_shown_first_and_settled(world: World) -> None:
    await _left_unknown(world)
    async with editing(world) as edit:
        text = edit.watch.text()
        assert "An earlier change was not answered" in text
        assert "0.6  →  0.7" in text
        assert "Read back again in 30 s" in text
        text = await edit.wait(31)
        assert "reading back shows that nothing was changed" in text
        assert world.entries()[0].outcome is Outcome.SETTLED_NOT_APPLIED
        await edit.press("enter")
        assert edit.stage == "Editing"
    assert len(world.posts) == 1


async def test_the_monitor_says_what_was_left_unknown_and_which_key_shows_it(world: World) -> None:
    await _left_unknown(world)
    async with monitoring(world) as watch:
        watch.app.look_back()
        await watch.app.workers.wait_for_complete([w for w in watch.app.workers if w.group == "journal"])
        await watch.settle()
        assert "Change 1 was never answered" in watch.text()
        assert "J shows the journal" in " ".join(watch.text().split())
        reads = len(world.gets)
        await watch.press("J")
        assert len(world.gets) > reads
        assert journal_screen(watch).chosen.number == 1


async def test_a_change_that_is_still_being_sent_is_not_called_unanswered(world: World) -> None:
    async with monitoring(world) as watch:
        for sent, said in (True, False), (False, True):
            with locked(world.journal.lock(HOST, PROJECT_ID, 1 if sent else 2)):
                if sent:
                    world.journal.intend(an_edit(host=HOST, project_id=PROJECT_ID, impulse_id=1))
                watch.app.look_back()
                await watch.app.workers.wait_for_complete([w for w in watch.app.workers if w.group == "journal"])
                await watch.settle()
            assert ("never answered" in watch.text()) is said


async def test_a_journal_without_open_ends_is_not_mentioned(world: World) -> None:
    async with monitoring(world) as watch:
        before = watch.text()
        watch.app.look_back()
        await watch.app.workers.wait_for_complete([w for w in watch.app.workers if w.group == "journal"])
        await watch.settle()
        assert watch.text() == before
        assert world.gets == []


# What comes after


async def test_a_job_is_followed_to_its_end_and_scores_are_asked_for_again(tmp_path: Path) -> None:
    world = World(tmp_path / "changes.db", Options("finished", windows=40))
    async with editing(world, 5) as edit:
        await edit.press("L", "enter")
        assert "[x] the service may start a job" in await edit.press("space")
        asked = sum("classify/all/result" in path for path in world.gets)
        text = await edit.press("y")
        assert "started a job" in text
        assert "is finished" in text
        assert sum("classify/all/result" in path for path in world.gets) == asked + 1
        assert "✓ Job 8200001 is finished." in await edit.press("enter")


async def test_a_job_that_fails_says_so(tmp_path: Path) -> None:
    world = World(tmp_path / "changes.db", Options("finished", windows=40, job_fails=True))
    async with editing(world, 5) as edit:
        assert "failed: see its log" in await edit.press("L", "enter", "space", "y")


@pytest.mark.parametrize(("impulse", "result"), [(5, "none was allowed"), (4, "The model-testing results are gone")])
async def test_the_next_step_is_offered_and_done_after_asking(world: World, impulse: int, result: str) -> None:
    async with editing(world, impulse) as edit:
        text = await edit.press("L", "enter", "y")
        assert result in text
        assert "^t starts model testing" in text
        assert "Start model testing?" in await edit.press("ctrl+t")
        assert len(world.posts) == 1
        text = await edit.press("y")
        assert "is finished" in text
        assert len(world.posts) == 2
        assert len(world.entries()) == 1


async def test_model_testing_that_cannot_be_started_says_so(world: World) -> None:
    async with editing(world, 5) as edit:
        await edit.press("L", "enter", "y")
        world.fail("refuse")
        text = await edit.press("ctrl+t", "y")
        assert "Model testing: " in text
        assert "It was not started. No threshold was changed." in text
        world.fail("lose-answer")
        text = await edit.press("enter", "ctrl+t", "y")
        assert "It may have been started all the same." in text


async def test_the_last_change_is_taken_back_by_the_same_steps(world: World) -> None:
    async with editing(world) as edit:
        await edit.press("L", "enter", "y")
        text = await edit.press("enter", "u")
        assert "Undo change 1?" in text
        assert "0.7  →  0.6" in text
        assert world.values()[MIN_SCORE] == 0.7
        assert "✓ Change 2 applied" in await edit.press("y")
        assert world.values()[MIN_SCORE] == 0.6
        assert world.entries()[0].edit.undo_of == world.entries()[1].edit.id
        text = await edit.press("u")
        assert "the values of the other one are set again" in text


async def test_there_may_be_nothing_to_undo(world: World) -> None:
    async with editing(world) as edit:
        assert "there is nothing to undo" in await edit.press("u")


async def test_taking_back_what_somebody_changed_since_is_a_conflict(world: World) -> None:
    async with editing(world) as edit:
        await edit.press("L", "enter", "y")
        await edit.press("enter", "j", "asterisk", "u")
        world.service.meddle((3, "min_score", 0.9), at_read=0)
        text = await edit.press("y")
        assert "(•) theirs  0.9" in text
        await edit.press("enter")
        assert world.values()[MIN_SCORE] == 0.9
        assert edit.drafts() == {"min_score": 0.9, "min_anomaly_score": 0.27}


# The journal


async def test_the_journal_lists_changes_and_takes_one_back(world: World) -> None:
    async with editing(world) as edit:
        await edit.press("L", "enter", "y")
        world.fail("refuse")
        await edit.press("enter", "L", "enter", "y")
        text = await edit.press("J")
        assert "Journal of changes  2" in text
        assert "by ada@box" in text
        lines = [line for line in edit.watch.lines() if "min_score: " in line and "impulse 1" in line]
        assert "✗ refused" in lines[0]
        assert "✓ applied" in lines[1]
        text = await edit.press("j", "u")
        assert "Undo change 1?" in text
        await edit.press("escape", "J")
        await edit.press("u")
        assert "was not applied: there is nothing to undo" in edit.watch.text()


async def test_from_the_monitor_the_journal_opens_the_impulse_of_a_change(world: World) -> None:
    async with editing(world) as edit:
        await edit.press("L", "enter", "y")
        await edit.press("enter", "escape", "J")
        assert journal_screen(edit.watch).chosen.number == 1
        await edit.press("enter")
        assert edit.stage == "Editing"
        assert edit.screen.editor.impulse_id == 1
        await edit.press("escape", "u")
        assert "Undo change 1?" in edit.watch.text()


async def test_an_empty_journal_says_so(world: World) -> None:
    async with monitoring(world) as watch:
        await watch.press("J")
        assert "Nothing of this project was changed, started or cancelled" in watch.text()


async def test_a_journal_that_cannot_be_read_says_so(world: World) -> None:
    world.path.write_bytes(b"this is no journal" * 100)
    async with monitoring(world) as watch:
        await watch.press("J")
        assert "journal" in watch.text().lower()
        assert "No threshold of this project" not in watch.text()
        assert "Journal of changes  cannot be read" in watch.lines()[0]
        assert "eading" not in watch.text()


async def test_the_journal_settles_what_is_not(world: World) -> None:
    await _left_unknown(world)
    async with monitoring(world) as watch:
        await watch.press("J")
        assert "1 not settled" in watch.lines()[0]
        assert "nothing can be said before" in watch.text()
        await watch.pass_time(31)
        await watch.press("r")
        assert "✗ found not applied" in watch.text()
    assert len(world.posts) == 1
