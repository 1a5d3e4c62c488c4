"""Model-testing results: `classify/all/result`, in the shape of the API document's `ClassifyJobResponse`."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from eitui.demo.answers import Json, success
from eitui.demo.catalogue import ImpulsePlan, Learn
from eitui.demo.judge import Boxes, Verdict, aggregate, combine, judge
from eitui.demo.thresholds import SimulatedValue
from eitui.demo.windows import ANOMALY_LABEL, IMAGE, NO_ANOMALY, Found, Sample, SimulatedBox, findings, samples_of

VARIANTS = ("float32", "int8")
"""Model variants that results exist for; `int8` is sent when none is asked for."""

_WINDOW_MS, _STEP_MS = 1000, 250

Tested = Mapping[int, Mapping[str, SimulatedValue]]
"""Thresholds by learn block, as they were when the results were computed."""


@dataclass(frozen=True)
class ClassifySettings:
    """What all answers about results share."""

    windows: int
    """Windows in an impulse's test set."""
    seed: int
    created: str
    """When the samples were taken, as the service writes a date-time."""
    project_id: int


@dataclass(frozen=True)
class _Column:
    """One learn block with all it says."""

    learn: Learn
    found: Sequence[Found]
    verdicts: Sequence[Verdict]
    thresholds: Mapping[str, SimulatedValue]
    rows: list[Json]
    """Its thresholds as `BlockThreshold`s."""


