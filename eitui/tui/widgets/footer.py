"""The line at the bottom: the keys that matter most, as many as fit."""

from collections.abc import Sequence

from eitui.tui.keys import Key
from eitui.tui.widgets.lines import Lines
from eitui.view.lines import Line, Span, width_of


class Footer(Lines):
    """Made from the table of keys. Textual's own footer sends 83 KB on a change of focus."""

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__(id="footer")
        self._keys = keys

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the keys in their order; help and quit stay when others have to go."""
        ranked = sorted((key for key in self._keys if key.footer), key=lambda key: key.footer)
        kept = list(ranked)
        droppable = [key for key in ranked if key.id not in ("app.help", "app.quit", "trial.open")]
        while droppable and width_of(_line(kept)) > width:
            kept.remove(droppable.pop())
        return [_line(kept)]


def _line(keys: Sequence[Key]) -> Line:
    spans: list[Span] = []
    for key in keys:
        spans += [(f" {key.display}", "key"), (f" {key.label} ", "dim")]
    return tuple(spans)
