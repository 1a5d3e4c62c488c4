"""What the tabs of an impulse have in common."""

from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo

from eitui.analysis.impulses import states
from eitui.domain.anomaly import Dependencies, When
from eitui.domain.impulse import BlockSetup, Impulse, LearnBlock, Pairs
from eitui.view.kit import format as fmt
from eitui.view.kit.lines import Line, Span
from eitui.view.kit.page import heading, note_lines, problems, stacked
from eitui.view.kit.status import TRAINED, UNTRAINED, status

SEPARATOR = " · "


def when_text(at: When, now: float, tz: tzinfo | None = None) -> str:
    """Return when something was, `now` in seconds since the Unix epoch; the service's words where it is no time."""
    return fmt.clock(at, now, tz) if isinstance(at, float | int) or at is None else at


def state_line(impulse: Impulse) -> Line:
    """Return the state that an impulse is in: a sign and a word for each."""
    spans: list[Span] = []
    for word in states(impulse):
        shown = status(word)
        spans += [("  " if spans else "", ""), (shown.text, shown.tone)]
    return tuple(spans)


def of_block(block: BlockSetup) -> Line:
    """Return the heading of a part about one block."""
    return heading(block.title or block.type or "Block without a name", about_block(block))


def about_block(block: BlockSetup) -> str:
    """Return the block's type and id, where there are any."""
    kind = block.type if block.title and block.type != block.title else ""
    return SEPARATOR.join(filter(None, (kind, f"block {block.id}" if block.id is not None else "")))


def trained_line(trained: bool | None, created: When, now: float, tz: tzinfo | None = None) -> Line:
    """Return whether a block was trained, and when."""
    if trained is None:
        return (("Unknown whether it was trained.", "dim"),)
    if not trained:
        return (UNTRAINED.span,)
    at = "" if created is None else f"  {when_text(created, now, tz)}"
    return (TRAINED.span, (at, "dim"))


def data_pairs(data: Dependencies) -> Pairs:
    """Return what is known of the data that feeds a learn block."""
    found = (
        ("fed by", ", ".join(data.block_names)),
        *((f"classes of {key}", ", ".join(classes)) for key, classes in data.heads),
        ("classes", "" if data.heads else ", ".join(data.classes)),
        ("outputs", ", ".join(data.outputs)),
        ("values per window", "" if data.features is None else fmt.count(data.features)),
        ("windows", "" if data.samples is None else fmt.count(data.samples)),
    )
    return tuple((name, value) for name, value in found if value)


def each(
    impulse: Impulse,
    blocks: Iterable[LearnBlock],
    draw: Callable[[LearnBlock], Iterable[Sequence[Line]]],
    none: str,
    width: int,
) -> list[Line]:
    """Return what `draw` makes of every block, a blank line between its sections; `none` where there is no block."""
    sections = [section for block in blocks for section in draw(block)]
    return stacked([*(sections or [note_lines(none, width)]), problems(impulse.problems, width)], width)
