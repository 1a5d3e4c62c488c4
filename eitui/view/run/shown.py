"""The rows of the table as they are shown, as rows for other programs: figures in full."""

import re
from collections.abc import Iterable
from pathlib import Path

from eitui.analysis.figures import Context, Figure, Reader
from eitui.domain.trial import Trial
from eitui.view.run.export import Table

_LONGEST = 40
"""Characters of a run's name in the name of a file."""

_MOST_FILES = 100
"""Names that are tried before the first is proposed again."""


def shown_table(trials: Iterable[Trial], figures: Iterable[Figure], context: Context) -> Table:
    """Return a row for each of `trials` with these figures of it. Units and the part are in the columns' names.

    Every row says its trial's id and the precision of its figures.
    """
    exported = [pair for figure in figures for pair in figure.of(context.lens.part).exported]
    fields: list[tuple[str, Reader]] = [("trial_id", lambda trial, _: trial.id)]
    if "precision" not in dict(exported):
        fields.append(("precision", lambda _, context: context.lens.precision))
    fields += exported
    rows = tuple(tuple(value(trial, context) for _, value in fields) for trial in trials)
    return Table(tuple(name for name, _ in fields), rows)


def free_name(run_name: str, directory: Path) -> str:
    """Return a name, of plain letters, for a CSV file of a run's trials that is not there yet."""
    words = re.sub(r"[^a-z0-9]+", "-", run_name.lower())[:_LONGEST].strip("-") or "tuner"
    names = (f"{words}-trials{f'-{number}' if number > 1 else ''}.csv" for number in range(1, _MOST_FILES))
    return next((name for name in names if not (directory / name).exists()), f"{words}-trials.csv")
