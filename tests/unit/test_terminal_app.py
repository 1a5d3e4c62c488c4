"""SafeApp without a terminal: what is drawn when it may be, and how it ends."""

import gc
from typing import Self

import pytest
from textual._styles_cache import StylesCache
from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widgets import Static

from eitui.tui.driver import SafeDriver
from eitui.tui.safe_app import SafeApp


class Plain(SafeApp[None]):
    def compose(self) -> ComposeResult:
        yield Static("first", id="text")


def test_the_driver_is_the_one_that_never_blocks() -> None:
    assert Plain().driver_class is SafeDriver


def test_nothing_is_animated() -> None:
    assert Plain().animation_level == "none"


async def test_frames_are_held_and_released_without_losing_the_app() -> None:
    app = Plain()
    async with app.run_test() as pilot:
        app.hold_frames()
        app.hold_frames()
        app.query_one("#text", Static).update("second")
        await pilot.pause()
        app.release_frames()
        app.release_frames()
        await pilot.pause()
        assert "second" in str(app.query_one("#text", Static).render())
    app.release_frames()


@pytest.mark.parametrize("lost", [False, True])
async def test_the_whole_screen_is_repainted_after_a_frame_was_lost_and_only_then(lost: bool) -> None:
    repaints: list[bool] = []

    class Counting(Plain):
        def refresh(self, *, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
            repaints.append(repaint)
            return super().refresh(repaint=repaint, layout=layout, recompose=recompose)

    app = Counting()
    async with app.run_test():
        app.hold_frames()
        repaints.clear()
        # A layout made in the meantime is rendered, and Textual drops it.
        app.show_frame(app.screen, "a frame" if lost else None)
        app.release_frames()
        assert repaints == [True] * lost


async def test_a_crash_is_still_raised_to_a_test() -> None:
    class Broken(Plain):
        def key_x(self) -> None:
            raise LookupError("in a handler")

    with pytest.raises(LookupError, match="in a handler"):
        async with Broken().run_test() as pilot:
            await pilot.press("x")


async def test_the_app_hears_that_it_is_suspended_and_resumed() -> None:
    heard: list[str] = []

    class Listening(Plain):
        def suspending(self) -> None:
            heard.append("suspending")

        def resumed(self) -> None:
            heard.append("resumed")

    app = Listening()
    async with app.run_test() as pilot:
        app.app_suspend_signal.publish(app)
        assert heard == ["suspending"]  # the process stops when this returns
        app.app_resume_signal.publish(app)
        await pilot.pause()
    assert heard == ["suspending", "resumed"]


async def test_closed_screens_are_let_go_of() -> None:
    class Over(ModalScreen[None]):
        def compose(self) -> ComposeResult:
            yield Static("over")
            yield Static("it")

    def kept() -> int:
        gc.collect()
        return sum(isinstance(thing, StylesCache) for thing in gc.get_objects())

    app = Plain()
    async with app.run_test() as pilot:

        async def open_and_close(times: int) -> None:
            for _ in range(times):
                await app.push_screen(Over())
                await pilot.pause()
                app.screen.dismiss()
                await pilot.pause()

        await open_and_close(1)  # It also lets go of what other tests left.
        before = kept()
        await open_and_close(10)
        assert kept() == before
