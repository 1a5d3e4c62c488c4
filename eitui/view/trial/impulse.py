"""What a trial is made of: its input, DSP and learn blocks with their parameters."""

from eitui.domain.detail import ImpulseBlock, TrialDetail
from eitui.domain.run import Run
from eitui.domain.trial import Trial
from eitui.view.kit.lines import Line
from eitui.view.kit.page import heading, note_lines, pair_lines
from eitui.view.trial.parts import finished

_TITLES = {"input": "Input", "dsp": "DSP", "learn": "Learn"}


def trial_impulse_lines(detail: TrialDetail, trial: Trial, run: Run, width: int) -> list[Line]:
    """Return the blocks, one below the other, on lines of at most `width` cells (60 or more)."""
    if not detail.blocks and not detail.model:
        why = "the data could not be read" if trial.problem else "the service sent none"
        return finished([note_lines(f"The impulse of this trial is unknown: {why}.", width)], detail, width)
    model = [heading("Candidate", "as the search defines it"), *pair_lines(detail.model, width)] if detail.model else []
    return finished([*(_block(block, width) for block in detail.blocks), model], detail, width)


def _block(block: ImpulseBlock, width: int) -> list[Line]:
    what = " · ".join(dict.fromkeys(filter(None, [block.title, block.type])))
    return [
        heading(_TITLES.get(block.kind, block.kind), what),
        *(pair_lines(block.parameters, width) or [(("  no parameters", "dim"),)]),
    ]
