"""A widget that draws toned lines itself and sends the terminal only the ones that changed.

Textual repaints a whole `Static` when its content is set, changed or not (4 to 10 KB a time); over SSH, once a
second, for hours, that is most of the traffic. Here an update that changes nothing sends nothing.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.color import BLACK, WHITE, Color
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from eitui.view.lines import EMPTY_LINE, TONES, Line, crop

CURSOR = ("", "cursor")
"""Ends the line that the cursor is on. It is no tone: it makes the line differ, so that a moved cursor is sent."""

DECORATION = frozenset({"grid"})
"""Tones of what is not read, and helps only while it is faint."""

LEAST_CONTRAST = 4.5
"""Between text and its ground, as WCAG 2 defines contrast and asks for it (1.4.3, level AA)."""

_PLAIN = Style()
_STEPS = 20


class Lines(Widget):
    """The base of every pane. Subclasses say in `build` what their lines are."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"tone--{tone}" for tone in TONES} | {"table--cursor"}

    _drawn: tuple[Line, ...] = ()
    _drawn_at: tuple[int, int] = (-1, -1)
    _toned_styles: dict[tuple[str, Style], Style] | None = None

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

    def strip(self, line: Iterable[tuple[str, str]], width: int) -> Strip:
        """Return `line` as exactly `width` cells in the widget's colours; the cursor's line on the cursor's ground."""
        spans = tuple(line)
        ground = self.rich_style
        if spans and spans[-1] == CURSOR:
            ground += self.get_component_rich_style("table--cursor")
        segments = [Segment(text, self._toned(tone, ground)) for text, tone in crop(spans, width)]
        return Strip(segments).adjust_cell_length(width, ground).simplify()

    def _toned(self, tone: str, ground: Style) -> Style:
        """Return `ground` with the ink of `tone` from the style sheet, legible on it."""
        if self._toned_styles is None:
            self._toned_styles = {}
        key = tone, ground
        if key not in self._toned_styles:
            self._toned_styles[key] = self._read_tone(tone, ground)
        return self._toned_styles[key]

    def _read_tone(self, tone: str, ground: Style) -> Style:
        styles = self.get_component_styles(f"tone--{tone}") if tone in TONES else None
        text_style = styles.text_style if styles else _PLAIN
        if ground.reverse:  # Inks would change places with the ground, and leave it in patches.
            return ground + text_style
        if ground.bgcolor is None or ground.bgcolor.triplet is None:  # One of the terminal's own colours.
            return ground + (Style(color=styles.color.rich_color) if styles else _PLAIN) + text_style
        under = Color.from_rich_color(ground.bgcolor)
        # A colour may be see-through (`$foreground 60%`); a terminal's cannot.
        ink = under + (styles.color if styles else Color.from_rich_color(ground.color))
        if tone not in DECORATION:
            ink = legible(ink, under)
        return ground + Style(color=ink.rich_color) + text_style

    def notify_style_update(self) -> None:
        """Forget the styles: the theme or a class has changed."""
        self._toned_styles = None
        super().notify_style_update()


def _at(lines: Sequence[Line], y: int) -> Line:
    return lines[y] if 0 <= y < len(lines) else EMPTY_LINE


def legible(ink: Color, ground: Color) -> Color:
    """Return `ink`, moved towards white or black no further than its contrast on `ground` demands.

    Themes choose their colours for their own ground; on a cursor's, and dimmed, some can hardly be read. Either white
    or black has a contrast of 4.58 or more on any ground.
    """
    end = max((WHITE, BLACK), key=lambda colour: contrast(colour, ground))
    steps = (ink.blend(end, step / _STEPS) for step in range(_STEPS))
    return next((colour for colour in steps if contrast(colour, ground) >= LEAST_CONTRAST), end)


def contrast(one: Color, other: Color) -> float:
    """Return the contrast of two opaque colours as WCAG 2 defines it, from 1 to 21."""
    lower, higher = sorted((_luminance(one), _luminance(other)))
    return (higher + 0.05) / (lower + 0.05)


def _luminance(colour: Color) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
