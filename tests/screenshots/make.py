"""Make the pictures of the screens from the demo: `python tests/screenshots/make.py`. The same each time.

With `--check` nothing is written: it fails where a picture is not what the demo shows now.
"""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from demo_scenes import demo_at, picture
from thresholding import World, editing

from eitui.demo.options import Options

WHERE = Path(__file__).parents[2] / "screenshots"


@dataclass(frozen=True)
class Shot:
    """One picture: a demo run at an instant, and the keys pressed then."""

    name: str
    size: tuple[int, int]
    progress: float
    """How much of the run is over, 0..1."""
    scenario: str = "default"
    keys: tuple[str, ...] = ()
    terminal: str = ""
    """Of `demo_scenes.TERMINALS`."""


SHOTS = (
    Shot("monitor", (120, 40), 0.6),
    Shot("monitor-80x24", (80, 24), 0.6),
    Shot("curves", (110, 30), 0.6, keys=("enter", "left", "left", "left")),
    Shot("trade-offs", (100, 32), 1.05, keys=("p",)),
    Shot("wide", (200, 60), 0.6),
    Shot("finished", (120, 40), 1.05, scenario="finished"),
    Shot("16-colours", (120, 40), 0.6, terminal="16-colours"),
    Shot("no-colour", (120, 40), 0.6, terminal="no-colour"),
    Shot("ascii", (120, 40), 0.6, terminal="ascii"),
    Shot("light", (120, 40), 0.6, terminal="light"),
    Shot("past", (120, 40), 0.6, keys=(*["left_square_bracket"] * 30, "b")),
)


async def make(shot: Shot) -> str:
    """Return one picture as SVG."""
    # Watched from the start, so that curves and alerts are whole.
    seen = demo_at(
        shot.progress, scenario=shot.scenario, size=shot.size, watched_s=float("inf"), terminal=shot.terminal
    )
    async with seen as watch:
        await watch.press(*shot.keys)
        return picture(watch, shot.terminal)


async def thresholds() -> str:
    """Return the picture of the threshold editor, with a value moved and what that would come to."""
    with TemporaryDirectory() as directory:
        world = World(Path(directory) / "changes.db", Options("finished", windows=400))
        async with editing(world, 1, (120, 40)) as edit:
            await edit.press("L")
            return picture(edit.watch)


def main() -> None:
    """Write every picture, or compare it with what there is."""
    check, stale = sys.argv[1:] == ["--check"], []
    WHERE.mkdir(exist_ok=True)
    pictures = [(shot.name, make(shot)) for shot in SHOTS] + [("thresholds", thresholds())]
    for name, drawing in pictures:
        path = WHERE / f"{name}.svg"
        drawn = asyncio.run(drawing)
        if check:
            stale += [] if path.exists() and path.read_text(encoding="utf-8") == drawn else [path.name]
            continue
        path.write_text(drawn, encoding="utf-8")
        print(f"{path.name}  {path.stat().st_size // 1024} KiB")
    if stale:
        sys.exit(f"Not as the demo shows it now: {', '.join(stale)}. Run {sys.argv[0]}, and look at them.")


if __name__ == "__main__":
    main()
