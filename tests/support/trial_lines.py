"""What the tabs of a trial show, as text, with what must hold of every one of them."""

from collections.abc import Callable, Sequence

from eitui.view.kit.cells import len_cells
from eitui.view.kit.lines import TONES, Line

WIDTHS = (60, 80, 120, 200)


def text(lines: Sequence[Line], width: int) -> str:
    """Return lines as text, after checking that they fit and use known tones."""
    for line in lines:
        for part, tone in line:
            assert tone in ("", *TONES)
            assert "\n" not in part
        assert sum(len_cells(part) for part, _ in line) <= width, line
    return "\n".join("".join(part for part, _ in line).rstrip() for line in lines)


def at_every_width(draw: Callable[[int], Sequence[Line]]) -> list[str]:
    """Return what is drawn at each of `WIDTHS`, checked."""
    return [text(draw(width), width) for width in WIDTHS]


def toned(lines: Sequence[Line], tone: str) -> list[str]:
    """Return the texts with this tone."""
    return [part.strip() for line in lines for part, its in line if its == tone and part.strip()]
