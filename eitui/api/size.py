"""What JSON takes once it is decoded, counted before: parsers make up to 50 bytes of one."""

import re
from collections.abc import Iterable, Sequence

import msgspec

from eitui.api.errors import BadAnswer

MOST_VALUES = 1_000_000
"""Values that may become Python objects at once. A value takes 8 to some 130 bytes, 1 kB as a model of its own."""

MOST_STEPPED_OVER = 4_000_000
"""Values of an answer of which only the outermost become objects, 56 bytes each."""

_STRING = rb'"(?:[^"\\]++|\\.)*+(?:"|\Z)'
_TEXT = re.compile(_STRING, re.DOTALL)
_STRETCH = re.compile(rb'(?:[^"]++|%b){1,20000}+' % _STRING, re.DOTALL)


def values_in(raw: bytes | msgspec.Raw, enough: int, without: Iterable[msgspec.Raw] = ()) -> int:
    """Return how many values a piece of JSON holds, but for those of its parts `without`.

    Where that is `enough` or less, it may be more than there are.
    """
    texts = [bytes(raw), *map(bytes, without)]
    most = _marks(texts)
    # Texts hold commas and brackets, too. To leave them out takes a second for 30 MB, so only where it matters.
    return most if most <= enough else _marks([_without_texts(text) for text in texts])


def check_size(raw: bytes | msgspec.Raw, most: int = MOST_VALUES) -> None:
    """Refuse JSON that would take too much memory.

    Raises:
        BadAnswer: it has more than `most` values.
    """
    # A value takes a byte at least.
    if len(raw) > most and values_in(raw, most) > most:
        raise BadAnswer(f"The service's answer has more than {most:,} values")


def _without_texts(text: bytes) -> bytes:
    # By stretches: the pieces between millions of texts would take more memory than all that they are counted for.
    return b"".join(_TEXT.sub(b"", stretch[0]) for stretch in _STRETCH.finditer(text))


def _marks(texts: Sequence[bytes]) -> int:
    """Return how many values the first text has at most, without those of the others: its parts.

    Each value is the first in a list or an object, or follows a comma.
    """
    first, *others = (text.count(b",") + text.count(b"[") + text.count(b"{") for text in texts)
    return first - sum(others) + 1
