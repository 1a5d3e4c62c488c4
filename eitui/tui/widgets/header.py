"""The lines at the top."""

from collections.abc import Sequence

from eitui.analysis.lens import Lens
from eitui.domain.moment import EMPTY_MOMENT, Instant
from eitui.domain.moment import Moment as RunMoment
from eitui.tui.kit.lines import Lines
from eitui.view.kit.lines import Line
from eitui.view.run.header import Past, header


class Header(Lines):
    """Which run, how far, how long, within which limits, and whether it is live; see `eitui.view.run.header`."""

    def __init__(self, *, unencrypted: bool = False) -> None:
        super().__init__(id="header")
        self._unencrypted = unencrypted
        self._moment, self._now, self._paused = EMPTY_MOMENT, Instant(0.0, 0.0), False
        self._lens: Lens | None = None
        self._past: Past | None = None
        self._today = self._now

    def show(
        self,
        moment: RunMoment,
        now: Instant,
        *,
        paused: bool,
        past: Past | None = None,
        today: Instant | None = None,
        lens: Lens | None = None,
    ) -> None:
        """Show `moment` as of `now`; the header grows by a line for each notice. See `eitui.view.run.header`."""
        self._moment, self._now, self._paused = moment, now, paused
        self._past, self._today, self._lens = past, today or now, lens
        height = len(self.build(self.size.width or 80, 0))
        if self.styles.height is None or self.styles.height.value != height:
            self.styles.height = height
        self.redraw()

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the lines of `eitui.view.run.header`."""
        return header(
            self._moment,
            self._now,
            width,
            paused=self._paused,
            past=self._past,
            today=self._today,
            lens=self._lens,
            unencrypted=self._unencrypted,
        )
