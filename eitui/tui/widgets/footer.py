"""The line at the bottom: the keys that matter most, as many as fit."""

from collections.abc import Sequence
from itertools import groupby

from eitui.tui.keys import Key
from eitui.tui.kit.lines import Lines
from eitui.view.kit.lines import Line, Span, width_of

_KEPT = frozenset({"app.help", "app.quit", "trial.open", "time.live", "over.back"})


class Footer(Lines):
    """Made from the table of keys. Textual's own footer sends 83 KB on a change of focus."""

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__(id="footer")
        self._keys = keys
        self._past = self._replay = False

    def show(self, *, past: bool, replay: bool) -> None:
        """Show the keys that matter now, or those that matter in the past, or in a replay, which has no now."""
        self._past, self._replay = past, replay
        self.redraw()

    def use(self, keys: Sequence[Key]) -> None:
        """Show these keys from now on."""
        self._keys = keys
        self.redraw()

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the keys in their order; help and quit stay when others have to go."""
        ranked = sorted((named for key in self._keys if (named := self._named(key))[0]), key=lambda one: one[0])
        # Keys that share a place are two directions of one thing.
        shown = [
            (label, [key for _, _, key in together])
            for (_, label), together in groupby(ranked, key=lambda one: (one[0], one[1]))
        ]
        droppable = [one for one in shown if not any(key.id in _KEPT for key in one[1])]
        while droppable and width_of(_line(shown)) > width:
            shown.remove(droppable.pop())
        return [_line(shown)]

    def _named(self, key: Key) -> tuple[int, str, Key]:
        """Return the key's place, 0 for none, and what it is called."""
        if not self._past:
            return key.footer, key.label, key
        place, label = key.past
        return place, "End" if self._replay and key.id == "time.live" else label, key


def _line(shown: Sequence[tuple[str, Sequence[Key]]]) -> Line:
    spans: list[Span] = []
    for label, keys in shown:
        spans += [(f" {' '.join(key.first for key in keys)}", "key"), (f" {label} ", "dim")]
    return tuple(spans)
