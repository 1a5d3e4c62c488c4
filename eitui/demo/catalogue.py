"""The project's impulses: one of each kind of learn block that has thresholds."""

from dataclasses import dataclass, replace

from eitui.demo.families import DETECTION, KEYWORDS, REGRESSION, Task
from eitui.demo.thresholds import MIN_SCORE, Threshold


@dataclass(frozen=True)
class Learn:
    """A learn block. `type` and `mode` are words of the API document."""

    id: int
    type: str
    mode: str
    title: str
    thresholds: tuple[Threshold, ...]

    @property
    def anomaly(self) -> bool:
        """Whether it is a classical anomaly block, with an anomaly configuration of its own."""
        return self.type in ("anomaly", "anomaly-gmm")


@dataclass(frozen=True)
class ImpulsePlan:
    """An impulse: one input, one DSP and some learn blocks."""

    id: int
    name: str
    task: Task
    learns: tuple[Learn, ...]
    retest: str = "regenerated"
    """What a change of thresholds does to the model-testing results."""
    from_trial: bool = False
    trained: bool = True
    stale: bool = False
    tags: tuple[str, ...] = ()


_ANOMALY = Threshold(
    "min_anomaly_score", "Anomaly score threshold", "A higher score is tagged as an anomaly.", 0.3, suggested=0.27
)

_AGGREGATION = Threshold(
    "anomaly_scoring_aggregation_method",
    "Aggregation of cell scores",
    "How the scores of an image's cells become one score.",
    "max",
    options=(("max", "Highest cell score"), ("mean", "Mean of all cells"), ("top_k", "Mean of the ten highest")),
)

_ERROR = Threshold(
    "max_absolute_error", "Maximum absolute error", "A larger error counts as wrong.", 4.2, suggested=3.7
)

_TEXT = (
    Threshold("min_score_pixel", "Pixel threshold", "A pixel with a lower score is not text.", 0.3),
    Threshold("min_score_box", "Box threshold", "A box with a lower score is dropped.", 0.6),
    Threshold("unclip_ratio", "Unclip ratio", "How far boxes grow beyond their shrunken shape.", 1.5),
)

IMPULSES = (
    ImpulsePlan(
        1,
        "Keywords and unknown sounds (synthetic)",
        KEYWORDS,
        (
            Learn(3, "keras", "classification", "Classifier", (MIN_SCORE,)),
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
        tags=("synthetic",),
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
        tags=("synthetic",),
    ),
    ImpulsePlan(
        4,
        "Parts on a belt (synthetic)",
        DETECTION,
        (
            Learn(
                33, "keras-object-detection", "object-detection", "Object detection", (replace(MIN_SCORE, value=0.5),)
            ),
            Learn(34, "keras-object-detection", "object-detection", "Text detection", _TEXT),
        ),
        retest="not_regenerated",
        stale=True,
        tags=("synthetic",),
    ),
    ImpulsePlan(
        5,
        "Load estimation (synthetic)",
        REGRESSION,
        (Learn(43, "keras-regression", "regression", "Regression", (_ERROR,)),),
        retest="job",
        tags=("synthetic",),
    ),
    ImpulsePlan(
        6,
        "Not trained yet (synthetic)",
        KEYWORDS,
        (Learn(53, "keras", "classification", "Classifier", (MIN_SCORE,)),),
        retest="not_regenerated",
        trained=False,
    ),
)
