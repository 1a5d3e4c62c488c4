"""Make the README's pictures from the demo: `python tests/screenshots/make.py`. The same each time."""

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


SHOTS = (
    Shot("monitor", (120, 40), 0.6),
    Shot("monitor-80x24", (80, 24), 0.6),
    Shot("curves", (110, 30), 0.6, keys=("enter", "left", "left", "left")),
    Shot("trade-offs", (100, 32), 1.05, keys=("p",)),
    Shot("past", (120, 40), 0.6, keys=(*["left_square_bracket"] * 30, "b")),
)


async def make(shot: Shot) -> str:
    """Return one picture as SVG."""
    # Watched from the start, so that curves and alerts are whole.
    async with demo_at(shot.progress, scenario=shot.scenario, size=shot.size, watched_s=float("inf")) as watch:
        await watch.press(*shot.keys)
        return picture(watch)


async def thresholds() -> str:
    """Return the picture of the threshold editor, with a value moved and what that would come to."""
    with TemporaryDirectory() as directory:
        world = World(Path(directory) / "changes.db", Options("finished", windows=400))
        async with editing(world, 1, (120, 40)) as edit:
            await edit.press("L")
            return picture(edit.watch)


def main() -> None:
    """Write every picture."""
    WHERE.mkdir(exist_ok=True)
    pictures = [(shot.name, make(shot)) for shot in SHOTS] + [("thresholds", thresholds())]
    for name, drawing in pictures:
        path = WHERE / f"{name}.svg"
        path.write_text(asyncio.run(drawing), encoding="utf-8")
        print(f"{path.name}  {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
