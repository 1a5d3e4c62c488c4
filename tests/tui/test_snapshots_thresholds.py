"""What the threshold editor looks like. Shown to be right by eye once, as the monitor's pictures."""

import pytest
from demo_scenes import picture
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from thresholding import World, editing

from eitui.demo.options import Options


class Picture(SingleFileSnapshotExtension):
    """One SVG file a picture."""

    _write_mode = WriteMode.TEXT
    _file_extension = "svg"


SMALL, MEDIUM = (80, 24), (120, 40)
SIZES = pytest.mark.parametrize("size", [SMALL, MEDIUM], ids=["80x24", "120x40"])


@pytest.fixture
def looks(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(Picture)


@pytest.fixture(autouse=True)
def _fixed(monkeypatch):
    import time

    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("NO_COLOR", raising=False)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def world(tmp_path) -> World:
    return World(tmp_path / "changes.db", Options("finished", windows=200))


@SIZES
@pytest.mark.parametrize(
    ("impulse", "keys"),
    [
        pytest.param(1, "L", id="classification"),
        pytest.param(1, "j s", id="anomaly"),
        pytest.param(3, "j right", id="visual-anomaly"),
        pytest.param(3, "j enter", id="options"),
        pytest.param(4, "H H H H", id="detection"),
        pytest.param(5, "H", id="regression"),
        pytest.param(6, "L", id="no-scores"),
        pytest.param(1, "0 comma 7 enter", id="refused"),
        pytest.param(1, "L tab", id="windows"),
    ],
)
async def test_editing(looks, world, impulse, keys, size):
    async with editing(world, impulse, size) as edit:
        await edit.press(*keys.split())
        assert picture(edit.watch) == looks


@SIZES
async def test_the_change_before_it_is_sent(looks, world, size):
    async with editing(world, size=size) as edit:
        await edit.press("L", "j", "s", "enter", "space")
        assert picture(edit.watch) == looks


@SIZES
async def test_somebody_else_changed_it(looks, world, size):
    async with editing(world, size=size) as edit:
        await edit.press("L", "j", "s", "enter")
        world.service.meddle((3, "min_score", 0.5), (4, "min_anomaly_score", 0.4), at_read=0)
        await edit.press("y")
        await edit.press("down", "right")
        assert picture(edit.watch) == looks


@SIZES
@pytest.mark.parametrize("fault", ["", "refuse", "lose-answer"])
async def test_what_became_of_it(looks, world, fault, size):
    async with editing(world, 5, size) as edit:
        if fault:
            world.fail(fault)
        await edit.press("H", "enter", "y")
        assert picture(edit.watch) == looks


@SIZES
async def test_nothing_can_be_sent(looks, world, size):
    world.read_only = "flag --read-only"
    async with editing(world, size=size) as edit:
        await edit.press("L", "enter")
        assert picture(edit.watch) == looks


@SIZES
async def test_the_journal(looks, world, size):
    async with editing(world, size=size) as edit:
        await edit.press("L", "j", "s", "enter", "y")
        world.fail("refuse")
        await edit.press("enter", "k", "L", "enter", "y")
        await edit.press("enter", "u")
        await edit.press("y")
        await edit.press("J")
        assert picture(edit.watch) == looks
