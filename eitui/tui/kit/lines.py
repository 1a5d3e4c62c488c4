"""A widget that draws toned lines itself and sends the terminal only the ones that changed.

Textual repaints a whole `Static` when its content is set, changed or not (4 to 10 KB a time); over SSH, once a
second, for hours, that is most of the traffic. Here an update that changes nothing sends nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.color import BLACK, WHITE, Color
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from eitui.view.kit.lines import EMPTY_LINE, Line, crop

CURSOR = ("", "cursor")
"""Ends the line that the cursor is on. It is no tone: it makes the line differ, so that a moved cursor is sent."""

_BOLD, _REVERSE, _UNDERLINE = Style(bold=True), Style(reverse=True), Style(underline=True)
_PLAIN = Style()


class Ink(NamedTuple):
    """How a tone looks with all colours, in the terminal's own 16, and without any."""

    colour: str
    """A variable of the theme, or a colour of its own (`#rrggbb`), where no theme has one of that meaning."""
    ansi: Style
    """In named colours on a dark ground: nothing can be mixed of them, and blue is too dark."""
    alpha: float = 1.0
    style: Style = _PLAIN
    """What comes on top of the colour."""
    on_light: Style | None = None
    """In named colours on a light ground, where cyan and yellow are too pale; None: as on a dark one."""
    mono: Style | None = None
    """With NO_COLOR; None: `style` alone."""
    ground: float = 0.0
    """How opaque the colour lies on the ground instead of the text, 0..1."""


_BLUE, _CYAN, _GREEN, _MAGENTA, _RED, _YELLOW = (
    Style(color=name) for name in ("blue", "cyan", "green", "magenta", "red", "yellow")
)
_DIM = Style(dim=True)


def _heat(colour: str, named: str) -> tuple[Ink, ...]:
    """Return the grounds of a cell by how much is in it, least first: of few colours there are two and plain text."""
    on = Style(color="black", bgcolor=named)
    looks = ((0.15, Style(color=named), _PLAIN), (0.3, Style(color=named) + _BOLD, _BOLD), (0.55, on, _REVERSE))
    return (
        *(Ink(colour, ansi, ground=ground, mono=mono) for ground, ansi, mono in looks),
        Ink(colour, on + _BOLD, ground=0.85, mono=_REVERSE + _BOLD),
    )


INKS = {
    # States: eitui.view.kit.status says which of them each state has.
    "dim": Ink("foreground", _DIM, 0.6, mono=_DIM),
    "good": Ink("text-success", _GREEN),
    "warn": Ink("text-warning", _YELLOW, on_light=_MAGENTA, mono=_BOLD),
    "bad": Ink("text-error", _RED + _BOLD, style=_BOLD),
    "over": Ink("text-error", _MAGENTA, on_light=_RED + _UNDERLINE, mono=_BOLD),
    "best": Ink("#ffd24d", _YELLOW, style=_BOLD, on_light=_MAGENTA + _BOLD),
    "accent": Ink("text-primary", _CYAN, on_light=_BLUE),
    # That what is shown is not the present, or not real.
    "mode": Ink("text-warning", _YELLOW, style=_REVERSE, on_light=_MAGENTA),
    "lost": Ink("text-error", _RED, style=_BOLD + _REVERSE),
    # What is no state.
    "title": Ink("foreground", _PLAIN, style=_BOLD),
    "key": Ink("foreground", _PLAIN, style=_BOLD),
    "draft": Ink("text-primary", _CYAN, style=_BOLD, on_light=_BLUE + _BOLD),
    "caret": Ink("foreground", _PLAIN, style=_REVERSE),
    "grid": Ink("foreground", _DIM, 0.3, mono=_DIM),
    "train": Ink("text-primary", _CYAN, on_light=_BLUE),
    "val": Ink("foreground", _PLAIN, style=_BOLD),
    # Which is which; a sign says so as well.
    "mark1": Ink("#56b4e9", _CYAN, on_light=_BLUE),
    "mark2": Ink("#e58bd0", _MAGENTA),
    "mark3": Ink("#2cb5a9", _CYAN + _BOLD, on_light=_BLUE + _BOLD),
    "mark4": Ink("#b8863b", _MAGENTA + _BOLD),
    "mark5": Ink("#a48cf0", _BLUE + _BOLD),
    "mark6": Ink("#8d9e3f", _GREEN + _BOLD),
    "mark7": Ink("foreground", _PLAIN),
    "mark8": Ink("foreground", _DIM, 0.6, mono=_DIM),
    # The share of a cell of a matrix.
    **{f"right{level}": ink for level, ink in enumerate(_heat("success", "green"), 1)},
    **{f"wrong{level}": ink for level, ink in enumerate(_heat("error", "red"), 1)},
}
"""The one table of tones and colours.

No component classes of a style sheet: Textual would work out each of them for every widget at every change of a class
or of the focus, a third of the time that a key press takes.
"""

