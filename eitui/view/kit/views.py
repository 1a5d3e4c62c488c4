"""The line of views: where one is, and the keys that go elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from eitui.view.kit.lines import Line, Span, crop, width_of

_SHORTEST = 4
"""Letters that a name keeps where there is room for any of it."""

_USUAL = {
    "Trade-offs": "Trade",
    "Progress": "Prog",
    "Failures": "Fails",
    "Impulses": "Imp",
    "Thresholds": "Thresh",
    "Journal": "Jrnl",
}
"""What names are called where not all have room."""


@dataclass(frozen=True)
class View:
    """One view, by the id of the key that goes there."""

    id: str
    name: str
    key: str = ""
    count: int = 0
    """Of what is bad there, which is worth a look; 0 is not shown."""


def views_line(views: Sequence[View], here: str, width: int) -> tuple[Line, list[range]]:
    """Return the line, at most `width` cells, and which cells each view has on it; `here` is the one in sight.

    Where there is little room names are shortened, at last to the keys alone; the name of the view in sight stays.
    """
    names = [view.name for view in views]
    usual = [_USUAL.get(name, name) for name in names]
    longest = max(map(len, usual))
    tries = [(names, 2), (names, 1), (names, 0), (usual, 0)]
    tries += [([name[:most] for name in usual], 0) for most in range(longest - 1, _SHORTEST - 1, -1)]
    tries.append((["" for _ in names], 0))
    for called, gap in tries:
        parts = [
            _part(view, view.name if view.id == here else name, here) for view, name in zip(views, called, strict=True)
        ]
        if sum(map(width_of, parts)) + gap * (len(parts) - 1) <= width:
            break
    line: list[Span] = []
    cells: list[range] = []
    for part in parts:
        if line and gap:
            line.append((" " * gap, ""))
        at = width_of(line)
        line += part
        cells.append(range(at, at + width_of(part)))
    return crop(line, width), cells


def _part(view: View, name: str, here: str) -> Line:
    present = view.id == here
    spans: list[Span] = [("▌" if present else " ", "title")]
    if name:
        spans.append((name, "title" if present else ""))
    if view.key:
        spans.append((f" {view.key}" if name else view.key, "key"))
    if view.count:
        spans.append((f" {view.count}" if name else f"{view.count}", "bad"))
    return tuple(spans)
