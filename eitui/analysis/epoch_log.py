"""The epochs that a trial's log tells: what Keras prints while it trains, in its short and in its long form."""

import math
import re
from collections.abc import Sequence

from eitui.domain.curve import Epoch, Epochs
from eitui.domain.log import LogLine

_HEADER = re.compile(r"\bEpoch\s+(\d{1,9})\s*/\s*\d{1,9}\b")
_NAMES = {
    f"{part}{name}": f"{part}{'loss' if name == 'loss' else 'accuracy'}"
    for part in ("", "val_")
    for name in ("loss", "accuracy", "acc", "categorical_accuracy", "sparse_categorical_accuracy", "binary_accuracy")
}
"""What Keras calls a figure, and its name here."""

_WHOLE = re.compile(r"(?:\.\d{4,}|e[-+]\d\d+)$", re.IGNORECASE)
"""How a figure ends that was not cut off: Keras prints four digits after the point, or an exponent."""

_ANEW = re.compile(r"^\s*Attempt \d+\b", re.IGNORECASE)
"""Where an attempt begins, of which alone the epochs are wanted."""

_JOB = re.compile(r"^\s*(?:Scheduling job in cluster|Job started)\b", re.IGNORECASE)
"""Where a job begins: another attempt, or only a later step of the same one. If epochs follow it is another."""


def epochs_of(lines: Sequence[LogLine]) -> Epochs:
    """Return the epochs of the last attempt in the order in which they were trained, all its phases.

    `lines` are oldest first. An epoch whose figures are missing is left out; a figure that is no number, or was cut
    off, is None. Lines before the first `Epoch n/N` are passed over: it is not told which epoch they are of.
    """
    found: list[Epoch] = []
    number, figures, ended = 0, dict[str, float | None](), None
    whole = anew = False

    def close() -> None:
        nonlocal figures, whole
        if number and figures:
            get = figures.get
            epoch = Epoch(number, get("loss"), get("val_loss"), get("accuracy"), get("val_accuracy"), None, ended)
            if not found or found[-1] != epoch:  # the service may tell a line twice
                found.append(epoch)
        figures, whole = {}, False

    for line in lines:
        text = line.text
        if "loss" in text:
            parts = text.split(" - ") if number else []
            told = _figures(parts)
            if "loss" in told or "val_loss" in told:
                # What is evaluated after an epoch prints a line like that of the epoch.
                if not whole or ("val_loss" in told and "val_loss" not in figures):
                    figures |= told
                    ended = line.time
                done, slash, steps = parts[0].strip().partition(" ")[0].partition("/")
                whole = whole or not slash or done == steps
        elif header := _HEADER.search(text) if "poch" in text else None:
            close()
            number = int(header[1])
            if anew and number:
                found.clear()
                anew = False
        elif _ANEW.match(text):
            close()
            found.clear()
            number = 0
        elif _JOB.match(text):
            close()
            anew, number = True, 0
    close()
    return tuple(found)


def _figures(parts: Sequence[str]) -> dict[str, float | None]:
    """Return what the parts of a line tell, such as `val_loss: 0.3040`; the last may be cut off."""
    found: dict[str, float | None] = {}
    for part in parts:
        name, colon, text = part.partition(":")
        if not colon or (figure := _NAMES.get(name.strip())) is None:
            continue
        try:
            value = float(text)
        except ValueError:
            continue
        cut = part is parts[-1] and text[-1].isdigit() and not _WHOLE.search(text)
        found[figure] = value if math.isfinite(value) and not cut else None
    return found
