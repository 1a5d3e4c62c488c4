"""Reach a user who looks elsewhere, and the clipboard: what travels over SSH with the screen, and through tmux."""

import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping

from eitui.domain.moment import Alert, AlertKind
from eitui.domain.text import clean
from eitui.tui.terminal import multiplexer

NOTABLE = frozenset(
    {
        AlertKind.FINISHED,
        AlertKind.RUN_FAILED,
        AlertKind.STALLED,
        AlertKind.WORKER_LOST,
        AlertKind.CONNECTION_LOST,
    }
)
"""What is worth calling somebody back for. Failures and new bests come by the dozen: they wait in the pane."""

LONGEST_NOTIFICATION = 120
"""Characters of a notification."""

SCREEN_STRING = 768
"""Bytes of the longest string GNU screen 4 keeps; the rest of a longer one appears on the screen."""

SCREEN_PIECE = SCREEN_STRING // 4
"""Characters that fit into such a string, at up to four bytes each."""


def notification(alerts: Iterable[Alert], environ: Mapping[str, str]) -> str:
    """Return what makes a terminal show the notable ones of `alerts` as one notification (OSC 9); empty for none.

    Terminals that do not know it ignore it, but for the Linux console, which is sent nothing. Within tmux and GNU
    screen a bell marks the window too: tmux hands on the notification only where its option `allow-passthrough` is on.
    """
    texts = [f"{alert.kind}: {alert.text}" for alert in alerts if alert.kind in NOTABLE]
    if not texts or environ.get("TERM", "") == "linux":
        return ""
    # A text that began with a digit and a semicolon would be another command (9;4 is progress): it begins with a word.
    sequence = f"\x1b]9;eitui: {clean('; '.join(texts), LONGEST_NOTIFICATION)}\x07"
    within = multiplexer(environ)
    return "\x07" + _WRAPPED[within](sequence) if within else sequence


def to_clipboard(text: str, environ: Mapping[str, str]) -> str:
    """Return what makes a terminal copy `text` (OSC 52), unless it, or what stands in between, refuses."""
    sequence = f"\x1b]52;c;{b64encode(text.encode()).decode()}\x07"
    within = multiplexer(environ)
    if not within:
        return sequence
    # The plain one as well: tmux hands it on with `set-clipboard on`, the wrapped one with `allow-passthrough on`, and
    # what calls itself `screen` may be tmux. GNU screen ignores it, unless it is too long: then that would be printed.
    harmless = within == "tmux" or len(sequence) < SCREEN_STRING
    return (sequence if harmless else "") + _WRAPPED[within](sequence)


def _for_tmux(sequence: str) -> str:
    doubled = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}\x1b\\"


def _for_screen(sequence: str) -> str:
    """Return `sequence` in pieces, each a string of its own: GNU screen hands on what is in them, one after another."""
    pieces = (sequence[start : start + SCREEN_PIECE] for start in range(0, len(sequence), SCREEN_PIECE))
    return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)


_WRAPPED: Mapping[str, Callable[[str], str]] = {"tmux": _for_tmux, "screen": _for_screen}
"""How a sequence is handed through each multiplexer."""


_LIMIT = 1.0
"""Seconds that tmux is given to answer; shorter than an app that ends may take."""

OPTIONS = {"set-clipboard": "-sqv", "allow-passthrough": "-pAqv"}
"""What decides over OSC 52 and over wrapped sequences, with the flags that show it: of the server, and of the pane with
what it inherits. `external` and `off` unless a user changed them."""


def within_tmux(environ: Mapping[str, str]) -> bool:
    """Tell whether a tmux server of this machine can be reached: over SSH from within tmux it cannot."""
    return bool(environ.get("TMUX"))


def load_tmux_buffer(text: str) -> bool:
    """Put `text` into tmux's newest buffer, and offer it to the terminal around tmux; return whether tmux took it.

    `-w` reaches the terminal's clipboard even with tmux's default options (tmux 3.2 and later). Blocks up to `_LIMIT`.
    """
    return _tmux("load-buffer", "-w", "-", text=text) is not None or _tmux("load-buffer", "-", text=text) is not None


def tmux_options() -> dict[str, str]:
    """Return the values of `OPTIONS` for the pane this runs in; without those that this tmux does not know."""
    values = {name: (_tmux("show-options", flags, name) or "").strip() for name, flags in OPTIONS.items()}
    return {name: value for name, value in values.items() if value}


def _tmux(*arguments: str, text: str = "") -> str | None:
    """Return what tmux printed; None where it is not there, refuses, or does not answer."""
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and nothing but fixed words among the arguments
            ("tmux", *arguments),  # noqa: S607 - whichever tmux the user runs
            input=text.encode(),
            capture_output=True,
            timeout=_LIMIT,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace")
