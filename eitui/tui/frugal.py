"""Colours and styles in fewer bytes: Rich writes all of them for every piece of text, and takes them back after it."""

import re
from functools import lru_cache
from typing import NamedTuple

_SGR = re.compile(r"\x1b\[([0-9;]*)m")
_MOVES = re.compile(r"(?:\x1b\[[0-9;]*[HABCD])*")
"""What moves the cursor, in whatever style."""
_ON_BLANKS = frozenset({"4", "7", "9", "21", "51", "52", "53"})
"""Styles that a blank shows too: lines, frames, and colours that change places."""


class _Style(NamedTuple):
    """The codes that are in force."""

    others: tuple[str, ...] = ()
    """Those of no colour, in their order."""
    ink: str = ""
    ground: str = ""

    def and_then(self, codes: tuple[str, ...]) -> "_Style":
        """Return the style after further codes."""
        style = self
        for code in codes:
            number = int(code.split(";", 1)[0] or 0)
            if number == 0:
                style = _Style()
            elif 30 <= number <= 39 or 90 <= number <= 97:
                style = style._replace(ink=code)
            elif 40 <= number <= 49 or 100 <= number <= 107:
                style = style._replace(ground=code)
            else:
                style = style._replace(others=(*style.others, code))
        return style

    def since(self, before: "_Style") -> str:
        """Return what makes it of the style `before`."""
        if self.others[: len(before.others)] == before.others:
            colours = ((before.ink, self.ink), (before.ground, self.ground))
            if all(new or not old for old, new in colours):
                codes = [*self.others[len(before.others) :], *(new for old, new in colours if new != old)]
                return f"\x1b[{';'.join(codes)}m" if codes else ""
        return f"\x1b[{';'.join(('0', *self.others, *filter(None, (self.ink, self.ground))))}m"

    def looks_alike_on_blanks(self, other: "_Style") -> bool:
        """Return whether blanks in both styles are the same."""
        return self.ground == other.ground and _ON_BLANKS.isdisjoint((*self.others, *other.others))


@lru_cache(maxsize=1024)
def _codes(text: str) -> tuple[str, ...]:
    """Return the codes of a sequence; one that is followed by its parts is one code with them."""
    parts, codes = text.split(";"), []
    while parts:
        size = 1
        if parts[0] in ("38", "48"):
            size = {"2": 5, "5": 3}.get(parts[1] if len(parts) > 1 else "", 1)
        codes.append(";".join(parts[:size]))
        del parts[:size]
    return tuple(codes)


def frugal(text: str) -> str:
    """Return `text` with fewer codes for styles, and every character in the style that it had.

    It begins and ends without a style, as all that Rich renders.
    """
    found: list[str] = []
    written = wanted = _Style()
    for place, part in enumerate(_SGR.split(text)):
        if place % 2:
            wanted = wanted.and_then(_codes(part))
        elif part and not _MOVES.fullmatch(part):
            if part.strip(" ") or not wanted.looks_alike_on_blanks(written):
                found.append(wanted.since(written))
                written = wanted
            found.append(part)
        else:
            found.append(part)
    found.append(wanted.since(written))
    return "".join(found)
