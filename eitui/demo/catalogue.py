"""The project's impulses: one of each kind of learn block that has thresholds, and the states they can be in."""

from dataclasses import dataclass, replace
from typing import Literal

from eitui.demo.families import DETECTION, KEYWORDS, REGRESSION, Task

ANOMALY_LABEL, NO_ANOMALY = "anomaly", "no anomaly"

Mode = Literal["classification", "anomaly", "anomaly-gmm", "visual-anomaly", "object-detection", "regression"]

SimulatedValue = float | str


@dataclass(frozen=True)
class SimulatedThreshold:
    """One threshold of a learn block, in the terms of the API document's `BlockThreshold`."""

    key: str
    description: str
    help_text: str
    value: SimulatedValue
    suggested: float | None = None
    options: tuple[tuple[str, str], ...] = ()
    """(value, description) of each choice, for a threshold that is chosen from a list."""


@dataclass(frozen=True)
class Learn:
    """A learn block. `type`, `mode` and `last_layer` are words of the API document."""

    id: int
    type: str
    mode: Mode
    title: str
    thresholds: tuple[SimulatedThreshold, ...]
    last_layer: str = ""
    """Object detection only."""
    trained: bool = True
    folds: int = 0
    """Networks that k-fold validation trains; 0: it is not used."""
    heads: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(key, classes) of each output of a network with several; the first has the task's classes."""

    @property
    def anomaly(self) -> bool:
        """Whether it is a classical anomaly block, with an anomaly configuration of its own."""
        return self.type in ("anomaly", "anomaly-gmm")


Retest = Literal["regenerated", "not_regenerated", "job"]


@dataclass(frozen=True)
class ImpulsePlan:
    """An impulse: one input, one DSP and some learn blocks."""

    id: int
    name: str
    task: Task
    learns: tuple[Learn, ...]
    retest: Retest = "regenerated"
    """What a change of thresholds does to the model-testing results; `job`: the test set is large."""
    from_trial: bool = False
    trained: bool = True
    """Whether features were generated and the blocks trained (a block of its own may still not be)."""
    configured: bool = True
    stale: bool = False
    tags: tuple[str, ...] = ("synthetic",)
    tracking: bool = False
    """Whether a post-processing block follows the objects it finds."""
    odd_labels: tuple[str, ...] = (ANOMALY_LABEL,)
    """What samples that are anomalies are labelled."""
    normal_label: str = NO_ANOMALY

    def is_trained(self, learn: Learn) -> bool:
        """Whether this learn block of it was trained."""
        return self.trained and learn.trained

    @property
    def complete(self) -> bool:
        """Whether it is configured and trained, all of it."""
        return self.configured and self.trained and all(learn.trained for learn in self.learns)

    @property
    def dsp_id(self) -> int:
        """The DSP block's id; the input block's is one less."""
        return 10 * (self.id - 1) + 2

    @property
    def image(self) -> bool:
        """Whether its input is images: then a sample is one window."""
        return self.task.data_type == "image"


_MIN_SCORE = SimulatedThreshold("min_score", "Score threshold", "A result with a lower score counts as uncertain.", 0.6)

_ANOMALY = SimulatedThreshold(
    "min_anomaly_score", "Anomaly score threshold", "A higher score is tagged as an anomaly.", 0.3, suggested=0.27
)

_AGGREGATION = SimulatedThreshold(
    "anomaly_scoring_aggregation_method",
    "Aggregation of cell scores",
    "How the scores of an image's cells become one score.",
    "max",
    options=(("max", "Highest cell score"), ("mean", "Mean of all cells"), ("top_k", "Mean of the ten highest")),
)

_ERROR = SimulatedThreshold(
    "max_absolute_error", "Maximum absolute error", "A larger error counts as wrong.", 4.2, suggested=3.7
)

_BOX_SCORE = SimulatedThreshold("min_score", "Score threshold", "A box with a lower score is discarded.", 0.5)

