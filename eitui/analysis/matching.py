"""Which of the boxes that a network drew is over which object."""

from collections.abc import Callable, Sequence
from typing import Protocol

LEAST_OVERLAP = 0.5
"""Intersection over union from which on a box is over an object: the usual one of object detection (mAP@0.5)."""


class _Box(Protocol):
    """A rectangle in an image, in any unit that boxes and objects share."""

    @property
    def label(self) -> str:
        """The class."""

    @property
    def x(self) -> float:
        """Of its left side."""

    @property
    def y(self) -> float:
        """Of its top."""

    @property
    def width(self) -> float:
        """From the left side on."""

    @property
    def height(self) -> float:
        """From the top down."""

    @property
    def score(self) -> float | None:
        """None for an object."""


Fit = Callable[[_Box, _Box], float]
"""How well a box (the first) is over an object: 0 if it is not, more is better."""


def overlap(one: _Box, other: _Box) -> float:
    """Return intersection over union, 0..1; 0 where it is less than `LEAST_OVERLAP`."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    share = shared / (one.width * one.height + other.width * other.height - shared)
    return share if share >= LEAST_OVERLAP else 0.0


def centred(box: _Box, target: _Box) -> float:
    """Return 1 if the centre of `box` is within the object, else 0: FOMO finds centres, not sizes."""
    x, y = box.x + box.width / 2, box.y + box.height / 2
    inside = target.x <= x <= target.x + target.width and target.y <= y <= target.y + target.height
    return 1.0 if inside else 0.0


def match(boxes: Sequence[_Box], objects: Sequence[_Box], fit: Fit = overlap) -> list[bool]:
    """Return for each box of an image whether it is over an object of its label.

    The boxes choose in the order of their scores, each the object that fits best and is still free. So leaving out
    boxes with low scores does not change what the others choose.
    """
    free = list(objects)
    found = [False] * len(boxes)
    order = (
        range(len(boxes))
        if len(boxes) < 2
        else sorted(range(len(boxes)), key=lambda index: -(boxes[index].score or 0.0))
    )
    for index in order:
        box = boxes[index]
        best, place = 0.0, -1
        for at, target in enumerate(free):
            if target.label == box.label and (fits := fit(box, target)) > best:
                best, place = fits, at
        if place >= 0:
            found[index] = True
            del free[place]
    return found
