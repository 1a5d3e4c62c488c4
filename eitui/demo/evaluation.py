"""What the service says of a trained network: accuracy, confusion matrix, report, cost on devices, predictions."""

from dataclasses import dataclass
from math import fsum
from random import Random

from eitui.demo.families import Task, ordinary
from eitui.demo.kit import Json, rng_for
from eitui.demo.specs import VALIDATION_SAMPLES, Spec

DEVICES = {
    "cortex-m4f-80mhz": 1.0, "cortex-m7-216mhz": 0.28, "cortex-m4f-64mhz": 1.25, "cortex-m33-128mhz": 0.62,
    "cortex-m0-48mhz": 6.8, "cortex-m55-400mhz": 0.11, "cortex-m85-480mhz": 0.09, "espressif-esp32": 1.1,
    "espressif-esp32-s3": 0.4, "rp2040": 2.9, "cortex-a7-800mhz": 0.06, "cortex-a53-1200mhz": 0.03,
    "cortex-a72-1500mhz": 0.02, "arduino-unoq": 0.025, "riscv-u74-1400mhz": 0.04, "linux-x86-64": 0.005,
    "dsp-hexagon-v66": 0.03, "npu-ethos-u55-128": 0.02, "npu-ethos-u55-256": 0.015, "cortex-m33-64mhz": 1.2,
}  # fmt: skip
"""Device identifiers in the service's style, each with its latency relative to the first."""

SIMULATED_PRECISIONS = ("int8", "float32")

_PARTS = (("validation", 0), ("test", -7), ("train", 9))
"""Parts of the data set, with the samples a network gets right there beyond validation."""


@dataclass(frozen=True)
class Detail:
    """How much the service says of each network."""

    devices: int
    predictions: int
    seed: int


def device_performance(task: Task, spec: Spec) -> Json:
    """Cost of the network on the run's target device by precision, as `devicePerformance` has it."""
    return {precision: _cost(task, spec, precision, 1.0, whole=False) for precision in SIMULATED_PRECISIONS}


def dsp_performance(spec: Spec) -> Json:
    """Cost of the DSP block on the run's target device: milliseconds, bytes."""
    size = spec.features / ordinary(spec.dsp.choices)
    return {"latency": round(spec.dsp.latency_ms * size, 2), "ram": round(spec.dsp.ram * size)}


def metrics(task: Task, spec: Spec, detail: Detail) -> Json:
    """All evaluations of a completed trial: by part of the data set, then by precision."""
    devices = {precision: on_devices(task, spec, precision, detail.devices) for precision in SIMULATED_PRECISIONS}
    return {
        part: {p: evaluation(task, spec, p, (part, more), devices[p], detail) for p in SIMULATED_PRECISIONS}
        for part, more in _PARTS
    }


def evaluation_summary(task: Task, spec: Spec) -> Json:
    """Return the short form that a trial's learn block carries: loss and accuracy only."""
    return {
        part: {p: _scores(task, spec, _right(spec, p, more)) for p in SIMULATED_PRECISIONS} for part, more in _PARTS[:2]
    }


def evaluation(
    task: Task, spec: Spec, precision: str, part: tuple[str, int], devices: list[Json], detail: Detail
) -> Json:
    """One evaluation. Without an accuracy the report and the matrix are empty and the accuracy is 0."""
    name, more = part
    rng = rng_for(detail.seed, "evaluation", spec.index, precision, name)
    right = _right(spec, precision, more)
    share, wrong = right / VALIDATION_SAMPLES, 1 - right / VALIDATION_SAMPLES
    scored = task.kind != "regression" and spec.net.scored
    matrix = _matrix(right, len(task.classes), rng) if scored else []
    fits = _supported(task, spec, precision)
    if task.kind == "regression":
        more_metrics = {"Mean absolute error": 4.2 * wrong + 0.11, "Explained variance score": 1 - wrong}
    elif task.kind == "object-detection" and not spec.net.scored:
        more_metrics = {"COCO mAP": 0.62 * (1 - wrong), "Recall (max. 10 detections)": 0.7 * (1 - wrong)}
    else:
        more_metrics = {"Weighted average F1 score": 1 - wrong}
    answer: Json = {
        "type": precision,
        **_scores(task, spec, right),
        "confusionMatrix": matrix,
        "report": report(matrix) if scored else {},
        "onDevicePerformance": devices,
        "visualization": "featureExplorer" if name == "validation" else "none",
        "isSupportedOnMcu": fits,
        "additionalMetrics": [
            {"name": name, "value": f"{value:.2f}", "fullPrecisionValue": round(value, 6)}
            for name, value in more_metrics.items()
        ],
        "classNames": list(task.classes),
    }
    if not fits:
        answer["mcuSupportError"] = "The model does not fit the memory of a microcontroller"
    if detail.predictions:
        rows: list[Json] = []
        for number in range(detail.predictions):
            label = task.classes[number % len(task.classes)]
            guess = label if rng.random() < share else rng.choice(task.classes)
            row: Json = {"sampleId": 700_000 + number, "startMs": 0, "endMs": 1000}
            rows.append(row | {"label": label, "prediction": guess, "predictionCorrect": guess == label})
        answer["predictions"] = rows
    return answer


