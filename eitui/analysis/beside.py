"""Another run to compare with: the live one beside an earlier one."""

from dataclasses import dataclass, replace

from eitui.analysis.ranking import ranked
from eitui.domain.curve import EMPTY_CURVE, Curve
from eitui.domain.moment import Moment
from eitui.domain.trial import Trial


@dataclass(frozen=True)
class RunBeside:
    """A run that stands beside the one that is shown."""

    moment: Moment
    word: str = "live run"
    """What it is called."""

    @property
    def leaders(self) -> tuple[Trial, ...]:
        """Its best trial (★), and the best within the limits (☆) if that is another one.

        Their ids and names tell them from the trials of the run that is shown.
        """
        stands = ranked(self.moment)
        found: list[Trial] = []
        for sign, trial in (("★", stands.trial), ("☆", stands.within_limits)):
            if trial is not None and all(self._id(trial) != one.id for one in found):
                found.append(replace(trial, id=self._id(trial), name=f"{trial.name or trial.id} {sign} {self.word}"))
        return tuple(found)

    def is_of(self, trial_id: str) -> bool:
        """Whether an id is that of one of `leaders`."""
        return trial_id.startswith(self._id_start)

    def curve(self, trial_id: str) -> Curve:
        """Return the curve of one of `leaders`."""
        return self.moment.history.curves.get(trial_id.removeprefix(self._id_start), EMPTY_CURVE)

    @property
    def _id_start(self) -> str:
        return f"{self.word}: "

    def _id(self, trial: Trial) -> str:
        return f"{self._id_start}{trial.id}"
