"""Make the README's pictures from the demo: `python tests/screenshots/make.py`. The same each time."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from demo_scenes import demo_at, picture

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
    Shot("curves", (110, 30), 0.6, keys=("enter",)),
    Shot("failures", (120, 40), 0.75, "failures", keys=("4",)),
    Shot("past", (120, 40), 0.6, keys=(*["left_square_bracket"] * 30, "b")),
    Shot("help", (100, 62), 0.6, keys=("question_mark",)),
)


async def make(shot: Shot) -> str:
    """Return one picture as SVG."""
    # Watched from the start, so that curves and alerts are whole.
    async with demo_at(shot.progress, scenario=shot.scenario, size=shot.size, watched_s=float("inf")) as watch:
        await watch.press(*shot.keys)
        return picture(watch)


def main() -> None:
    """Write every picture."""
    WHERE.mkdir(exist_ok=True)
    for shot in SHOTS:
        path = WHERE / f"{shot.name}.svg"
        path.write_text(asyncio.run(make(shot)), encoding="utf-8")
        print(f"{path.name}  {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
