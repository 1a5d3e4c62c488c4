"""The filter: typed at the bottom of the table, in force with every character."""

from dataclasses import replace

import pytest
from build import completed, failed, pending, run, running
from deep import with_recalls
from textual import events
from textual.widgets import Input
from watching import Watching, watching

from eitui.tui.widgets.bars import Footer

MIXED = run(
    running("1", 3),
    completed("2", 0.90, latency_ms=70),
    pending("3"),
    completed("4", 0.95, latency_ms=20),
    failed("5"),
)


async def type_in(watch: Watching, text: str) -> None:
    """Type `text` key by key."""
    await watch.press(*("space" if char == " " else char for char in text))


def typed(watch: Watching) -> tuple[str, str]:
    """Return what is typed, and what is said below it."""
    lines = [strip.text for strip in (watch.table.render_line(y) for y in range(watch.table.size.height))]
    return lines[-2].removeprefix(" / ").rstrip(), lines[-1].rstrip()


def title(watch: Watching) -> str:
    return watch.table.render_line(0).text


async def test_rows_follow_every_character() -> None:
    async with watching(MIXED) as watch:
        await watch.press("slash")
        for letter, found in (("d", "12345"), ("-", "12345"), ("4", "4"), ("x", "")):
            await type_in(watch, letter)
            assert watch.order == list(found)
        await watch.press(*["backspace"] * 4)
        assert watch.order == list("12345")
        await type_in(watch, "latency<50")
        assert watch.order == ["4"]
        assert "filter: latency<50 · 1 of 5" in title(watch)


async def test_on_the_way_to_a_field_the_rows_stay() -> None:
    async with watching(MIXED) as watch:
        await watch.press("slash")
        await type_in(watch, "completed laten")
        assert watch.order == ["2", "4"]
        assert "latency<" in typed(watch)[1]
        await type_in(watch, "zz")
        assert watch.order == []
        await watch.press("backspace", "backspace", "enter")
        assert watch.order == [], "it is what was asked for"
        assert watch.table.rows.filter.text == "completed laten"


async def test_enter_keeps_it_and_goes_back_to_the_table() -> None:
    async with watching(MIXED) as watch:
        await watch.press("slash")
        await type_in(watch, "status:completed")
        await watch.press("enter", "j")
        assert watch.order == ["2", "4"]
        assert watch.table.cursor == "4"
        assert "filter: status:completed · 2 of 5" in title(watch)
        assert not watch.table.typing


@pytest.mark.parametrize("when", ["typing", "afterwards"])
async def test_escape_shows_all_trials_again(when: str) -> None:
    async with watching(MIXED) as watch:
        await watch.press("slash")
        await type_in(watch, "status:failed")
        if when == "afterwards":
            await watch.press("enter")
        await watch.press("escape")
        assert watch.order == list("12345")
        assert "filter" not in title(watch)
        assert not watch.table.typing


async def test_what_is_wrong_is_shown_in_its_place_and_the_last_filter_stays() -> None:
    async with watching(MIXED) as watch:
        await watch.press("slash")
        await type_in(watch, "latency<50 speed>3")
        text, result = typed(watch)
        assert text == "latency<50 speed>3"
        assert result.index("^") == 3 + text.index("speed")
        assert "no field is called speed" in result
        assert watch.order == []
        assert "filter: latency<50 speed · 0 of 5" in title(watch), "the last that was right"
        await watch.press("enter")
        assert watch.table.typing, "what is wrong must be made right, or left"
        await watch.press("ctrl+w")
        assert watch.order == ["4"]
        await watch.press("enter")
        assert not watch.table.typing


async def test_an_empty_table_says_why_and_what_to_press() -> None:
    async with watching(MIXED) as watch:
        await watch.press("slash")
        await type_in(watch, "status:odd")
        assert "No trial matches `status:odd` (0 of 5). esc shows all" in watch.text()
        await watch.press("enter")
        assert "/ changes the filter, esc shows all" in watch.text()
        await watch.press("b")
        assert "The filter hides mfe-conv1d-4" in watch.text()
        await watch.press("space", "y", "e", "j")
        assert watch.monitor.marked == ()


async def test_the_cursor_goes_back_to_its_trial_when_it_is_found_again() -> None:
    async with watching(MIXED) as watch:
        await watch.press("j", "j")
        assert watch.table.cursor == "3"
        await watch.press("slash")
        await type_in(watch, "status:completed")
        assert watch.table.cursor == "2"
        await watch.press("ctrl+u")
        assert watch.table.cursor == "3"
        await type_in(watch, "status:completed")
        await watch.press("pagedown", "escape")
        assert watch.table.cursor == "4", "moved while typing"


async def test_the_cursor_stays_on_its_trial_when_that_is_still_there() -> None:
    async with watching(MIXED) as watch:
        await watch.press("b", "slash")
        await type_in(watch, "completed")
        await watch.press("enter")
        assert watch.table.cursor == "4"


async def test_what_is_typed_at_once_is_not_taken_for_other_keys() -> None:
    async with watching(MIXED) as watch:
        # As it arrives over a slow line: nothing is waited for between the keys.
        await watch.pilot.press("slash", *"jjq4", "enter", "j")
        await watch.settle()
        assert watch.app.is_running
        assert watch.table.rows.filter.text == "jjq4"
        assert watch.monitor.pane == "trials"


async def test_it_can_be_changed_and_earlier_ones_come_back() -> None:
    async with watching(MIXED) as watch:
        for text in ("status:failed", "latency<50"):
            await watch.press("slash", "ctrl+u")
            await type_in(watch, text)
            await watch.press("enter")
        await watch.press("slash")
        assert typed(watch)[0] == "latency<50"
        await watch.press("up", "up")
        assert (typed(watch)[0], watch.order) == ("status:failed", ["5"])
        await watch.press("up", "down")
        assert typed(watch)[0] == "latency<50"
        await watch.press("down", "down")
        assert typed(watch)[0] == "latency<50", "what it began with"


