"""What a learn block said of each window of the model-testing data: what a threshold decides on."""

from collections.abc import Sequence
from dataclasses import dataclass

ANOMALY, NORMAL = "anomaly", "no anomaly"
"""The service's words for what a window is expected to be, and the labels that mean so where a project says nothing."""

NO_SCORE = float("-inf")
"""The score of a window for which the service gave none: it passes no threshold."""

Grid = tuple[tuple[float | None, ...], ...]
"""One score per cell of an image, as rows."""


@dataclass(frozen=True)
class WindowPlace:
    """Where a window is."""

    sample: str
    """The sample's file name, or its id."""
    window: int
    """From 0, within the sample."""


@dataclass(frozen=True)
class Windows:
    """Where all windows are; of equal length with the scores. The sequences are not to be changed."""

    samples: tuple[str, ...] = ()
    """Names of the samples."""
    sample_of: Sequence[int] = ()
    """For each window, an index of `samples`."""
    within: Sequence[int] = ()
    """For each window, its place in its sample, from 0."""

    def place(self, index: int) -> WindowPlace | None:
        """Return where a window is; None where that is not known."""
        if not 0 <= index < min(len(self.sample_of), len(self.within)):
            return None
        sample = self.sample_of[index]
        return WindowPlace(self.samples[sample], self.within[index]) if 0 <= sample < len(self.samples) else None


NO_WINDOWS = Windows()


@dataclass(frozen=True)
class AnomalyLabels:
    """Which labels of a project mean an anomaly, and which mean none; what any other means is not known."""

    anomaly: frozenset[str] = frozenset({ANOMALY})
    normal: frozenset[str] = frozenset({NORMAL})

    def outcome(self, label: str) -> bool | None:
        """Return whether a window with this label is an anomaly; None where that is not known, or contradictory."""
        found = label in self.anomaly
        return None if found == (label in self.normal) else found


DEFAULT_LABELS = AnomalyLabels()


def truth_text(label: str, expected: bool | None) -> str:
    """Return a window's label, and whether it is an anomaly where the label alone would mislead."""
    if expected is None or not label:
        return label or ("" if expected is None else ANOMALY if expected else NORMAL)
    return label if (label == ANOMALY) == expected else f"{label} ({ANOMALY if expected else NORMAL})"


@dataclass(frozen=True)
class ClassificationScores:
    """Scores 0..1 of n windows for each of k classes; below the threshold the best class is not believed."""

    labels: tuple[str, ...]
    """Names of the k classes, then of classes that occur as a label but are not among those that the network knows."""
    scores: Sequence[float]
    """Row by row, n * k of them (an `array("d")`); `NO_SCORE` where there is none."""
    expected: Sequence[int | None]
    """For each of the n windows an index of `labels`; None where it has no label."""
    classes: int
    """k, at least 1 unless there are no windows."""
    windows: Windows = NO_WINDOWS


@dataclass(frozen=True)
class AnomalyScores:
    """Scores of n windows by how unusual they are, without bounds.

    Above the threshold a window is an anomaly: so the API document says it (`AnomalyConfig.minimumConfidenceRating`).
    """

    scores: Sequence[float]
    """One per window (an `array("d")`); `NO_SCORE` where there is none."""
    expected: Sequence[bool | None]
    """Whether the window is an anomaly; None where neither the service nor the project's labels say so."""
    labels: Sequence[str] = ()
    """The windows' labels; empty where they are not known."""
    windows: Windows = NO_WINDOWS
    note: str = ""
    """What must be known of `expected`; a sentence, or empty."""


@dataclass(frozen=True)
class VisualAnomalyScores:
    """Scores of n images for visual anomaly detection, and of the cells they consist of."""

    expected: Sequence[bool | None]
    given: Sequence[float]
    """One score per image as the service computed it by `method`; `NO_SCORE` where there is none."""
    method: str = ""
    """The threshold `anomaly_scoring_aggregation_method` at the time; empty where it is not known."""
    maxima: Sequence[float] = ()
    """The highest score of each image's cells."""
    means: Sequence[float] = ()
    """The mean of them."""
    grids: Sequence[Grid] = ()
    """The scores of the cells, as the service sent them; empty for an image without."""
    labels: Sequence[str] = ()
    windows: Windows = NO_WINDOWS
    note: str = ""
    """As of `AnomalyScores`."""

    def by(self, method: str) -> AnomalyScores | None:
        """Return one score per image; `method` is the threshold `anomaly_scoring_aggregation_method`.

        The service's own scores are taken where it computed them by this method, or where none is given. Its words
        for other methods are not documented: one that speaks of a maximum or a mean is taken for that; for any other
        there are no scores.
        """
        word = method.lower()
        if not word or method == self.method:
            return self._with(self.given)
        if "max" in word:
            return self._with(self.maxima)
        if "mean" in word or "average" in word:
            return self._with(self.means)
        return None

    def _with(self, scores: Sequence[float]) -> AnomalyScores | None:
        fits = len(scores) == len(self.expected)
        return AnomalyScores(scores, self.expected, self.labels, self.windows, self.note) if fits else None


@dataclass(frozen=True)
class DetectionScores:
    """Boxes that a network drew into images. Those with a score below the threshold do not count.

    A box is matched with at most one object of its label, the boxes with the best scores first. Leaving out boxes with
    low scores therefore does not change how the others are matched.
    """

    labels: tuple[str, ...]
    objects: Sequence[int]
    """For each label, how many there are in all images."""
    scores: Sequence[float]
    """For each box, 0..1."""
    label_of: Sequence[int]
    """For each box, an index of `labels`."""
    matched: Sequence[bool]
    """For each box, whether there is an object where it is."""
    images: Sequence[int] = ()
    """For each box, the window (image) it is in."""
    windows: Windows = NO_WINDOWS
    """Where the images are."""
    lowest: float | None = None
    """The service left boxes out below this score: of lower thresholds nothing can be said. None: it did not."""
    matching: str = ""
    """How boxes and objects were matched, in words: the service may do it otherwise."""


@dataclass(frozen=True)
class ErrorScores:
    """Absolute errors of n windows for regression; up to the threshold a window is right."""

    errors: Sequence[float | None]
    """None where the window has no number as a label, or no result."""
    windows: Windows = NO_WINDOWS


Scores = ClassificationScores | AnomalyScores | DetectionScores | ErrorScores
"""What there is a what-if for; `VisualAnomalyScores` by way of `by`."""


@dataclass(frozen=True)
class NoScores:
    """There is nothing to compute a what-if from."""

    reason: str
    """A sentence."""
    untested: bool = False
    """Whether model testing would bring some."""

    @classmethod
    def of_heads(cls, names: Sequence[str]) -> "NoScores":
        """Return that a block has several heads, whose results are not one."""
        named = f" ({', '.join(names)})" if names else ""
        return cls(f"This block has a class for each of several keys{named}: no what-if for all at once")


Scored = Scores | VisualAnomalyScores | NoScores
"""What the service has of a learn block's scores."""
