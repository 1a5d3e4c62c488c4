"""tmux, asked through its own command: its paste buffer, and what it lets through from a program inside."""

import subprocess
from collections.abc import Mapping

_LIMIT = 1.0
"""Seconds that tmux is given to answer; shorter than an app that ends may take."""

OPTIONS = {"set-clipboard": "-sqv", "allow-passthrough": "-pAqv"}
"""What decides over OSC 52 and over wrapped sequences, with the flags that show it: of the server, and of the pane with
what it inherits. `external` and `off` unless a user changed them."""


def within(environ: Mapping[str, str]) -> bool:
    """Tell whether a tmux server of this machine can be reached: over SSH from within tmux it cannot."""
    return bool(environ.get("TMUX"))


def load_buffer(text: str) -> bool:
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