def on_devices(task: Task, spec: Spec, precision: str, count: int) -> list[Json]:
    """Cost on `count` devices, the run's target first. Every seventh could not be profiled."""
    fits = _supported(task, spec, precision)
    rows: list[Json] = []
    for number, name in enumerate([task.device, *(name for name in DEVICES if name != task.device)][:count]):
        row: Json = {"mcu": name, "name": name.replace("-", " ").title(), "isDefault": number == 0}
        row |= _cost(task, spec, precision, DEVICES[name] / DEVICES[task.device])
        row["hasPerformance"] = fits and number % 7 != 6
        if not row["hasPerformance"]:
            row["profilingError"] = "Profiling did not finish"
        rows.append(row)
    return rows


def report(matrix: list[list[int]]) -> Json:
    """Compute a classification report in scikit-learn's shape, keyed by class index, of a matrix true by predicted."""
    total = sum(map(sum, matrix))
    rows: dict[str, dict[str, float]] = {}
    for index, row in enumerate(matrix):
        support, hits = sum(row), row[index]
        precision, recall = hits / max(1, sum(other[index] for other in matrix)), hits / max(1, support)
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        rows[str(index)] = {"precision": round(precision, 6), "recall": round(recall, 6), "f1-score": round(f1, 6)}
        rows[str(index)]["support"] = support
    shares = [row["support"] / total for row in rows.values()]
    answer: Json = dict(rows)
    answer["accuracy"] = round(sum(row[index] for index, row in enumerate(matrix)) / total, 6)
    for name, weights in (("macro avg", [1 / len(rows)] * len(rows)), ("weighted avg", shares)):
        answer[name] = {
            key: round(fsum(w * row[key] for w, row in zip(weights, rows.values(), strict=True)), 6)
            for key in ("precision", "recall", "f1-score")
        } | {"support": total}
    return answer


def _supported(task: Task, spec: Spec, precision: str) -> bool:
    """Whether the network fits a microcontroller at all at this precision."""
    return precision == "int8" or spec.ram * 3 < 3.6 * task.ram


def _right(spec: Spec, precision: str, more: int) -> int:
    correct = spec.correct_int8 if precision == "int8" else spec.correct_float32
    shift = more if more >= 0 else more * (1 + spec.index % 3)
    return min(max(correct + shift, 1), VALIDATION_SAMPLES)


def _scores(task: Task, spec: Spec, right: int) -> Json:
    """Return loss and accuracy; the loss of a diverged network is not a number, which the service writes as null."""
    share = right / VALIDATION_SAMPLES
    scored = task.kind != "regression" and spec.net.scored
    return {
        "loss": None if spec.diverges else round(1.1 * (1 - share) + 0.034, 6),
        "accuracy": round(share, 6) if scored else 0,
    }


def _matrix(right: int, classes: int, rng: Random) -> list[list[int]]:
    """Draw a confusion matrix of all samples with exactly `right` on its diagonal."""
    matrix = [[0] * classes for _ in range(classes)]
    for index in range(classes):
        matrix[index][index] = VALIDATION_SAMPLES // classes + (index < VALIDATION_SAMPLES % classes)
    weights = [rng.uniform(0.5, 2) for _ in range(classes)]
    for _ in range(VALIDATION_SAMPLES - right):
        row = rng.choices(range(classes), [w * matrix[i][i] for i, w in enumerate(weights)])[0]
        column = rng.randrange(classes - 1)
        matrix[row][row] -= 1
        matrix[row][column + (column >= row)] += 1
    return matrix


def _cost(task: Task, spec: Spec, precision: str, slowness: float, *, whole: bool = True) -> Json:
    """Latency in milliseconds, memory in bytes; RAM is 0 where the network is not supported.

    `whole`: with the part of the RAM that is the arena, and the part of the ROM that is the model.
    """
    slower, larger, longer = (1.0, 1.0, 1.0) if precision == "int8" else (3.0, 2.7, 3.3)
    ram, rom = round(spec.ram * larger), round(spec.rom * longer)
    ram = ram if _supported(task, spec, precision) else 0
    tflite: Json = {"ramRequired": round(ram * 1.22), "romRequired": round(rom * 1.15) + 24_000}
    eon: Json = {"ramRequired": ram, "romRequired": rom}
    if whole:
        tflite |= {"arenaSize": round(ram * 1.1), "modelSize": rom}
        eon |= {"arenaSize": round(ram * 0.95), "modelSize": rom - 4_000}
    return {"latency": round(spec.latency_ms * slowness * slower, 3), "tflite": tflite, "eon": eon}