DECORATION = frozenset({"grid"})
"""Tones of what is not read, and helps only while it is faint."""

LEAST_CONTRAST = 4.5
"""Between text and its ground, as WCAG 2 defines contrast and asks for it (1.4.3, level AA)."""

_STEPS = 20

LIGHT_NAMED = "ansi-light"
"""The theme of named colours on a light ground; of `textual-ansi` it is not known, and most terminals are dark."""


class Lines(Widget):
    """The base of every pane. Subclasses say in `build` what their lines are."""

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
            # A resize is under way and repaints everything; it may lead back to the size of the lines that are kept.
            self._drawn_at = (-1, -1)
            return
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
            ground = self.cursor_ground(ground)
        segments = [Segment(text, self._toned(tone, ground)) for text, tone in crop(spans, width)]
        return Strip(segments).adjust_cell_length(width, ground).simplify()

    def cursor_ground(self, ground: Style) -> Style:
        """Return the ground of the cursor's line, which differs with and without the focus."""
        if self.app.no_color or self.app.has_pseudo_class("ansi"):
            # The terminal's own colours cannot be mixed, and which of them can be read on which is not known.
            return ground + (_REVERSE if self.has_focus else _UNDERLINE)
        variable, alpha = ("block-cursor-background", 0.4) if self.has_focus else ("block-cursor-blurred-background", 1)
        colour = Color.parse(self.app.theme_variables[variable])
        under = Color.from_rich_color(ground.bgcolor) if ground.bgcolor is not None else self.background_colors[1]
        return ground + Style(bgcolor=(under + colour.multiply_alpha(alpha)).rich_color)

    def _toned(self, tone: str, ground: Style) -> Style:
        """Return `ground` with the ink of `tone`, legible on it."""
        if self._toned_styles is None:
            self._toned_styles = {}
        key = tone, ground
        if key not in self._toned_styles:
            self._toned_styles[key] = self._mix(tone, ground)
        return self._toned_styles[key]

    def _mix(self, tone: str, ground: Style) -> Style:
        ink = INKS.get(tone)
        style = ink.style if ink else _PLAIN
        if ground.reverse:  # Inks would change places with the ground, and leave it in patches.
            return ground + style
        if ink is not None and self.app.no_color:
            return ground + (style if ink.mono is None else ink.mono)
        if ground.bgcolor is None or ground.bgcolor.triplet is None:  # One of the terminal's own colours.
            if ink is None:
                return ground
            named = ink.on_light if ink.on_light is not None and self.app.theme == LIGHT_NAMED else ink.ansi
            return ground + named + style
        under = Color.from_rich_color(ground.bgcolor)
        plain = Color.from_rich_color(ground.color)
        if ink is None:
            return ground + Style(color=legible(plain, under).rich_color)
        colour = Color.parse(ink.colour if ink.colour[:1] == "#" else self.app.theme_variables[ink.colour])
        if ink.ground:
            under += colour.multiply_alpha(ink.ground)
            return ground + Style(color=legible(plain, under).rich_color, bgcolor=under.rich_color)
        # A colour may be see-through; a terminal's cannot.
        mixed = under + colour.multiply_alpha(ink.alpha)
        if tone not in DECORATION:
            mixed = legible(mixed, under)
        return ground + Style(color=mixed.rich_color) + style

    def watch_has_focus(self, has_focus: bool) -> None:
        """Draw the cursor's line again, whose ground differs with the focus; called by Textual."""
        super().watch_has_focus(has_focus)
        rows = [y for y, line in enumerate(self._drawn) if tuple(line)[-1:] == (CURSOR,)]
        if rows:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in rows))

    def notify_style_update(self) -> None:
        """Forget the styles: the theme or a class has changed."""
        self._toned_styles = None
        super().notify_style_update()


def indented(lines: Iterable[Line]) -> list[Line]:
    """Return `lines` a cell further right, as text stands below a title."""
    return [((" ", ""), *line) for line in lines]


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


Build = Callable[[int, int], Sequence[Line]]
"""Returns the lines for an area of so many cells across and down."""


class Drawing(Lines):
    """Shows what `build` returns; sends what of it changed."""

    def __init__(self, build: Build) -> None:
        super().__init__(id="drawing")
        self._build = build

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the lines."""
        return self._build(width, height)
