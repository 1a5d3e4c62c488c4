"""Synthetic trials that carry the JSON they came as, for what is read only when it is asked for."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from build import completed

from eitui.api.state import pack
from eitui.domain.trial import INT8, TEST, VALIDATION, Evaluation, Trial


def with_recalls(trial_id: str, yes: float, no: float, *, part: str = VALIDATION, block: str = "MFE") -> Trial:
    """Return a completed trial of two classes with these recalls (0..1) on a part of the data."""
    report = {"0": {"recall": no, "support": 10}, "1": {"recall": yes, "support": 10}}
    result = {
        "metrics": {part: {INT8: {"report": report, "classNames": ["no", "yes"]}}},
        "impulse": {"dspBlocks": [{"title": block, "type": block.lower()}]},
    }
    trial = completed(trial_id)
    return replace(
        trial,
        evaluations={**trial.evaluations, (TEST, INT8): Evaluation(0.4, 0.8)},
        payload=pack(json.dumps(result).encode()),
    )


def with_impulse(trial: Trial, *dsp: Mapping[str, Any], **learn: Any) -> Trial:
    """Return a trial whose impulse has these DSP blocks and one learn block with these parameters."""
    result = {"impulse": {"dspBlocks": list(dsp), "learnBlocks": [{"type": "keras", **learn}]}}
    return replace(trial, payload=pack(json.dumps(result).encode()))
