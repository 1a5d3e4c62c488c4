"""Every sign in ASCII, for terminals and locales that have no other."""

import re
import unicodedata
from collections.abc import Mapping

from eitui.domain.text import char_cells

_SIGNS = {
    char: sign
    for sign, chars in {
        "-": "–−┈╌─▔▁",
        "=": "━╍═▀▄≈",
        "|": "│┃┊║▌▎▊▏▕❚",
        "+": "┌┐└┘├┤┬┴┼╭╮╯╰╔╗╚╝┏┓┗┛☆",
        "#": "█■",
        ":": "▒",
        "%": "▓",
        ".": "·░",
        "*": "•★",
        "~": "…",
        "<": "‹←≤◂",
        ">": "›→≥▶▸",
        "^": "↑⇧▲",
        "v": "↓✓",
        "V": "▼",
        "x": "×✗",
        "!": "≠",
        '"': "“”",
        "'": "‘’",
        "?": "␛",
        "A": "△",
        "&": "◆",
        "D": "◇",
        "R": "◉",
        "O": "◎",
        "@": "●",
        "o": "○",
        "T": "✚",
        "0": "□",
    }.items()
    for char in chars
}
"""One cell for one cell. Signs that stand in one legend differ: those of states, those of marked trials, the stars."""

_BRAILLE, _BRAILLE_END = 0x2800, 0x28FF
_UPPER, _MIDDLE, _LOWER = 0b00011011, 0b00110110, 0b11100100
"""Dots of the upper half, of the two rows in the middle and of the lower half, as bits of a braille character."""


class _Table(dict[int, str]):
    """For `str.translate`: worked out character by character, as the service's texts may have any."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if code < 0x80:
            found = char
        elif char in _SIGNS:
            found = _SIGNS[char]
        elif _BRAILLE <= code <= _BRAILLE_END:
            found = _dots(code - _BRAILLE)
        else:
            # Letters with accents keep their letter; whatever else there is keeps its width.
            plain, cells = unicodedata.normalize("NFKD", char)[:1], char_cells(char)
            found = plain if cells == 1 and " " <= plain <= "~" else "?" * cells
        self[code] = found
        return found


def _dots(dots: int) -> str:
    """Return the sign that has its ink where the dots of a braille character are."""
    if not dots:
        return " "
    if dots.bit_count() > 5:
        return "#"
    if not dots & ~_MIDDLE:
        return "-"
    upper, lower = bool(dots & _UPPER), bool(dots & _LOWER)
    return ":" if upper and lower else "'" if upper else "."


_TABLE = _Table()


def to_ascii(text: str) -> str:
    """Return `text` in as many cells, its control sequences as they are."""
    return text.translate(_TABLE)


_UTF_8 = re.compile(r"utf-?8", re.IGNORECASE)
_COERCED = re.compile(r"(?:c\.)?utf-?8", re.IGNORECASE)


def needs_ascii(environ: Mapping[str, str]) -> bool:
    """Return whether the terminal shows nothing but ASCII, as far as its environment tells.

    The Linux console has no braille. Of the locale the first of LC_ALL, LC_CTYPE and LANG that is set counts, as
    everywhere. Where none is, the terminal is taken to be a modern one, except within tmux and screen, which replace
    everything that is not ASCII then.
    """
    if environ.get("TERM") == "linux":
        return True
    multiplexed = bool(environ.get("TMUX") or environ.get("STY"))
    language = environ.get("LANG", "")
    kind = environ.get("LC_CTYPE", "")
    if _COERCED.fullmatch(kind) and not _UTF_8.search(language):
        kind = ""  # By Python itself (PEP 538): it says nothing of the terminal.
    locale = environ.get("LC_ALL") or kind or language
    return not _UTF_8.search(locale) if locale else multiplexed
