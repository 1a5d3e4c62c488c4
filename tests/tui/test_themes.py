"""Every theme that `--theme` offers: text can be read on every ground, and the selected row can be told from others.

Looked at are the strips that would be sent to the terminal.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from build import completed, failed, run, running
from hypothesis import given
from hypothesis import strategies as st
from projects import FakeProject
from rich.segment import Segment
from textual.color import Color
from textual.theme import BUILTIN_THEMES
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
        region = next(child.region for child in screen.children if child.region and child.id != "textual-toastrack")
        return [list(strip.crop(region.x, region.right)) for strip in strips[region.y : region.bottom]]
    return [list(strip) for strip in strips]


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


@pytest.mark.parametrize("theme", MIXED)
async def test_text_can_be_read_also_on_the_selected_row(theme: str) -> None:
    async with watching(RUN) as watch:
        watch.app.theme = theme
        for focus in ("1", "2"):
            await watch.press(focus)
            for index in range(6):
                watch.table.select(index)
                await watch.settle()
                lines = on_screen(watch)
                assert list(hard_to_read(lines)) == []
                row = watch.table.region.y + watch.head + index
                grounds = [colours(line[2])[1] for line in (lines[row], lines[row - 1 if index else row + 1])]
                assert contrast(*grounds) > (SEEN if focus == "1" else 1.05), (focus, grounds)


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
    "J",
)
"""Keys that lead from the monitor to what is over it."""


@pytest.mark.parametrize("theme", ["textual-light", "solarized-dark", "catppuccin-latte"])
async def test_text_can_be_read_on_every_screen(theme: str) -> None:
    async def open_project(project_id: int) -> FakeProject:
        return FakeProject()

    async with watching(RUN, open_project=open_project) as watch:
        watch.app.theme = theme
        await watch.identify("Keywords (synthetic)")
        for keys in SCREENS:
            await watch.press(*keys.split())
            lines = on_screen(watch)
            assert any(segment.text.strip() for line in lines for segment in line)
            assert (keys, list(hard_to_read(lines))) == (keys, [])
            while watch.app.screen is not watch.monitor:
                await watch.press("escape")
            await watch.press("escape")


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