class Results:
    """The results of testing one impulse, at the thresholds it was tested with."""

    def __init__(
        self,
        plan: ImpulsePlan,
        settings: ClassifySettings,
        tested: Tested,
        rows: Mapping[int, list[Json]],
        variant: str,
    ) -> None:
        self._plan = plan
        self._settings = settings
        self._samples = samples_of(plan, settings.windows, settings.seed)
        self._columns = [self._column(learn, tested[learn.id], rows[learn.id], variant) for learn in plan.learns]

    def _column(
        self, learn: Learn, thresholds: Mapping[str, SimulatedValue], rows: list[Json], variant: str
    ) -> _Column:
        found = findings(self._plan, learn, self._settings.windows, self._settings.seed, variant)
        owners = (sample for sample in self._samples for _ in range(sample.windows))
        verdicts = [judge(learn, one, sample, thresholds) for one, sample in zip(found, owners, strict=True)]
        return _Column(learn, found, verdicts, thresholds, rows)

    def answer(self, *, explorer_only: bool) -> Json:
        """Return the whole answer, or for the feature explorer only: then without the samples."""
        predictions: list[Json] = []
        verdicts: list[tuple[str, Verdict]] = []
        result: list[Json] = []
        for sample, first in self._each():
            for number in range(sample.windows):
                verdict, row = self._prediction(sample, first, number)
                verdicts.append((sample.label, verdict))
                predictions.append(row)
            if not explorer_only:
                result.append(self._result(sample, first))
        return success(
            result=result,
            predictions=predictions,
            accuracy=self._accuracy(verdicts),
            additionalMetricsByLearnBlock=[self._additional(column) for column in self._columns],
            availableVariants=list(VARIANTS),
        )

    def _each(self) -> Iterator[tuple[Sample, int]]:
        """Yield every sample with the number of its first window."""
        first = 0
        for sample in self._samples:
            yield sample, first
            first += sample.windows

    def _prediction(self, sample: Sample, first: int, number: int) -> tuple[Verdict, Json]:
        verdict = combine([column.verdicts[first + number] for column in self._columns], sample)
        row: Json = {
            "sampleId": sample.id,
            "startMs": 0 if self._plan.image else number * _STEP_MS,
            "endMs": 0 if self._plan.image else number * _STEP_MS + _WINDOW_MS,
            "label": sample.label,
            "prediction": verdict.prediction,
            "predictionCorrect": verdict.correct,
        }
        found = self._columns[0].found[first + number]
        if isinstance(found, list):
            row["anomalyScores"] = found
        if verdict.boxes:
            row["f1Score"] = verdict.boxes.f1
            row["boundingBoxes"] = [_box(box) for box in verdict.boxes.kept]
        return verdict, row

    def _result(self, sample: Sample, first: int) -> Json:
        return {
            "sampleId": sample.id,
            "sample": self._sample(sample),
            "classifications": [
                self._classification(column, sample, slice(first, first + sample.windows)) for column in self._columns
            ],
        }

    def _classification(self, column: _Column, sample: Sample, which: slice) -> Json:
        learn, found = column.learn, column.found[which]
        step = 1 if self._plan.image else _readings(self._plan, _STEP_MS)
        length = 1 if self._plan.image else _readings(self._plan, _WINDOW_MS)
        lowest = next(iter(column.thresholds.values()))
        answer: Json = {
            "learnBlock": learn_block(self._plan, learn),
            "result": [_scores(window, column.thresholds) for window in found],
            "expectedLabels": [row | {"label": sample.label} for row in _spans(sample.windows, step, length)],
            "minimumConfidenceRating": lowest,
            "thresholds": column.rows,
            "intervalMs": _STEP_MS,
            "frequencyHz": 1000 / _STEP_MS,
            "resultCount": len(found),
        }
        if "anomaly" in learn.mode:
            outcome = ANOMALY_LABEL if sample.label == ANOMALY_LABEL else NO_ANOMALY
            answer["expectedAnomalyOutcome"] = [
                row | {"label": outcome} for row in _spans(sample.windows, step, length)
            ]
        if learn.mode == "visual-anomaly":
            answer["anomalyResult"] = [_anomaly(w, column.thresholds) for w in found if isinstance(w, list)]
        if learn.mode == "object-detection":
            answer["structuredResult"] = [
                _structured(self._plan, learn, verdict.boxes, sample)
                for verdict in column.verdicts[which]
                if verdict.boxes
            ]
            answer["objectDetectionLastLayer"] = learn.last_layer
        return answer

    def _sample(self, sample: Sample) -> Json:
        plan = self._plan
        rate = 0 if plan.image else _RATES[plan.task.data_type]
        length_ms = 0 if plan.image else _WINDOW_MS + (sample.windows - 1) * _STEP_MS
        readings = 1 if plan.image else _readings(plan, length_ms)
        chart = "image" if plan.image else "chart"
        sensor: Json = {"index": 0, "name": plan.task.data_type, "units": "rgba" if plan.image else "wav"}
        row: Json = {
            "id": sample.id,
            "filename": f"synthetic.{sample.id}",
            "signatureValidate": True,
            "signatureMethod": "HS256",
            "created": self._settings.created,
            "lastModified": self._settings.created,
            "category": "testing",
            "coldstorageFilename": f"synthetic/testing/{sample.id}.cbor",
            "label": sample.label,
            "intervalMs": 0 if plan.image else 1000 / rate,
            "frequency": rate,
            "originalIntervalMs": 0 if plan.image else 1000 / rate,
            "originalFrequency": rate,
            "deviceType": "SYNTHETIC",
            "sensors": [sensor],
            "valuesCount": readings,
            "datastreams": [
                {
                    "index": 0,
                    "chartType": chart,
                    "intervalMs": 0 if plan.image else 1000 / rate,
                    "frequencyHz": rate,
                    "sensors": [sensor],
                    "valuesCount": readings,
                    "totalLengthMs": length_ms,
                }
            ],
            "totalLengthMs": length_ms,
            "added": self._settings.created,
            "boundingBoxes": [_pixels(box) for box in sample.truth],
            "boundingBoxesType": "object_detection",
            "chartType": chart,
            "isDisabled": False,
            "isProcessing": False,
            "processingError": False,
            "isCropped": False,
            "metadata": {"synthetic": "true"},
            "projectId": self._settings.project_id,
            "sha256Hash": f"{sample.id:064x}",
        }
        if plan.image:
            row["imageDimensions"] = {"width": IMAGE, "height": IMAGE}
        return row

    def _accuracy(self, verdicts: Sequence[tuple[str, Verdict]]) -> Json:
        good = sum(verdict.correct for _, verdict in verdicts)
        answer: Json = {
            "totalSummary": {"good": good, "bad": len(verdicts) - good},
            "summaryPerClass": {},
            "confusionMatrixValues": {},
            # The document requires these rows and declares none.
            "rows": [],
            "allLabels": [],
            "accuracyScore": round(good / max(1, len(verdicts)), 6),
        }
        modes = {column.learn.mode for column in self._columns}
        if "regression" in modes:
            return answer | {"mseScore": self._mean_squared_error()}
        if "object-detection" in modes:
            return answer
        return answer | _by_class(verdicts)

    def _mean_squared_error(self) -> float:
        (column,) = self._columns
        truths = [float(sample.label) for sample in self._samples for _ in range(sample.windows)]
        pairs = zip(truths, column.found, strict=True)
        squares = [(found["value"] - truth) ** 2 for truth, found in pairs if isinstance(found, Mapping)]
        return round(fsum(squares) / max(1, len(squares)), 6)

    def _additional(self, column: _Column) -> Json:
        learn = column.learn
        share = sum(verdict.correct for verdict in column.verdicts) / max(1, len(column.verdicts))
        metric = {"name": "Share of right windows", "value": f"{share:.2f}", "fullPrecisionValue": round(share, 6)}
        return {"learnBlockId": learn.id, "learnBlockName": learn.title, "additionalMetrics": [metric]}


