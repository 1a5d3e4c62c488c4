"""Places on the screen that a letter leads to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class JumpTarget:
    """A place on the screen, in cells from its upper left corner, and what goes there."""

    x: int
    y: int
    go: Callable[[], Awaitable[object] | None]
