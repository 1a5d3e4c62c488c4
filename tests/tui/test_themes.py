"""Every theme that `--theme` offers: text can be read on every ground, and the selected row can be told from others.

Looked at are the strips that would be sent to the terminal.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from build import completed, failed, run, running
from hypothesis import given
from hypothesis import strategies as st
from projects import FakeProject
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region
from textual.theme import BUILTIN_THEMES
from textual.widget import Widget
from thresholding import World, editing
from watching import Watching, watching

from eitui.tui.kit.lines import INKS, LEAST_CONTRAST, contrast, legible
from eitui.view.kit.lines import TONES

ANSI = sorted(name for name, theme in BUILTIN_THEMES.items() if theme.ansi)
MIXED = sorted(set(BUILTIN_THEMES) - set(ANSI))
SEEN = 1.25
"""Contrast of two grounds that can be told apart."""

RUN = run(running("1", 3), *(completed(str(number), 0.9 - number / 50) for number in range(2, 6)), failed("6"))


def on_screen(watch: Watching) -> list[list[Segment]]:
    """The lines of the screen, as they would be sent; of a dialog only its own, as what it covers is dimmed."""
    screen = watch.app.screen
    strips = watch.app.drawn()
    if screen.is_modal:
        region = Region.from_union(list(areas(screen)))
        return [list(strip.crop(region.x, region.right)) for strip in strips[region.y : region.bottom]]
    return [list(strip) for strip in strips]


def areas(around: Widget) -> Iterator[Region]:
    """The areas of a dialog on its screen; what only arranges others has none."""
    for child in around.children:
        if child.id != "textual-toastrack":
            yield from [child.region] if child.region else areas(child)


def colours(segment: Segment) -> tuple[Color, Color]:
    style = segment.style
    assert style is not None
    assert style.color is not None
    assert style.bgcolor is not None
    pair = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
    return pair[::-1] if style.reverse else pair


def hard_to_read(lines: list[list[Segment]]) -> Iterator[tuple[str, float]]:
    for line in lines:
        for segment in line:
            if any(map(str.isalnum, segment.text)) and (found := contrast(*colours(segment))) < LEAST_CONTRAST - 0.01:
                yield segment.text.strip(), round(found, 2)


async def test_text_can_be_read_also_on_the_selected_row() -> None:
    async with watching(RUN) as watch:
        for place, theme in enumerate(MIXED):
            watch.app.theme = theme
            for focus in ("1", "2"):
                await watch.press(focus)
                # Each theme has another order of rows, so that each kind of row is selected in several.
                for index in ((place + step) % 6 for step in (0, 2, 4)):
                    watch.table.select(index)
                    await watch.settle()
                    lines = on_screen(watch)
                    assert (theme, list(hard_to_read(lines))) == (theme, [])
                    row = watch.table.region.y + watch.head + index
                    grounds = [colours(line[2])[1] for line in (lines[row], lines[row - 1 if index else row + 1])]
                    assert contrast(*grounds) > (SEEN if focus == "1" else 1.05), (theme, focus, grounds)


SCREENS = (
    "question_mark",
    "s",
    "C",
    "e",
    "slash",
    "F",
    "o",
    "x",
    "enter",
    "enter 2",
    "enter 3",
    "enter 4",
    "5",
    "5 j",
    "5 enter 3",
    "J",
    "p",
    "space j space c",
    "space j space c t",
    "at",
    "ctrl+p",
)
"""Keys that lead from the monitor to what is over it."""

WHOLE = ("enter 2", "space j space c", "C", "e", "at")
"""Those that are looked at in every theme; each other one is in every `TAKEN`th, so that each theme has its turns."""

TAKEN = 5


def read_in(watch: Watching, themes: Sequence[str]) -> dict[str, list[tuple[str, float]]]:
    found = {}
    for theme in themes:
        watch.app.theme = theme
        watch.app.refresh_css(animate=False)
        lines = on_screen(watch)
        assert any(segment.text.strip() for line in lines for segment in line)
        found[theme] = list(hard_to_read(lines))
    return {theme: spans for theme, spans in found.items() if spans}


@pytest.mark.parametrize(("place", "keys"), list(enumerate(SCREENS)), ids=SCREENS)
async def test_text_can_be_read_on_every_screen(place: int, keys: str) -> None:
    async def open_project(project_id: int) -> FakeProject:
        return FakeProject()

    async with watching(RUN, size=(80, 24), open_project=open_project) as watch:
        await watch.identify("Keywords (synthetic)")
        await watch.press(*keys.split())
        assert read_in(watch, MIXED if keys in WHOLE else MIXED[place % TAKEN :: TAKEN]) == {}


async def test_text_can_be_read_in_the_editor_in_every_theme(tmp_path: Path) -> None:
    async with editing(World(tmp_path / "changes.db"), 1, (120, 40)) as edit:
        await edit.press("L")
        assert read_in(edit.watch, MIXED) == {}
        await edit.press("enter")
        assert read_in(edit.watch, MIXED[::TAKEN]) == {}


@pytest.mark.parametrize("theme", ANSI)
async def test_with_the_terminals_own_colours_the_selected_row_is_in_reverse_and_underlined_without_the_focus(
    theme: str,
) -> None:
    async with watching(RUN) as watch:
        watch.app.theme = theme
        for focus, sign in (("1", "reverse"), ("2", "underline")):
            await watch.press(focus)
            for index in range(6):
                watch.table.select(index)
                await watch.settle()
                lines = on_screen(watch)[watch.table.region.y + watch.head :][:6]
                marked = [{bool(getattr(segment.style, sign)) for segment in line} for line in lines]
                assert marked == [{row == index} for row in range(6)]
                # A colour in reverse would be a patch of ground, on which the theme's own ground cannot be read.
                if sign == "reverse":
                    assert {segment.style.color.name for segment in lines[index]} == {"default"}


async def test_without_colours_bold_and_reverse_say_it_in_every_theme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with watching(RUN) as watch:
        for theme in ("nord", "textual-light", ANSI[0]):
            watch.app.theme = theme
            watch.table.select(0)
            await watch.settle()
            lines = on_screen(watch)
            styles = [segment.style for line in lines for segment in line if segment.style is not None]
            assert {part.name for style in styles for part in (style.color, style.bgcolor) if part} <= {"default"}
            row = lines[watch.table.region.y + watch.head]
            assert all(segment.style is not None and segment.style.reverse for segment in row)
            failed_one = next(s.style for line in lines for s in line if s.text.strip() == "✗ failed")
            assert failed_one is not None
            assert (failed_one.bold, bool(failed_one.dim)) == (True, False)


def test_of_16_colours_running_failed_and_over_a_limit_are_apart_from_each_other_and_from_text() -> None:
    for light in (False, True):
        looks = {tone: ink.on_light if light and ink.on_light else ink.ansi for tone, ink in INKS.items()}
        seen = [str(looks[tone] + INKS[tone].style) for tone in ("accent", "bad", "over", "good", "warn", "best")]
        assert len({*seen, str(Style())}) == 7


def test_without_colours_what_is_wrong_is_stronger_than_ordinary_text() -> None:
    for tone in ("bad", "over", "warn"):
        ink = INKS[tone]
        style = ink.style if ink.mono is None else ink.mono
        assert (bool(style.bold), bool(style.dim)) == (True, False)


COLOURS = st.builds(Color, *[st.integers(0, 255)] * 3)


@given(COLOURS, COLOURS)
def test_any_ink_becomes_legible_on_any_ground_and_one_that_is_stays(ink: Any, ground: Any) -> None:
    found = legible(ink, ground)
    assert contrast(found, ground) >= LEAST_CONTRAST
    assert found == ink or contrast(ink, ground) < LEAST_CONTRAST


def test_contrast_is_what_wcag_says() -> None:
    assert contrast(Color(0, 0, 0), Color(255, 255, 255)) == pytest.approx(21)
    assert contrast(Color(119, 119, 119), Color(255, 255, 255)) == pytest.approx(4.48, abs=0.005)


def test_every_tone_has_its_ink_and_no_ink_is_without_a_tone() -> None:
    assert set(INKS) == set(TONES)
