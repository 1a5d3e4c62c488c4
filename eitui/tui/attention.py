"""Reach a user who looks elsewhere: notifications that travel over SSH with the screen."""

from base64 import b64encode
from collections.abc import Iterable, Mapping

from eitui.domain.moment import Alert, AlertKind
from eitui.domain.text import clean

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

LONGEST = 120
"""Characters of a notification."""


def notification(alerts: Iterable[Alert], environ: Mapping[str, str]) -> str:
    """Return what makes a terminal show the notable ones of `alerts` as one notification (OSC 9); empty for none.

    Terminals that do not know it ignore it, but for the Linux console, which is sent nothing. tmux hands it on where
    its option `allow-passthrough` is on.
    """
    said = [f"{alert.kind}: {alert.text}" for alert in alerts if alert.kind in NOTABLE]
    if not said or environ.get("TERM", "") == "linux":
        return ""
    # A text that began with a digit and a semicolon would be another command (9;4 is progress): it begins with a word.
    return _passed_on(f"\x1b]9;eitui: {clean('; '.join(said), LONGEST)}\x07", environ)


def to_clipboard(text: str, environ: Mapping[str, str]) -> str:
    """Return what makes a terminal copy `text` (OSC 52). tmux hands it on as it does notifications."""
    return _passed_on(f"\x1b]52;c;{b64encode(text.encode()).decode()}\x07", environ)


def _passed_on(sequence: str, environ: Mapping[str, str]) -> str:
    if environ.get("TMUX"):
        doubled = sequence.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{doubled}\x1b\\"
    return sequence
