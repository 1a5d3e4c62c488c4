"""A widget that draws toned lines itself and sends the terminal only the ones that changed.

Textual repaints a whole `Static` when its content is set, changed or not (4 to 10 KB a time); over SSH, once a
second, for hours, that is most of the traffic. Here an update that changes nothing sends nothing.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from eitui.view.lines import EMPTY_LINE, TONES, Line, crop

_PLAIN = Style()


class Lines(Widget):
    """The base of every pane. Subclasses say in `build` what their lines are."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"tone--{tone}" for tone in TONES}

    _drawn: tuple[Line, ...] = ()
    _drawn_at: tuple[int, int] = (-1, -1)
    _styles_by_tone: dict[str, Style] | None = None

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the lines to show, in an area of `width` by `height` cells."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    def redraw(self) -> None:
        """Build the lines again and send those that changed."""
        if not self.is_attached or not self.size:
            return
        if not self.display:
            self._drawn_at = (-1, -1)  # build when it is shown again, not while nobody sees it
            return
        before, (width, height) = self._drawn, self.size
        if self._drawn_at != (width, height):
            return  # a resize is under way and repaints everything
        after = self._drawn = tuple(self.build(width, height))
        changed = [y for y in range(height) if _at(before, y) != _at(after, y)]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """Draw one line; called by Textual."""
        width, height = self.size
        if self._drawn_at != (width, height):
            self._drawn_at = (width, height)
            self._drawn = tuple(self.build(width, height))
        return self.strip(_at(self._drawn, y), width)

    def strip(self, line: Iterable[tuple[str, str]], width: int, base: Style | None = None) -> Strip:
        """Return `line` as exactly `width` cells in the widget's colours, on `base` where given."""
        ground = self.rich_style if base is None else base
        segments = [Segment(text, ground + self.tone(tone)) for text, tone in crop(line, width)]
        return Strip(segments).adjust_cell_length(width, ground).simplify()

    def tone(self, tone: str) -> Style:
        """Return the style for `tone` from the style sheet, without a background of its own."""
        if self._styles_by_tone is None:
            self._styles_by_tone = {name: self._read_tone(name) for name in TONES}
        return self._styles_by_tone.get(tone, _PLAIN)

    def _read_tone(self, tone: str) -> Style:
        styles = self.get_component_styles(f"tone--{tone}")
        # A colour may be see-through (`$foreground 60%`); a terminal's cannot.
        ink = self.background_colors[1] + styles.color
        return Style(color=ink.rich_color) + styles.text_style

    def notify_style_update(self) -> None:
        """Forget the styles: the theme or a class has changed."""
        self._styles_by_tone = None
        super().notify_style_update()


def _at(lines: Sequence[Line], y: int) -> Line:
    return lines[y] if 0 <= y < len(lines) else EMPTY_LINE
