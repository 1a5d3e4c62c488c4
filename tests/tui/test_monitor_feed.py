"""What the service does, and what the screen makes of it: pauses, alerts, outages, another run."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from build import completed, failed, pending, run, running
from watching import START, Watching, watching

from eitui.api.errors import Rejected, Unreachable
from eitui.config import SettingsError
from eitui.domain.log import TrialLog
from eitui.domain.moment import Alert, AlertKind, Moment
from eitui.domain.run import Run, RunRecord, Worker
from eitui.domain.trial import Trial
from eitui.feed.events import Identified, Source
from eitui.feed.hooks import Hooks
from eitui.tui.kit.lines import Lines
from eitui.tui.widgets.alerts import Alerts, Workers
from eitui.tui.widgets.bars import Header
from eitui.tui.widgets.curves import Curves


def shown(watch: Watching, kind: type[Lines]) -> str:
    """What one widget shows."""
    widget = watch.monitor.query_one(kind)
    return "\n".join(widget.render_line(y).text for y in range(widget.size.height))


def marks(picture: str) -> int:
    """How many characters of a chart are curve."""
    return sum(char in "▖▗▘▝▀▄▌▐▚▞▛▜▙▟█" or "⠀" < char <= "⣿" for char in picture.split("val", 1)[1])


def training(epoch: int, *others: Trial) -> Run:
    figures = {"loss": 1 / epoch, "val_loss": 1.1 / epoch, "accuracy": 0.5, "val_accuracy": 0.4}
    return run(running("1", epoch, "w-1", **figures), *others, workers=(Worker("w-1", "busy"),))


async def test_curves_grow_with_the_trial_under_the_cursor() -> None:
    async with watching(training(1)) as watch:
        before = shown(watch, Curves)
        assert "train 1.000 " in before
        for epoch in (2, 3, 4):
            await watch.answer(training(epoch))
        assert "train 0.2500" in shown(watch, Curves)
        assert "val 0.2750" in shown(watch, Curves)
        assert marks(shown(watch, Curves)) > 2 * marks(before), "dots have become lines"


async def test_the_log_of_the_selected_trial_is_read_for_its_curve_where_curves_are_in_sight() -> None:
    trials = run(completed("1"), completed("2", 0.5))
    for size, asked, afterwards in (((120, 40), ["1", "2"], ["1", "2"]), ((80, 24), [], ["2"])):
        async with watching(size=size) as watch:
            watch.source.fills_curves = True
            watch.source.logs |= {"1": TrialLog(), "2": TrialLog()}
            await watch.answer(trials)
            await watch.press("j")
            await watch.answer(trials)
            assert sorted(watch.source.asked) == asked
            await watch.press("2")
            await watch.answer(trials)
            assert sorted(watch.source.asked) == afterwards


async def test_a_replay_asks_for_no_log() -> None:
    trials = run(completed("1"))
    async with watching(size=(120, 40), live=False, recorded=None) as watch:
        watch.source.fills_curves = True
        await watch.answer(trials)
        assert watch.source.asked == []


async def test_workers_say_what_they_run() -> None:
    async with watching(training(3)) as watch:
        assert "w-1" in shown(watch, Workers)
        assert "mfe-conv1d-1" in shown(watch, Workers)


async def test_a_key_sent_in_the_open_is_marked_whatever_happens() -> None:
    async with watching(training(1), unencrypted=True) as watch:
        assert "! http: API key is sent unencrypted" in shown(watch, Header)
        await watch.press("P")
        assert "! http: API key is sent unencrypted" in shown(watch, Header)
        await watch.miss("No answer")
        assert "! http: API key is sent unencrypted" in shown(watch, Header)


# Pause


async def test_a_pause_holds_table_and_curves_while_the_header_goes_on() -> None:
    async with watching(training(1, pending("2"))) as watch:
        await watch.press("P")
        assert "paused" in shown(watch, Header)
        held, drawn = watch.row("1"), shown(watch, Curves)
        await watch.answer(training(2, failed("2")))
        await watch.answer(training(3, failed("2")))
        assert (watch.row("1"), shown(watch, Curves)) == (held, drawn)
        assert "○ pending" in watch.row("2")
        assert "1 failed" in shown(watch, Header)
        assert "failed" not in shown(watch, Alerts).replace("Failures", "")
        await watch.press("P")
        assert "paused" not in shown(watch, Header)
        assert "3/50" in watch.row("1")
        assert "✗ failed" in watch.row("2")
        assert "train 0.3333" in shown(watch, Curves)
        assert "failed" in shown(watch, Alerts)


async def test_epochs_seen_during_a_pause_are_in_the_curve_afterwards() -> None:
    async with watching(training(1)) as watch:
        await watch.press("P")
        for epoch in (2, 3, 4, 5):
            await watch.answer(training(epoch))
        await watch.press("P")
        assert [epoch.epoch for epoch in watch.monitor.travel.shown.history.curves["1"].epochs] == [1, 2, 3, 4, 5]
        assert "not seen" not in shown(watch, Curves)


async def test_the_held_screen_can_be_moved_through() -> None:
    async with watching(training(1, completed("2"))) as watch:
        await watch.press("P")
        await watch.answer(training(9, completed("2"), completed("3")))
        await watch.press("j")
        assert "mfe-conv1d-2" in shown(watch, Curves)
        await watch.press("j")
        assert watch.table.cursor == "2"
        assert "3" not in watch.order


# Alerts


async def test_alerts_are_jumped_to_from_the_newest_to_the_oldest_and_back() -> None:
    first = run(running("1"), running("2"), running("3"))
    async with watching(first, run(failed("1"), *first.trials[1:])) as watch:
        await watch.answer(run(failed("1"), failed("2"), running("3")))
        for key, trial in (("semicolon", "2"), ("semicolon", "1"), ("semicolon", "1"), ("colon", "2"), ("colon", "2")):
            await watch.press(key)
            assert watch.table.cursor == trial


async def test_an_alert_that_arrives_meanwhile_does_not_move_the_place_among_the_older_ones() -> None:
    first = run(running("1"), running("2"), running("3"))
    async with watching(first, run(failed("1"), *first.trials[1:])) as watch:
        await watch.answer(run(failed("1"), failed("2"), running("3")))
        await watch.press("semicolon")
        assert watch.table.cursor == "2"
        await watch.answer(run(failed("1"), failed("2"), failed("3")))
        await watch.press("semicolon")
        assert watch.table.cursor == "1"


@pytest.mark.parametrize(("key", "result"), [("b", "No trial has a"), ("semicolon", "No alert names a")])
async def test_where_there_is_nothing_to_jump_to_it_says_so(key: str, result: str) -> None:
    async with watching(run(pending("1"), pending("2"))) as watch:
        await watch.press(key)
        assert result in watch.text()
        assert watch.table.cursor == "1"


async def test_best_jumps_to_the_best_trial_wherever_it_is() -> None:
    many = [completed(str(number), 0.5) for number in range(200)]
    many[150] = completed("150", 0.99)
    async with watching(run(*many), size=(80, 24)) as watch:
        await watch.press("g")
        await watch.press("b")
        assert watch.table.cursor == "150"
        assert watch.row("150").startswith(" ★")


# The connection


async def test_before_the_first_answer_it_says_whom_it_asks() -> None:
    async with watching() as watch:
        assert "Asking studio.edgeimpulse.com" in watch.text()
        assert "CONNECTING" in shown(watch, Header)


async def test_a_service_that_never_answered_is_explained() -> None:
    async with watching() as watch:
        await watch.miss("The service cannot be reached", "Check the network.")
        assert "The service cannot be reached" in shown(watch, Header)
        assert "Check the network." in shown(watch, Header)
        assert "no answer so far" in watch.text()


async def test_an_outage_keeps_the_data_says_their_age_and_ends() -> None:
    async with watching(training(3)) as watch:
        await watch.pass_time(20)
        await watch.miss("The service cannot be reached", "Check the network.")
        header = shown(watch, Header)
        assert "LATE 20s" in header
        assert "The service cannot be reached" in header
        assert "Data shown is from" in header
        assert "Asking again in " in header
        assert "3/50" in watch.row("1")
        assert "connection lost" in shown(watch, Alerts)
        await watch.pass_time(50)
        assert "STALE 1m 10s" in shown(watch, Header)
        await watch.answer(training(4))
        assert "LIVE" in shown(watch, Header)
        assert "cannot be reached" not in shown(watch, Header)
        assert "connection back" in shown(watch, Alerts)


async def test_data_grow_old_even_when_nothing_is_said() -> None:
    async with watching(training(3)) as watch:
        await watch.pass_time(5)
        assert "LIVE" in shown(watch, Header)
        await watch.pass_time(7)
        assert "LATE 12s" in shown(watch, Header)


async def test_a_refusal_stops_and_r_asks_all_the_same() -> None:
    async with watching(training(3)) as watch:
        await watch.miss("The API key was refused", "Set EI_API_KEY.", final=True, after=None)
        assert "STOPPED" in shown(watch, Header)
        assert "Set EI_API_KEY." in shown(watch, Header)
        await watch.press("r")
        assert watch.source.woken == 1


async def test_coming_back_from_ctrl_z_asks_at_once() -> None:
    async with watching(training(3)) as watch:
        watch.app.app_resume_signal.publish(watch.app)
        await watch.settle()
        assert watch.source.woken == 1


@pytest.mark.parametrize(
    ("error", "what", "advice"),
    [
        (SettingsError("There is no API key", "Set EI_API_KEY."), "There is no API key", "Set EI_API_KEY."),
        (Unreachable("No such host", "Check the address."), "No such host", "Check the address."),
        (Rejected("The proxy setting is malformed"), "The proxy setting is malformed", ""),
        (KeyError("x"), "The service's answer was unexpected (KeyError)", ""),
    ],
)
async def test_a_source_that_cannot_be_opened_is_explained_and_ends_nothing(
    error: Exception, what: str, advice: str
) -> None:
    async def refuse() -> Source:
        raise error

    async with watching(open_source=refuse) as watch:
        assert f"✗ {what}. {advice}".strip() in shown(watch, Header)
        assert "STOPPED" in shown(watch, Header)
        for key in ("r", "j", "b", "2", "z", "question_mark", "escape"):
            await watch.press(key)
        assert watch.app.is_running


async def test_a_source_that_could_not_be_opened_is_opened_with_r_when_the_setting_was_mended() -> None:
    asked: list[str] = []

    async def refuse() -> Source:
        asked.append("open")
        raise SettingsError("There is no API key", "Set EI_API_KEY.")

    async with watching(open_source=refuse) as watch:
        assert "There is no API key. Set EI_API_KEY. r asks again." in shown(watch, Header)
        await watch.press("r")
        assert asked == ["open", "open"]


# The run


async def test_another_run_takes_the_place_of_the_one_before() -> None:
    old = run(*(completed(str(number)) for number in range(30)))
    new = replace(run(pending("n1"), running("n2", 1)), coordinator_job_id=78)
    async with watching(old) as watch:
        await watch.press("G")
        await watch.answer(new)
        assert watch.order == ["n1", "n2"]
        assert watch.table.cursor in watch.order
        assert "Another run has begun" in shown(watch, Alerts)
        assert "mfe-conv1d-29" not in watch.text()
        assert "0 completed" in shown(watch, Header)


async def test_what_is_learnt_about_the_project_is_in_the_header() -> None:
    async with watching(training(3)) as watch:
        record = RunRecord(77, 1, "Run 1 (synthetic)", START - 3 * 3600, "running")
        await watch.say(Identified(watch.clock.now(), 12345, "Doorbell (synthetic)", record))
        assert "Doorbell (synthetic) #12345" in shown(watch, Header)
        assert "elapsed 3h 00m" in shown(watch, Header)


async def test_a_finished_run_says_so() -> None:
    async with watching(replace(run(completed("1")), status="completed", job_running=False)) as watch:
        assert "✓ completed" in watch.lines()[0]


async def test_a_silent_trial_is_called_stalled() -> None:
    silent = training(3)
    async with watching(silent) as watch:
        await watch.pass_time(3600)
        await watch.answer(silent)
        assert "stalled" in watch.row("1")
        assert "stalled" in shown(watch, Alerts)


async def test_the_user_s_programs_are_told_what_happens_live() -> None:
    told: list[tuple[AlertKind, bool]] = []

    class Told(Hooks):
        def tell(self, alerts: Iterable[Alert], moment: Moment) -> None:
            told.extend((alert.kind, moment.run.finished) for alert in alerts)

    async with watching(run(running("1", 3)), hooks=Told({})) as watch:
        await watch.answer(run(completed("1", 0.9), status="completed"))
        assert (AlertKind.FINISHED, True) in told
