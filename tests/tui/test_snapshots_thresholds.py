"""What the threshold editor looks like."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_scenes import picture
from syrupy.assertion import SnapshotAssertion
from thresholding import World, editing

from eitui.demo.options import Options

SMALL, MEDIUM = (80, 24), (120, 40)


@pytest.fixture(autouse=True)
def _fixed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    import time

    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("NO_COLOR", raising=False)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "changes.db", Options("finished", windows=200))


@pytest.mark.parametrize(
    ("impulse", "keys", "size"),
    [
        pytest.param(1, "L", SMALL, id="classification-80x24"),
        pytest.param(1, "L", MEDIUM, id="classification-120x40"),
        pytest.param(1, "j s", MEDIUM, id="anomaly-120x40"),
        pytest.param(3, "j right", SMALL, id="visual-anomaly-80x24"),
        pytest.param(3, "j enter", SMALL, id="options-80x24"),
        pytest.param(4, "H H H H", MEDIUM, id="detection-120x40"),
        pytest.param(5, "H", SMALL, id="regression-80x24"),
        pytest.param(6, "L", SMALL, id="no-scores-80x24"),
        pytest.param(1, "0 comma 7 enter", SMALL, id="refused-80x24"),
        pytest.param(1, "L tab", SMALL, id="windows-80x24"),
    ],
)
async def test_editing(looks: SnapshotAssertion, world: World, impulse: int, keys: str, size: tuple[int, int]) -> None:
    async with editing(world, impulse, size) as edit:
        await edit.press(*keys.split())
        assert picture(edit.watch) == looks


async def test_the_change_before_it_is_sent(looks: SnapshotAssertion, world: World) -> None:
    async with editing(world, size=SMALL) as edit:
        await edit.press("L", "j", "asterisk", "enter", "space")
        assert picture(edit.watch) == looks


async def test_somebody_else_changed_it(looks: SnapshotAssertion, world: World) -> None:
    async with editing(world, size=MEDIUM) as edit:
        await edit.press("L", "j", "asterisk", "enter")
        world.service.meddle((3, "min_score", 0.5), (4, "min_anomaly_score", 0.4), at_read=0)
        await edit.press("y")
        await edit.press("down", "right")
        assert picture(edit.watch) == looks


@pytest.mark.parametrize(
    ("fault", "size"),
    [
        pytest.param("", SMALL, id="-80x24"),
        pytest.param("refuse", SMALL, id="refuse-80x24"),
        pytest.param("lose-answer", MEDIUM, id="lose-answer-120x40"),
    ],
)
async def test_what_became_of_it(looks: SnapshotAssertion, world: World, fault: str, size: tuple[int, int]) -> None:
    async with editing(world, 5, size) as edit:
        if fault:
            world.fail(fault)
        await edit.press("H", "enter", "y")
        assert picture(edit.watch) == looks


async def test_nothing_can_be_sent(looks: SnapshotAssertion, world: World) -> None:
    world.read_only = "flag --read-only"
    async with editing(world, size=SMALL) as edit:
        await edit.press("L", "enter")
        assert picture(edit.watch) == looks


async def test_the_journal(looks: SnapshotAssertion, world: World) -> None:
    async with editing(world, size=MEDIUM) as edit:
        await edit.press("L", "j", "asterisk", "enter", "y")
        world.fail("refuse")
        await edit.press("enter", "k", "L", "enter", "y")
        await edit.press("enter", "u")
        await edit.press("y")
        await edit.press("J")
        assert picture(edit.watch) == looks