_TEXT = (
    _BOX_SCORE,
    SimulatedThreshold("min_score_pixel", "Pixel threshold", "A pixel with a lower score is not text.", 0.3),
    SimulatedThreshold("min_score_box", "Box threshold", "A box with a lower score is dropped.", 0.6),
    SimulatedThreshold("unclip_ratio", "Unclip ratio", "How far boxes grow beyond their shrunken shape.", 1.5),
)

IMPULSES = (
    ImpulsePlan(
        1,
        "Keywords and unknown sounds (synthetic)",
        KEYWORDS,
        (
            Learn(3, "keras", "classification", "Classifier", (_MIN_SCORE,)),
            Learn(4, "anomaly", "anomaly", "Anomaly detection (K-means)", (_ANOMALY,)),
        ),
        from_trial=True,
        tags=("synthetic", "tuner"),
    ),
    ImpulsePlan(
        2,
        "Machine sounds (synthetic)",
        KEYWORDS,
        (
            Learn(
                13,
                "anomaly-gmm",
                "anomaly-gmm",
                "Anomaly detection (GMM)",
                (replace(_ANOMALY, value=2.1, suggested=1.87),),
            ),
        ),
    ),
    ImpulsePlan(
        3,
        "Surface defects (synthetic)",
        DETECTION,
        (
            Learn(
                23,
                "keras-visual-anomaly",
                "visual-anomaly",
                "Visual anomaly detection",
                (replace(_ANOMALY, value=5.25, suggested=4.8), _AGGREGATION),
            ),
        ),
    ),
    ImpulsePlan(
        4,
        "Parts on a belt (synthetic)",
        DETECTION,
        (
            Learn(33, "keras-object-detection", "object-detection", "Object detection", (_BOX_SCORE,), "fomo"),
            Learn(34, "keras-object-detection", "object-detection", "Text detection", _TEXT, "paddleocr-detector"),
        ),
        retest="not_regenerated",
        stale=True,
        tags=("synthetic", "stale"),
        tracking=True,
    ),
    ImpulsePlan(
        5,
        "Load estimation (synthetic)",
        REGRESSION,
        (Learn(43, "keras-regression", "regression", "Regression", (_ERROR,)),),
        retest="job",
    ),
    ImpulsePlan(
        6,
        "Not trained yet (synthetic)",
        KEYWORDS,
        (Learn(53, "keras", "classification", "Classifier", (_MIN_SCORE,)),),
        retest="not_regenerated",
        trained=False,
        tags=(),
    ),
    ImpulsePlan(
        7,
        "Anomaly blocks not trained yet (synthetic)",
        KEYWORDS,
        (
            Learn(63, "keras", "classification", "Classifier", (_MIN_SCORE,), folds=5),
            Learn(64, "anomaly", "anomaly", "Anomaly detection (K-means)", (_ANOMALY,), trained=False),
            Learn(65, "anomaly-gmm", "anomaly-gmm", "Anomaly detection (GMM)", (_ANOMALY,), trained=False),
        ),
    ),
    ImpulsePlan(8, "Not configured yet (synthetic)", KEYWORDS, (), trained=False, configured=False, tags=()),
)


_RELABELLED = {
    2: replace(IMPULSES[1], odd_labels=("worn bearing", "loose bolt"), normal_label="healthy"),
    3: replace(IMPULSES[2], odd_labels=("scratch", "dent"), normal_label="flawless"),
}

_HEADS = ImpulsePlan(
    9,
    "Words and rooms, two heads (synthetic)",
    replace(KEYWORDS, classes=("no", "yes")),
    (
        Learn(
            83,
            "keras",
            "classification",
            "Words and rooms",
            (_MIN_SCORE,),
            heads=(("word", ("no", "yes")), ("room", ("kitchen", "office", "street"))),
        ),
    ),
)


def plans_of(scenario: str) -> tuple[ImpulsePlan, ...]:
    """Return the project's impulses in this scenario."""
    if scenario == "relabelled":
        return tuple(_RELABELLED.get(plan.id, plan) for plan in IMPULSES)
    return (*IMPULSES, _HEADS) if scenario == "heads" else IMPULSES


FROM_TRIAL = next(plan.id for plan in IMPULSES if plan.from_trial)
"""The impulse that was made from the run's first trial."""
