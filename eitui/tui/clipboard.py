"""The clipboard: through the terminal, and through tmux with the options it has by itself."""

import subprocess
from base64 import b64encode
from collections.abc import Mapping

from eitui.tui.terminal import SCREEN_STRING, WRAPPED, multiplexer


def to_clipboard(text: str, environ: Mapping[str, str]) -> str:
    """Return what makes a terminal copy `text` (OSC 52), unless it, or what stands in between, refuses."""
    sequence = f"\x1b]52;c;{b64encode(text.encode()).decode()}\x07"
    within = multiplexer(environ)
    if not within:
        return sequence
    # The plain one as well: tmux hands it on with `set-clipboard on`, the wrapped one with `allow-passthrough on`, and
    # what calls itself `screen` may be tmux. GNU screen ignores it, unless it is too long: then that would be printed.
    harmless = within == "tmux" or len(sequence) < SCREEN_STRING
    return (sequence if harmless else "") + WRAPPED[within](sequence)


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
