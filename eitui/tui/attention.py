"""Reach a user who looks elsewhere: bell, notifications, the window's title and progress, over SSH and within tmux."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from eitui.analysis.eta import planned_trials
from eitui.analysis.standing import by_state, ended_badly, progress_of
from eitui.analysis.update_history import stuck
from eitui.domain.moment import Alert, AlertKind, Connection, Moment
from eitui.domain.text import clean
from eitui.domain.trial import COMPLETED, FAILED
from eitui.tui.terminal import WRAPPED, multiplexer
from eitui.view.kit.status import status

NOTABLE = frozenset(
    {
        AlertKind.FINISHED,
        AlertKind.RUN_FAILED,
        AlertKind.NEW_FIT,
        AlertKind.STALLED,
        AlertKind.WORKER_LOST,
    }
)
"""What is worth calling somebody back for. Failures and new bests come by the dozen: they wait in the pane. A lost
connection is one only after `LONG_LOST`."""

LONG_LOST = 120.0
"""Seconds without an answer that are worth a call: most outages are shorter."""

LONGEST_NOTIFICATION = 120
"""Characters of a notification."""

LONGEST_TITLE = 80
"""Characters of the window's title."""

_WITHOUT_STRINGS = re.compile(r"linux|vt\d|cons\d")
"""Terminals, by TERM, that show an OSC sequence instead of obeying or ignoring it."""

PUSH_TITLE, POP_TITLE = "\x1b[22;2t", "\x1b[23;2t"
"""XTWINOPS: keep the window's title on the terminal's own stack, and take it back from there."""

NO_PROGRESS = "\x1b]9;4;0;\x07"
BELL = "\x07"


@dataclass(frozen=True)
class Wanted:
    """What the user lets the terminal be used for."""

    bell: bool = True
    notify: bool = True
    progress: bool = True
    title: bool = True


class Attention:
    """Says what to write to the terminal so that a user who looks elsewhere knows how it stands.

    Args:
        wanted: what may be used.
        environ: describes the terminal. Within tmux a bell marks the window and the title is the pane's; notifications
            pass only where its option `allow-passthrough` is on. GNU screen hands all to the terminal around it.
    """

    def __init__(self, wanted: Wanted, environ: Mapping[str, str]) -> None:
        strings = not _WITHOUT_STRINGS.match(environ.get("TERM", ""))
        self._wanted = wanted
        self._notifies = wanted.notify and strings
        self._titles = wanted.title and strings
        # An iTerm2 that does not know this sequence shows a notification for each.
        self._shows_progress = wanted.progress and strings and not _old_iterm(environ)
        self._within = multiplexer(environ)
        self._title = self._progress = ""
        self._lost = False

    @property
    def entering(self) -> str:
        """What is written when the terminal is taken over, or taken back after ctrl+z."""
        return (self._around(PUSH_TITLE) if self._titles else "") + self._title + self._progress

    @property
    def leaving(self) -> str:
        """What is written when the terminal is given back."""
        return (self._handed(NO_PROGRESS) if self._shows_progress else "") + (
            self._around(POP_TITLE) if self._titles else ""
        )

    def news(self, moment: Moment, alerts: Iterable[Alert], now: float) -> str:
        """Return what is written for a moment with its new alerts; `now` is monotonic. Empty where nothing changed."""
        before = self._title, self._progress
        if self._titles and (title := title_of(moment)):
            self._title = self._around(f"\x1b]2;{title}\x07")
        if self._shows_progress:
            self._progress = self._handed(f"\x1b]9;4;{progress_code(moment)}\x07")
        changed = "".join(new for old, new in zip(before, (self._title, self._progress), strict=True) if new != old)
        return changed + self._call(moment.connection, alerts, now)

    def _call(self, connection: Connection, alerts: Iterable[Alert], now: float) -> str:
        texts = [f"{alert.kind}: {alert.text}" for alert in alerts if alert.kind in NOTABLE]
        lost = connection.problem
        if lost is None:
            self._lost = False
        elif not self._lost:
            good = connection.last_good
            self._lost = lost.final or lost.refused or (good is not None and now - good.mono >= LONG_LOST)
            if self._lost:
                texts.append(f"{AlertKind.CONNECTION_LOST}: {lost.what}")
        if not texts:
            return ""
        # A text that began with a digit and a semicolon would be another command (9;4 is progress): it begins with a
        # word.
        told = f"\x1b]9;eitui: {clean('; '.join(texts), LONGEST_NOTIFICATION)}\x07"
        return (BELL if self._wanted.bell else "") + (self._wrapped(told) if self._notifies else "")

    def _wrapped(self, sequence: str) -> str:
        """Return `sequence` for the terminal around tmux or GNU screen."""
        return WRAPPED[self._within](sequence) if self._within else sequence

    def _around(self, sequence: str) -> str:
        """Return `sequence` for tmux itself, which has titles, and for the terminal around GNU screen.

        GNU screen would draw the title into the last line of the screen.
        """
        return sequence if self._within == "tmux" else self._wrapped(sequence)

    def _handed(self, sequence: str) -> str:
        """Return `sequence` for tmux itself, which has known progress since 3.6, and for the terminal around it."""
        return sequence + self._wrapped(sequence) if self._within == "tmux" else self._wrapped(sequence)


def title_of(moment: Moment) -> str:
    """Return the window's title: `8/44 ✓6 ✗2 · Keyword spotting`, clean; empty before there is a run."""
    progress = progress_of(moment.run)
    if not progress:
        return ""
    counts = dict(by_state(moment.run))
    over = " ".join(
        f"{status(state).sign}{'?' if counts[state] is None else counts[state]}" for state in (COMPLETED, FAILED)
    )
    name = moment.project_name or moment.run.config.name or "eitui"
    return clean(f"{progress} {over} · {name}", LONGEST_TITLE)


def progress_code(moment: Moment) -> str:
    """Return state and percent of OSC 9;4: 0 none, 1 running, 2 failed, 4 nothing moves or nobody answers."""
    run, planned = moment.run, planned_trials(moment.run)
    if not run.started or not planned:
        return "0;"
    percent = min(100, 100 * run.counts.over // planned)
    if run.finished:
        return "2;100" if ended_badly(moment) else "0;"
    still = stuck(moment)
    halted = moment.connection.problem is not None or (still is not None and still.entirely)
    return f"{4 if halted else 1};{percent}"


def _old_iterm(environ: Mapping[str, str]) -> bool:
    if environ.get("TERM_PROGRAM") == "iTerm.app":
        version = environ.get("TERM_PROGRAM_VERSION", "")
    elif environ.get("LC_TERMINAL") == "iTerm2":  # what sshd lets through
        version = environ.get("LC_TERMINAL_VERSION", "")
    else:
        return False
    return tuple(map(int, re.findall(r"\d+", version)[:3])) < (3, 6, 6)