async def test_tab_completes_the_word() -> None:
    async with watching(MIXED) as watch:
        await watch.press("slash")
        await type_in(watch, "not lat")
        assert "latency<" in typed(watch)[1]
        await watch.press("tab")
        await type_in(watch, "50")
        assert typed(watch)[0] == "not latency<50"
        assert watch.order == list("1235")


async def test_the_line_is_edited_as_others_are() -> None:
    async with watching(MIXED) as watch:
        await watch.press("slash")
        await type_in(watch, "xlatency<50")
        await watch.press("home", "delete", "end", "left", "backspace", "2")
        assert typed(watch)[0] == "latency<20"
        await watch.press("ctrl+a", "ctrl+k")
        assert typed(watch)[0] == ""


async def test_a_pasted_text_goes_in() -> None:
    async with watching(MIXED) as watch:
        await watch.press("slash")
        watch.app.post_message(events.Paste("status:failed\nq"))
        await watch.settle()
        assert (typed(watch)[0], watch.order) == ("status:failed", ["5"])


async def test_the_footer_shows_the_keys_that_matter_meanwhile() -> None:
    async with watching(MIXED, size=(80, 24)) as watch:
        footer = watch.monitor.query_one(Footer)
        before = footer.render_line(0).text
        await watch.press("slash")
        assert footer.render_line(0).text.rstrip() == " enter Keep  esc Show all  tab Complete  ↑ Earlier"
        await watch.press("escape")
        assert footer.render_line(0).text == before


async def test_it_follows_the_run() -> None:
    async with watching(MIXED) as watch:
        await watch.press("slash")
        await type_in(watch, "status:completed")
        await watch.answer(run(completed("1", 0.5), *MIXED.trials[1:]))
        assert watch.order == ["1", "2", "4"]
        assert typed(watch)[1].endswith("3 of 5")


async def test_it_follows_marks_and_figures() -> None:
    of = run(*(with_recalls(str(number), 0.9, number / 10) for number in range(1, 5)))
    async with watching(of) as watch:
        await watch.press("g", "space", "slash")
        await type_in(watch, "is:marked")
        assert watch.order == ["1"]
        await watch.press("ctrl+u")
        await type_in(watch, "worst_recall<0.25 block:mfe")
        assert watch.order == ["1", "2"]
        await watch.press("enter", "v")
        assert watch.order == [], "there are no reports of the test data"


async def test_a_filter_over_many_trials_reads_them_by_and_by() -> None:
    of = run(*(with_recalls(str(number), 0.9, number / 1000) for number in range(200)))
    async with watching(of) as watch:
        await watch.press("slash")
        await type_in(watch, "worst_recall<0.1")
        assert len(watch.order) == 100
        assert watch.table.rows.to_read == 0


async def test_it_goes_from_another_pane_to_the_table() -> None:
    async with watching(MIXED, size=(80, 24)) as watch:
        await watch.pilot.press("4", "1", "4", "slash")
        await watch.settle()
        await type_in(watch, "failed")
        assert watch.monitor.pane == "trials"
        assert watch.order == ["5"]


async def test_going_to_another_pane_keeps_what_is_in_force() -> None:
    async with watching(MIXED) as watch:
        await watch.press("slash")
        await type_in(watch, "status:failed or x<")
        watch.monitor.action_pane("alerts")
        await watch.settle()
        assert not watch.table.typing
        assert watch.order != list("12345")
        assert watch.monitor.pane == "alerts"


async def test_users_keys_close_it() -> None:
    async with watching(MIXED, keymap={"filter.keep": "f5", "trial.filter": "f6"}) as watch:
        await watch.press("f6")
        await type_in(watch, "failed")
        await watch.press("f5")
        assert not watch.table.typing
        assert watch.order == ["5"]


async def test_nothing_hostile_reaches_the_screen() -> None:
    hostile = replace(MIXED.trials[0], name="[red]x[/red]")
    async with watching(run(hostile)) as watch:
        await watch.press("slash", "ctrl+u")
        await type_in(watch, "[red]")
        assert watch.order == ["1"]
        assert "[red]x[/red]" in watch.text()
        assert not watch.app.query(Input)


async def test_what_is_too_long_is_refused_and_said() -> None:
    async with watching(MIXED, size=(80, 24)) as watch:
        await watch.press("slash", "d")
        watch.app.post_message(events.Paste("x" * 500))
        await watch.settle()
        assert "500 characters" in typed(watch)[1]
        assert typed(watch)[0] == "d", "half of it could be another filter"
        await watch.press("backspace")
        assert "longer" not in typed(watch)[1]
        watch.app.post_message(events.Paste("x" * 500))
        await watch.settle()
        assert watch.table.rows.filter.text == "x" * 500
        await watch.press("y")
        assert "500 characters" in typed(watch)[1]
        assert watch.table.rows.filter.text == "x" * 500


@pytest.mark.parametrize(
    "text", ["name:'conv1d-4'", 'name:"conv1d-4"', "rom>0.1K latency<20.5ms", "ram<=128K latency<50"]
)
async def test_quotes_and_units_as_the_table_shows_them(text: str) -> None:
    async with watching(MIXED) as watch:
        await watch.press("slash")
        await type_in(watch, text)
        assert watch.order == ["4"]


async def test_keys_do_nothing_where_no_trial_is_shown() -> None:
    async with watching(MIXED) as watch:
        await watch.press("slash")
        await type_in(watch, "zzz")
        await watch.press("enter", "enter")
        assert watch.app.screen is watch.monitor
        assert "No trial to open." in watch.text()
