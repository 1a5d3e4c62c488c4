"""Model-testing results: `classify/all/result`, in the shape of the API document's `ClassifyJobResponse`."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from eitui.demo.blocks import learn_block, rate
from eitui.demo.catalogue import ANOMALY_LABEL, NO_ANOMALY, ImpulsePlan, Learn, SimulatedValue
from eitui.demo.kit import Json, success
from eitui.demo.options import Options
from eitui.demo.windows import (
    IMAGE,
    Boxes,
    Found,
    Sample,
    SimulatedBox,
    Verdict,
    aggregate,
    combine,
    findings,
    heads_best,
    judge,
    samples_of,
    scores_by_head,
)

VARIANTS = ("float32", "int8")
"""Model variants that results exist for; `int8` is sent when none is asked for."""

_WINDOW_MS, _STEP_MS = 1000, 250


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
    """The results of testing one impulse at the thresholds `tested`, by learn block; `rows`: as they are now."""

    def __init__(
        self,
        plan: ImpulsePlan,
        options: Options,
        tested: Mapping[int, Mapping[str, SimulatedValue]],
        rows: Mapping[int, list[Json]],
        variant: str,
    ) -> None:
        self._plan = plan
        self._samples = samples_of(plan, options.windows, options.seed)
        self._owners = [sample for sample in self._samples for _ in range(sample.windows)]
        """The sample that each window is of."""
        self._columns = []
        for learn in plan.learns:
            found = findings(plan, learn, options.windows, options.seed, variant)
            pairs = zip(found, self._owners, strict=True)
            verdicts = [judge(learn, one, sample, tested[learn.id]) for one, sample in pairs]
            self._columns.append(_Column(learn, found, verdicts, tested[learn.id], rows[learn.id]))

    def answer(self, created: str, project_id: int, *, explorer_only: bool) -> Json:
        """Return the whole answer, or for the feature explorer only: then without the samples."""
        predictions: list[Json] = []
        verdicts: list[Verdict] = []
        result: list[Json] = []
        for sample in self._samples:
            first = len(verdicts)
            for number in range(sample.windows):
                verdict = combine([column.verdicts[first + number] for column in self._columns], sample)
                verdicts.append(verdict)
                row: Json = {
                    "sampleId": sample.id,
                    "startMs": 0 if self._plan.image else number * _STEP_MS,
                    "endMs": 0 if self._plan.image else number * _STEP_MS + _WINDOW_MS,
                    "label": sample.label,
                    "prediction": verdict.prediction,
                    "predictionCorrect": verdict.correct,
                }
                learn, found = self._columns[0].learn, self._columns[0].found[first + number]
                if isinstance(found, list):
                    row["anomalyScores"] = found
                if learn.heads and isinstance(found, Mapping):
                    row["labelMapPredictions"] = heads_best(learn, found)
                if verdict.boxes:
                    row["f1Score"] = verdict.boxes.f1
                    row["boundingBoxes"] = [_box(box) for box in verdict.boxes.kept]
                predictions.append(row)
            if not explorer_only:
                which = slice(first, first + sample.windows)
                said = [self._classification(column, sample, which) for column in self._columns]
                described = self._sample(sample, created, project_id)
                result.append({"sampleId": sample.id, "sample": described, "classifications": said})
        additional: list[Json] = []
        for column in self._columns:
            share = sum(verdict.correct for verdict in column.verdicts) / max(1, len(column.verdicts))
            metric = {"name": "Share of right windows", "value": f"{share:.2f}", "fullPrecisionValue": round(share, 6)}
            block: Json = {"learnBlockId": column.learn.id, "learnBlockName": column.learn.title}
            additional.append(block | {"additionalMetrics": [metric]})
        return success(
            result=result,
            predictions=predictions,
            accuracy=self._accuracy(verdicts),
            additionalMetricsByLearnBlock=additional,
            availableVariants=list(VARIANTS),
        )

    def _classification(self, column: _Column, sample: Sample, which: slice) -> Json:
        """Describe what one learn block says of a sample, whose windows are `which`."""
        learn, found, thresholds = column.learn, column.found[which], column.thresholds
        step = 1 if self._plan.image else _readings(self._plan, _STEP_MS)
        length = 1 if self._plan.image else _readings(self._plan, _WINDOW_MS)
        spans = [{"startIndex": n * step, "endIndex": n * step + length - 1} for n in range(sample.windows)]
        scores = [window if isinstance(window, Mapping) else {} for window in found]
        said = [dict(one) for one in scores]
        expected: Json = {"label": sample.label}
        if learn.heads:  # the scores stand by key, and what is expected too
            said = [{} for _ in found]
            expected["labelMap"] = dict(zip(dict(learn.heads), sample.classes, strict=True))
        if learn.mode == "visual-anomaly":
            said = [{"anomaly": aggregate(window, thresholds)} for window in found if isinstance(window, list)]
        answer: Json = {
            "learnBlock": learn_block(self._plan, learn),
            "result": said,
            "expectedLabels": [span | expected for span in spans],
            "minimumConfidenceRating": next(iter(thresholds.values())),
            "thresholds": column.rows,
            "intervalMs": _STEP_MS,
            "frequencyHz": 1000 / _STEP_MS,
            "resultCount": len(found),
        }
        if "anomaly" in learn.mode:
            outcome = ANOMALY_LABEL if sample.odd else NO_ANOMALY
            answer["expectedAnomalyOutcome"] = [span | {"label": outcome} for span in spans]
        if learn.mode == "visual-anomaly":
            answer["anomalyResult"] = [_anomaly(w, thresholds) for w in found if isinstance(w, list)]
        if learn.heads:
            answer["labelMapResult"] = [heads_best(learn, one) for one in scores]
            answer["labelMapScores"] = [scores_by_head(learn, one) for one in scores]
        if learn.mode == "object-detection":
            boxes = [verdict.boxes for verdict in column.verdicts[which] if verdict.boxes]
            answer["structuredResult"] = [_structured(self._plan, learn, one, sample) for one in boxes]
            answer["objectDetectionLastLayer"] = learn.last_layer
        return answer

    def _sample(self, sample: Sample, created: str, project_id: int) -> Json:
        plan, image = self._plan, self._plan.image
        hertz = rate(plan)
        interval = 0 if image else 1000 / hertz
        length_ms = 0 if image else _WINDOW_MS + (sample.windows - 1) * _STEP_MS
        readings = 1 if image else _readings(plan, length_ms)
        chart = "image" if image else "chart"
        sensor: Json = {"index": 0, "name": plan.task.data_type, "units": "rgba" if image else "wav"}
        stream: Json = {"index": 0, "chartType": chart, "intervalMs": interval, "frequencyHz": hertz}
        stream |= {"sensors": [sensor], "valuesCount": readings, "totalLengthMs": length_ms}
        row: Json = {"id": sample.id, "filename": f"synthetic.{sample.id}"}
        row |= {"signatureValidate": True, "signatureMethod": "HS256", "created": created, "lastModified": created}
        row |= {"category": "testing", "coldstorageFilename": f"synthetic/testing/{sample.id}.cbor"}
        row |= {"label": sample.label, "intervalMs": interval, "frequency": hertz}
        row |= {"originalIntervalMs": interval, "originalFrequency": hertz, "deviceType": "SYNTHETIC"}
        row |= {"sensors": [sensor], "valuesCount": readings, "datastreams": [stream]}
        row |= {"totalLengthMs": length_ms, "added": created, "boundingBoxes": [_pixels(box) for box in sample.truth]}
        row |= {"boundingBoxesType": "object_detection", "chartType": chart}
        row |= {"isDisabled": False, "isProcessing": False, "processingError": False, "isCropped": False}
        row |= {"metadata": {"synthetic": "true"}, "projectId": project_id, "sha256Hash": f"{sample.id:064x}"}
        return row | {"imageDimensions": {"width": IMAGE, "height": IMAGE}} if image else row

    def _accuracy(self, verdicts: Sequence[Verdict]) -> Json:
        good = sum(verdict.correct for verdict in verdicts)
        answer = _summary(good, len(verdicts) - good) | {"accuracyScore": round(good / max(1, len(verdicts)), 6)}
        modes = {column.learn.mode for column in self._columns}
        if "object-detection" in modes:
            return answer
        if "regression" not in modes:
            return answer | _by_class(list(zip(self._owners, verdicts, strict=True)))
        (column,) = self._columns
        pairs = zip(self._owners, column.found, strict=True)
        squares = [(found["value"] - float(sample.label)) ** 2 for sample, found in pairs if isinstance(found, Mapping)]
        return answer | {"mseScore": round(fsum(squares) / max(1, len(squares)), 6)}


def no_results(why: str | None) -> Json:
    """Return the answer when there are no results; `why` is the API document's word if thresholds are the reason."""
    answer = success(
        result=[], predictions=[], accuracy=_summary(0, 0), additionalMetricsByLearnBlock=[], availableVariants=[]
    )
    return answer if why is None else answer | {"noResultsBecauseThresholdsChanged": why}


