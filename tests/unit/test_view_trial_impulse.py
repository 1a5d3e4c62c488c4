"""The blocks of a trial with their parameters."""

from build import completed, run
from trial_lines import at_every_width, text

from eitui.domain.detail import ImpulseBlock, TrialDetail
from eitui.domain.trial import Trial
from eitui.view.trial import progress

TRIAL = completed("1")


def shown(detail: TrialDetail, width: int = 80) -> list[str]:
    return text(progress.trial_impulse_lines(detail, TRIAL, run(TRIAL), width), width).splitlines()


def test_blocks_have_a_heading_and_their_parameters() -> None:
    blocks = (
        ImpulseBlock("input", "Images", "image", (("resize mode", "fit-short"),)),
        ImpulseBlock("dsp", "raw", "raw"),
        ImpulseBlock("other", "", ""),
    )
    assert shown(TrialDetail(blocks=blocks, model=(("width", "8"), ("learning rate", "0.1")))) == [
        "Input  Images · image",
        "  resize mode  fit-short",
        "",
        "DSP  raw",
        "  no parameters",
        "",
        "other",
        "  no parameters",
        "",
        "Candidate  as the search defines it",
        "  width          8",
        "  learning rate  0.1",
    ]


def test_many_parameters_stand_in_two_columns() -> None:
    block = ImpulseBlock("dsp", "MFE", "mfe", tuple((f"parameter {number}", str(number)) for number in range(7)))
    assert [line.split() for line in shown(TrialDetail(blocks=(block,)))[1:]] == [
        ["parameter", "0", "0", "parameter", "4", "4"],
        ["parameter", "1", "1", "parameter", "5", "5"],
        ["parameter", "2", "2", "parameter", "6", "6"],
        ["parameter", "3", "3"],
    ]


def test_long_values_go_on_below_themselves() -> None:
    block = ImpulseBlock("learn", "x", "keras", (("axes", "accelerometer " * 12), ("n" * 64, "1")))
    found = at_every_width(
        lambda width: progress.trial_impulse_lines(TrialDetail(blocks=(block,)), TRIAL, run(TRIAL), width)
    )
    assert all(one.count("accelerometer") == 12 for one in found)


def test_why_there_is_nothing() -> None:
    assert shown(TrialDetail(), 120) == ["The impulse of this trial is unknown: the service sent none."]
    odd = progress.trial_impulse_lines(TrialDetail(), Trial("1", "x", "", problem="id: is odd"), run(), 80)
    assert "the data could not be read" in " ".join(text(odd, 80).split())
