"""Text that came from outside, made safe to show."""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

LIMIT = 512
"""Longest text kept, in characters; what is cut is marked with an ellipsis."""

_MOST_MARKS = 4
"""Combining marks kept on one character: scripts that stack them need no more, and a hostile name has hundreds."""

_MARKS = frozenset({"Mn", "Me"})
_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))
_PICTURES = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421}
_FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_ZERO_WIDTH = frozenset({"Mn", "Me", "Mc", "Cf"})
_FILLERS = frozenset("\u3164\uffa0")
_JAMO = (("\u1160", "\u11ff"), ("\ud7b0", "\ud7ff"))
_SKIN_TONES = ("\U0001f3fb", "\U0001f3ff")


def clean(text: str, limit: int = LIMIT) -> str:
    """Return `text` in a form that cannot drive a terminal.

    Control characters become their visible pictures (ESC is shown as `␛`); format characters (bidirectional
    overrides, zero-width joiners), surrogates, private-use and unassigned code points and line separators become
    U+FFFD. Variation selectors, on whose width terminals disagree, and combining marks beyond `_MOST_MARKS` on one
    character are left out. The result is NFC and at most `limit` characters long. Cleaning twice gives the same as
    cleaning once.
    """
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    # Cut before normalising: NFC of a hostile megabyte of combining marks is slow.
    cut = text[: limit * 4]
    kept, marks = [], 0
    for char in map(_safe, unicodedata.normalize("NFC", cut)):
        marks = marks + 1 if unicodedata.category(char) in _MARKS else 0
        if marks <= _MOST_MARKS and char not in _SELECTORS:
            kept.append(char)
    safe = unicodedata.normalize("NFC", "".join(kept))
    return safe if len(safe) <= limit else safe[: limit - 1] + "…"


def _safe(char: str) -> str:
    picture = _PICTURES.get(ord(char))
    if picture is not None:
        return chr(picture)
    return "\ufffd" if unicodedata.category(char) in _FORBIDDEN else char


@lru_cache(maxsize=4096)
def char_cells(char: str) -> int:
    """Return the cells one character takes: 0, 1 or 2.

    Follows the tables of wcwidth, without its 40 ms of import: combining and format characters, the vowels and final
    consonants that Hangul syllables are composed of, and emoji skin tones take none; East Asian wide ones take two.
    Characters of ambiguous width (box drawing, `●`) take one, as they do outside East Asian locales.
    """
    if unicodedata.category(char) in _ZERO_WIDTH or char in _FILLERS:
        return 0
    if any(first <= char <= last for first, last in (*_JAMO, _SKIN_TONES)):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def distinct(names: Iterable[str], mark: str) -> tuple[str, ...]:
    """Return `names` with `mark` and a number, from 2, after each that stood further in front already.

    Names that occur once are unchanged. `mark` has no digit. Takes linear time, whatever the names are.
    """
    given = tuple(names)
    taken, seen, numbers = set(given), set[str](), dict[str, int]()
    found = []
    for name in given:
        own = name
        while name in seen and own in taken:
            numbers[name] = numbers.get(name, 1) + 1
            own = f"{name}{mark}{numbers[name]}"
        seen.add(name)
        taken.add(own)
        found.append(own)
    return tuple(found)


def did_you_mean(word: str, names: Iterable[str], otherwise: str = "") -> str:
    """Return the question whether the name nearest to `word` was meant, or `otherwise` where no name is near."""
    # Imported when something was mistyped, which is seldom.
    from difflib import get_close_matches

    near = get_close_matches(word, list(names), n=1)
    return f"Did you mean {near[0]}?" if near else otherwise


def sentences(*texts: str) -> str:
    """Return `texts` as sentences, one after the other; empty ones are left out."""
    return " ".join(text if text.endswith(("!", "?", "…")) else f"{text.rstrip('.')}." for text in texts if text)