def _summary(good: int, bad: int) -> Json:
    answer: Json = {"totalSummary": {"good": good, "bad": bad}, "summaryPerClass": {}, "confusionMatrixValues": {}}
    # The document requires these rows and declares none.
    return answer | {"rows": [], "allLabels": []}


def _readings(plan: ImpulsePlan, length_ms: int) -> int:
    return length_ms * rate(plan) // 1000


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
        notes = {"y_trues": list(_centres(plan, sample.truth)), "y_preds": list(_centres(plan, boxes.kept))}
        answer["debugInfoJson"] = json.dumps(notes)
    return answer


def _centres(plan: ImpulsePlan, boxes: Sequence[SimulatedBox]) -> Iterator[Json]:
    for box in boxes:
        x, y = round(box.x + box.width / 2, 5), round(box.y + box.height / 2, 5)
        yield {"x": x, "y": y, "label": plan.task.classes.index(box.label)}


def _box(box: SimulatedBox) -> Json:
    row: Json = {"label": box.label, "x": box.x, "y": box.y, "width": box.width, "height": box.height}
    return row | {"score": box.score}


def _pixels(box: SimulatedBox) -> Json:
    sides = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    return {"label": box.label} | {name: round(side * IMAGE) for name, side in sides.items()}


def _by_class(verdicts: Sequence[tuple[Sample, Verdict]]) -> Json:
    """Return what `accuracy` has by class: counts, and the confusion matrix in fractions of each true class."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    good: Counter[str] = Counter()
    for sample, verdict in verdicts:
        table[sample.label][verdict.prediction] += 1
        good[sample.label] += verdict.correct
    labels = sorted(table)
    sizes = {label: sum(counts.values()) for label, counts in table.items()}
    columns = sorted({prediction for counts in table.values() for prediction in counts} | set(table))
    shares = {label: good[label] / size for label, size in sizes.items()}
    answer: Json = {
        "summaryPerClass": {label: {"good": good[label], "bad": sizes[label] - good[label]} for label in labels},
        "confusionMatrixValues": {
            label: {name: round(table[label][name] / sizes[label], 6) for name in columns} for label in labels
        },
        "allLabels": labels,
        "balancedAccuracyScore": round(fsum(shares.values()) / max(1, len(shares)), 6),
    }
    for meaning, name in ((ANOMALY_LABEL, "anomalyAccuracyScore"), (NO_ANOMALY, "noAnomalyAccuracyScore")):
        right = [verdict.correct for sample, verdict in verdicts if sample.meaning == meaning]
        if right:
            answer[name] = round(sum(right) / len(right), 6)
    return answer
