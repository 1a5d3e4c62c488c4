"""What an impulse is made of: input, DSP, learn and post-processing blocks, and what is known of it as a whole."""

from collections.abc import Iterator
from datetime import tzinfo

from eitui.analysis.impulses import INCOMPLETE, NOT_CONFIGURED, STALE, STATE_UNKNOWN, states
from eitui.domain.impulse import (
    DSP,
    INPUT,
    LEARN,
    POST_PROCESSING,
    BlockSetup,
    Dataset,
    DspBlock,
    Impulse,
    LearnBlock,
    Pairs,
)
from eitui.view.impulse.parts import SEPARATOR, about_block, state_line, trained_line, when_text
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit
from eitui.view.kit.lines import Line
from eitui.view.kit.page import heading, note_lines, pair_lines, problems, stacked

_TITLES = {INPUT: "Input", DSP: "DSP", LEARN: "Learn", POST_PROCESSING: "Post-processing"}
_MADE_BY = {"createImpulse": "by hand", "clone": "as a copy", "tuner": "by the EON Tuner"}
_WHY = {
    NOT_CONFIGURED: "Not all blocks are configured: nothing to train yet.",
    INCOMPLETE: "Not all blocks are trained.",
    STATE_UNKNOWN: "Edge Impulse does not say whether all blocks are configured and trained.",
    STALE: "The data changed since the features were generated: retrain for current metrics.",
}


def impulse_block_lines(impulse: Impulse, width: int, now: float, tz: tzinfo | None = None) -> list[Line]:
    """Return the impulse on lines of at most `width` cells (60 or more); `now` in seconds since the Unix epoch."""
    none = note_lines("No blocks yet. Create them in the Studio.", width) if not impulse.blocks else []
    return stacked(
        [
            _whole(impulse, width, now, tz),
            *(_block(block, width, now, tz) for block in impulse.blocks),
            none,
            problems(impulse.problems, width),
        ],
        width,
    )


def _whole(impulse: Impulse, width: int, now: float, tz: tzinfo | None) -> list[Line]:
    found = (
        ("id", "" if impulse.id is None else str(impulse.id)),
        ("kind", "" if impulse.type == "default" else impulse.type),
        ("uploaded model", impulse.model_file),
        ("tags", ", ".join(impulse.tags)),
        ("author", impulse.author),
        ("from trial", impulse.from_trial or ""),
        ("dataset", _dataset(impulse.dataset, now, tz)),
    )
    why = [line for word in states(impulse) if word in _WHY for line in note_lines(_WHY[word], width)]
    return [state_line(impulse), *why, *pair_lines([(name, value) for name, value in found if value], width, indent=0)]


def _dataset(data: Dataset | None, now: float, tz: tzinfo | None) -> str:
    if data is None:
        return ""
    created = "" if data.created is None else when_text(data.created, now, tz)
    return SEPARATOR.join(filter(None, (data.label, data.description, created)))


def _block(block: BlockSetup, width: int, now: float, tz: tzinfo | None) -> list[Line]:
    title = " · ".join(filter(None, (block.title, about_block(block))))
    lines = [heading(_TITLES.get(block.kind, block.kind), title)]
    if isinstance(block, LearnBlock) and (block.network is not None or block.anomaly is not None):
        created = block.network.created if block.network is not None else block.anomaly and block.anomaly.created
        lines.append((("  ", ""), *trained_line(block.trained, created or None, now, tz)))
    if isinstance(block, DspBlock):
        lines += _dsp(block, width, now, tz)
    lines += pair_lines(_made(block, now, tz), width)
    shown = pair_lines(block.parameters, width)
    return [*lines, *(shown or [(("  no parameters", "dim"),)])]


def _made(block: BlockSetup, now: float, tz: tzinfo | None) -> Pairs:
    if block.created is None and not block.created_by:
        return ()
    by = _MADE_BY.get(block.created_by, block.created_by)
    return (("made", " ".join(filter(None, ("" if block.created is None else when_text(block.created, now, tz), by)))),)


def _dsp(block: DspBlock, width: int, now: float, tz: tzinfo | None) -> Iterator[Line]:
    if block.error:
        yield from note_lines(f"! {block.error}", width, "warn")
    cost = block.cost
    figures = [fmt.latency(cost.latency_ms) if cost.latency_ms is not None else "", cost.text]
    figures.insert(1, f"{fmt.memory(cost.ram)} RAM" if cost.ram is not None else "")
    known = ", ".join(filter(None, figures))
    yield (("  cost on the device  ", "dim"), (known or "unknown", "" if known else "dim"))
    features = block.features
    if features.generated is False:
        yield (("  ○ no features generated yet", "warn"),)
        return
    counted = (
        f"{fmt.count(features.windows)} windows" if features.windows is not None else "",
        f"of {fmt.count(features.count)} values" if features.count is not None else "",
        f"({features.shape})" if "×" in features.shape else "",
        "" if features.created is None else f"  {when_text(features.created, now, tz)}",
    )
    text = " ".join(filter(None, counted))
    if text:
        yield (("  features            ", "dim"), (fit(text, min(width - 22, len(text))), ""))
    yield from pair_lines(features.made_with, width, indent=4)
    for failed in features.failed:
        yield from note_lines(f"  ! {failed}", width, "warn")
