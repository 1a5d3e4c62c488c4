"""A stranger's walk: from the demo alone, by what is on the screen, to everything that few programs have."""

import re
from pathlib import Path

from demo_scenes import demo_at
from thresholding import World
from watching import Watching

from eitui.demo.options import Options
from eitui.tui.keys import split_keys

NAMES = {"esc": "escape", "←": "left", "→": "right", "^t": "ctrl+t"}


def announced(watch: Watching, name: str) -> str:
    """The key that the screen shows for `name`: before the word in a footer, after it in the line of views."""
    footer, text = watch.lines()[-1], watch.text()
    found = (
        re.search(rf"(?:^|  | )(\S+) {name}(?:  |$)", footer.rstrip())
        or re.search(rf"\b{name} (\S)", watch.views)
        or re.search(rf"(?:^|  |, | )([a-z]+|\S) {name.lower()}\b", text, re.MULTILINE)
    )
    assert found, f"{name} is announced nowhere:\n{text}"
    return split_keys(NAMES.get(found[1], found[1]))[0]


async def take(watch: Watching, *names: str) -> None:
    """Do what the screen announces, by the key that it shows."""
    assert len(names) <= 2
    for name in names:
        await watch.press(announced(watch, name))


async def test_a_stranger_finds_everything_by_what_is_on_the_screen(tmp_path: Path) -> None:
    world = World(tmp_path / "changes.db", Options("default", windows=20))
    async with demo_at(0.6, size=(120, 40), open_project=world.open_project) as watch:
        world.clock = watch.clock
        await take(watch, "Mark", "Compare")
        assert watch.lines()[0].startswith(" Compare")
        await take(watch, "Back")

        await take(watch, "Trade-offs")
        assert watch.lines()[0].startswith(" Trade-offs")
        await take(watch, "Failures")
        assert watch.lines()[0].startswith(" Failures")
        await take(watch, "Progress")
        assert watch.lines()[0].startswith(" Progress of the search")

        await take(watch, "Impulses", "Thresholds")
        assert watch.lines()[0].startswith(" Thresholds")
        await watch.press("right")
        await take(watch, "Review")
        await take(watch, "Send")
        assert len(world.posts) == 1
        await take(watch, "Undo")
        assert "Undo" in watch.text()
        await take(watch, "Send")
        assert len(world.posts) == 2
        while watch.app.screen is not watch.monitor:
            await watch.press(announced(watch, "Back"))

        await take(watch, "Back in time")
        assert "PAST" in watch.text()
        await take(watch, "Now")
        assert "LIVE" in watch.text()
        await take(watch, "Export")
        assert "Export 3" in watch.text() or "Export " in watch.text()
        assert "CSV" in watch.text()
