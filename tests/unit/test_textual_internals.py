"""Textual still has each private name that eitui uses, as it is used."""

import ast
import asyncio
import inspect
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from textual._styles_cache import StylesCache
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.driver import Driver
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver
from textual.message_pump import MessagePump
from textual.notifications import Notifications

from eitui.tui import textual_internals

SIGNATURES = (
    (LinuxDriver._run_input_thread, ("self",), "None"),
    (LinuxDriver._sigcont_application, ("self", "*_"), "None"),
    (LinuxDriver._get_terminal_size, ("self",), "tuple[int, int]"),
    (App._handle_exception, ("self", "error"), "None"),
    (App._display, ("self", "screen", "renderable"), "None"),
    (MessagePump._close_messages_no_wait, ("self",), "None"),
    (App._check_resize, ("self",), "None"),
    (XTermParser, ("debug=False",), None),
    (XTermParser.feed, ("self", "data"), None),
    (XTermParser.tick, ("self",), None),
)


@pytest.mark.parametrize(
    ("method", "parameters", "returns"), SIGNATURES, ids=lambda part: getattr(part, "__name__", "")
)
def test_a_method_takes_and_returns_what_it_did(
    method: Callable[..., object], parameters: tuple[str, ...], returns: str | None
) -> None:
    signature = inspect.signature(method)
    plain = [str(one.replace(annotation=inspect.Parameter.empty)) for one in signature.parameters.values()]
    assert tuple(plain) == parameters
    assert returns is None or signature.return_annotation == returns


def test_an_app_draws_through_its_filters() -> None:
    assert "self._filters.append(" in inspect.getsource(App.__init__)
    assert "for filter in self._filters if filter.enabled" in inspect.getsource(App.get_line_filters)


def test_a_driver_has_the_attributes_that_are_read_and_set() -> None:
    source = inspect.getsource(Driver.__init__) + inspect.getsource(LinuxDriver.__init__)
    for line in (
        "self._app = app",
        "self._size = size",
        "self._loop = asyncio.get_running_loop()",
        "self._auto_restart = True",
        "self._writer_thread: WriterThread | None = None",
        "self._must_signal_resume = False",
    ):
        assert line in source
    assert "self._writer_thread.stop()" in inspect.getsource(LinuxDriver.close)
    assert callable(WriterThread.stop)


async def test_an_app_has_the_attributes_that_are_read_and_set() -> None:
    app: App[None] = App()
    async with app.run_test():
        assert app._exception is None
        assert isinstance(app._exception_event, asyncio.Event)
        assert app._return_code is None
        assert app._loop is asyncio.get_running_loop()
        assert isinstance(app._driver, Driver)
        assert app._clipboard == ""
        assert isinstance(app._notifications, Notifications)
        assert [strip.cell_length for strip in app.screen._compositor.render_strips()] == [80] * 24


def test_what_keeps_closed_screens_can_be_cleared() -> None:
    assert callable(StylesCache.get_inner_outer.cache_clear)


@pytest.mark.parametrize("name", textual_internals.IDLE_WAITS)
def test_a_pilot_waits_by_a_function_that_can_be_replaced(name: str) -> None:
    module, function = name.rsplit(".", 1)
    assert tuple(inspect.signature(getattr(import_module(module), function)).parameters) == ("min_sleep", "max_sleep")


def named(path: Path) -> set[str]:
    """The private attributes and methods, and the private modules of Textual, in a file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("textual._"):
            found.add(node.module or "")
        elif isinstance(node, ast.Attribute | ast.FunctionDef):
            name = node.attr if isinstance(node, ast.Attribute) else node.name
            if name.startswith("_") and not name.endswith("__"):
                found.add(name)
    return found


def test_no_other_file_reaches_for_them() -> None:
    here = Path(textual_internals.__file__)
    private = named(here) - {"_app"}
    assert {"_handle_exception", "_driver", "textual._xterm_parser"} <= private
    others = {path.name: named(path) & private for path in here.parent.rglob("*.py") if path != here}
    assert {name: found for name, found in others.items() if found} == {}