def no_results(why: str | None) -> Json:
    """Return the answer when there are no results; `why` is the API document's word if thresholds are the reason."""
    answer = success(
        result=[],
        predictions=[],
        accuracy={
            "totalSummary": {"good": 0, "bad": 0},
            "summaryPerClass": {},
            "confusionMatrixValues": {},
            "rows": [],
            "allLabels": [],
        },
        additionalMetricsByLearnBlock=[],
        availableVariants=[],
    )
    return answer if why is None else answer | {"noResultsBecauseThresholdsChanged": why}


def learn_block(plan: ImpulsePlan, learn: Learn) -> Json:
    """Describe a learn block in the shape of `ImpulseLearnBlock`."""
    return {"id": learn.id, "type": learn.type, "name": learn.title, "title": learn.title, "dsp": [plan.dsp_id]}


_RATES = {"audio": 16_000, "motion": 100}


def _spans(windows: int, step: int, length: int) -> Iterator[Json]:
    """Yield where the windows of a sample begin and end, in readings."""
    return ({"startIndex": number * step, "endIndex": number * step + length - 1} for number in range(windows))


def _readings(plan: ImpulsePlan, length_ms: int) -> int:
    return length_ms * _RATES[plan.task.data_type] // 1000


def _scores(found: Found, thresholds: Mapping[str, SimulatedValue]) -> Json:
    if isinstance(found, Mapping):
        return dict(found)
    return {"anomaly": aggregate(found, thresholds)} if isinstance(found, list) else {}


def _anomaly(grid: list[list[float]], thresholds: Mapping[str, SimulatedValue]) -> Json:
    limit = thresholds["min_anomaly_score"]
    cells = [(row, column, score) for row, line in enumerate(grid) for column, score in enumerate(line)]
    size = round(1 / len(grid), 5)
    return {
        "boxes": [
            _box(SimulatedBox(ANOMALY_LABEL, round(column * size, 5), round(row * size, 5), size, size, score))
            for row, column, score in cells
            if not isinstance(limit, str) and score > limit
        ],
        "scores": grid,
        "meanScore": round(fsum(score for _, _, score in cells) / len(cells), 5),
        "maxScore": max(score for _, _, score in cells),
    }


def _structured(plan: ImpulsePlan, learn: Learn, boxes: Boxes, sample: Sample) -> Json:
    fomo = learn.last_layer == "fomo"
    answer: Json = {
        "boxes": [[box.x, box.y, box.width, box.height] for box in boxes.kept],
        "labels": [box.label for box in boxes.kept],
        "scores": [box.score for box in boxes.kept],
        "mAP": 0 if fomo else round(boxes.precision * boxes.recall, 5),
        "f1": boxes.f1 if fomo else 0,
        "precision": boxes.precision,
        "recall": boxes.recall,
    }
    if fomo:
        notes = {"y_trues": _centres(plan, sample.truth), "y_preds": _centres(plan, boxes.kept)}
        answer["debugInfoJson"] = json.dumps(notes)
    return answer


def _centres(plan: ImpulsePlan, boxes: Sequence[SimulatedBox]) -> list[Json]:
    return [
        {
            "x": round(box.x + box.width / 2, 5),
            "y": round(box.y + box.height / 2, 5),
            "label": plan.task.classes.index(box.label),
        }
        for box in boxes
    ]


def _box(box: SimulatedBox) -> Json:
    return {
        "label": box.label,
        "x": box.x,
        "y": box.y,
        "width": box.width,
        "height": box.height,
        "score": box.score,
    }


def _pixels(box: SimulatedBox) -> Json:
    sides = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    return {"label": box.label} | {name: round(side * IMAGE) for name, side in sides.items()}


def _by_class(verdicts: Sequence[tuple[str, Verdict]]) -> Json:
    """Return what `accuracy` has by class: counts, and the confusion matrix in fractions of each true class."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    good: Counter[str] = Counter()
    for label, verdict in verdicts:
        table[label][verdict.prediction] += 1
        good[label] += verdict.correct
    sizes = {label: sum(counts.values()) for label, counts in table.items()}
    columns = sorted({prediction for counts in table.values() for prediction in counts} | set(table))
    shares = {label: good[label] / size for label, size in sizes.items()}
    answer: Json = {
        "summaryPerClass": {label: {"good": good[label], "bad": sizes[label] - good[label]} for label in sorted(table)},
        "confusionMatrixValues": {
            label: {name: round(table[label][name] / sizes[label], 6) for name in columns} for label in sorted(table)
        },
        "allLabels": sorted(table),
        "balancedAccuracyScore": round(fsum(shares.values()) / max(1, len(shares)), 6),
    }
    if ANOMALY_LABEL in shares:
        answer["anomalyAccuracyScore"] = round(shares[ANOMALY_LABEL], 6)
    if NO_ANOMALY in shares:
        answer["noAnomalyAccuracyScore"] = round(shares[NO_ANOMALY], 6)
    return answer
