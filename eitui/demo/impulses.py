"""The impulses as the service describes them: `impulses-detailed` and the anomaly blocks."""

from collections.abc import Iterator

from eitui.demo.answers import Json, success, zulu
from eitui.demo.catalogue import IMPULSES, ImpulsePlan, Learn
from eitui.demo.evaluation import Detail, evaluation, on_devices
from eitui.demo.families import middle
from eitui.demo.scenarios import Simulation
from eitui.demo.specs import TRAINING_CYCLES, VALIDATION_SAMPLES, Fates, Rounds, Spec, draw_specs
from eitui.demo.thresholds import ThresholdStore

_DAY = 86_400.0


class Impulses:
    """Answers about the project's impulses and their thresholds."""

    def __init__(self, simulation: Simulation, service_start: float) -> None:
        self.created = zulu(service_start - 3 * _DAY)
        self.detail = Detail(1, 0, simulation.options.seed)
        self.thresholds = ThresholdStore((learn.id, learn.thresholds) for _, learn in _learns())
        self._simulation = simulation
        self._specs = {
            plan.id: draw_specs(plan.task, Rounds((1,), 1), Fates(0, 1, 0, 0), simulation.options.seed + plan.id)[0]
            for plan in IMPULSES
        }

    def detailed(self) -> Json:
        """Answer `impulses-detailed`."""
        return success(
            impulses=[self._impulse(plan) for plan in IMPULSES],
            metricKeysByCategory=_METRIC_KEYS,
            extraTableColumns=["tags", "createdFromTunerTrial"],
        )

    def anomaly(self, learn_id: int) -> Json | None:
        """Answer `training/anomaly/{learnId}`; None if this is no anomaly block."""
        return next((success(**self._anomaly_config(learn)) for _, learn in _anomalies(learn_id)), None)

    def anomaly_metadata(self, learn_id: int) -> Json | None:
        """Answer `training/anomaly/{learnId}/metadata`; None if this is no anomaly block."""
        return next((success(**self._anomaly_metadata(plan, learn)) for plan, learn in _anomalies(learn_id)), None)

    def _impulse(self, plan: ImpulsePlan) -> Json:
        networks = [learn for learn in plan.learns if not learn.anomaly]
        anomalies = [learn for learn in plan.learns if learn.anomaly]
        answer: Json = {
            "impulse": self._blocks(plan),
            "metrics": self._metrics(plan) if plan.trained else [],
            "dspBlockConfigs": [{"blockId": _dsp_id(plan), "config": self._dsp_config(plan)}],
            "learnBlockKerasConfigs": [
                {"blockId": learn.id, "config": self._keras_config(plan, learn)}
                | ({"metadata": self._keras_metadata(plan, learn)} if plan.trained else {})
                for learn in networks
            ],
            "learnBlockAnomalyConfigs": [
                {
                    "blockId": learn.id,
                    "config": self._anomaly_config(learn),
                    "metadata": self._anomaly_metadata(plan, learn),
                }
                for learn in anomalies
            ],
            "postProcessingBlockConfigs": [],
            "isStale": plan.stale,
            "configured": plan.trained,
            "complete": plan.trained,
            "tags": list(plan.tags),
        }
        if plan.from_trial and self._simulation.profile.started:
            # A number here, although a trial's own id is a string.
            answer["createdFromTunerTrialId"] = int(self._simulation.schedule.courses[0].spec.id)
        return answer

    def _blocks(self, plan: ImpulsePlan) -> Json:
        dsp = _dsp_id(plan)
        image = plan.task.data_type == "image"
        source: Json = {"id": dsp - 1, "name": "Input", "title": "Image data" if image else "Time series data"}
        if image:
            source |= {"type": "image", "imageWidth": 96, "imageHeight": 96, "resizeMode": "fit-short"}
        else:
            rate = 16_000 if plan.task.data_type == "audio" else 100
            source |= {"type": "time-series", "windowSizeMs": 1000, "windowIncreaseMs": 250, "frequencyHz": rate}
        kind = plan.task.dsps[0]
        return {
            "id": plan.id,
            "name": plan.name,
            "type": "default",
            "inputBlocks": [source],
            "dspBlocks": [
                {
                    "id": dsp,
                    "type": kind.name,
                    "name": kind.title,
                    "title": kind.title,
                    "axes": ["image"] if image else ["audio"],
                    "implementationVersion": 4,
                }
            ],
            "learnBlocks": [
                {"id": learn.id, "type": learn.type, "name": learn.title, "title": learn.title, "dsp": [dsp]}
                for learn in plan.learns
            ],
            "postProcessingBlocks": [],
        }

    def _metrics(self, plan: ImpulsePlan) -> list[Json]:
        spec = self._specs[plan.id]
        share = round(spec.correct_int8 / VALIDATION_SAMPLES, 4)
        return [
            _metric("impulseMetrics", "accuracy", "Accuracy", f"{100 * share:.1f}%", share),
            _metric("impulseMetrics", "latency", "Latency (ms)", f"{spec.latency_ms:.0f} ms", round(spec.latency_ms)),
            _metric("learnBlockMetrics", "ram", "Peak RAM", f"{spec.ram / 1024:.1f}K", spec.ram),
            _metric("learnBlockConfig", "quantized", "Quantised", True, 1),
            _metric("dspBlockConfig", "dsp", "DSP block", plan.task.dsps[0].title, None),
        ]

    def _dsp_config(self, plan: ImpulsePlan) -> Json:
        kind = plan.task.dsps[0]
        parameter: Json = {
            "name": kind.parameter.replace("_", " ").capitalize(),
            "value": str(middle(kind.choices)),
            "defaultValue": str(middle(kind.choices)),
            "type": "int",
            "param": kind.parameter,
            "readonly": False,
            "shouldShow": True,
            "required": True,
            "showClickToSet": False,
        }
        info: Json = {
            "id": _dsp_id(plan),
            "name": kind.title,
            "windowLength": 1000,
            "type": kind.name,
            "classes": [],
            "features": {"generated": plan.trained, "count": middle(kind.choices) * 49, "classes": []},
            "expectedWindowCount": 4 * VALIDATION_SAMPLES,
            "inputAxes": ["image" if plan.task.data_type == "image" else "audio"],
            "performance": {"latency": 38, "ram": 16_384},
            "canCalculateFeatureImportance": False,
            "calculateFeatureImportance": False,
            "canNormalizeData": False,
            "normalizeData": "none",
        }
        return {"dsp": info, "config": [{"group": "Parameters", "items": [parameter]}]}

    def _keras_config(self, plan: ImpulsePlan, learn: Learn) -> Json:
        visual: Json = {"type": "conv1d", "neurons": 16, "kernelSize": 3, "stack": 1, "enabled": True}
        return {
            "dependencies": _dependencies(plan),
            "trained": plan.trained,
            "name": learn.title,
            "type": learn.type,
            "script": "",
            "minimumConfidenceRating": self.thresholds.number(learn.id, "min_score"),
            "selectedModelType": "int8",
            "mode": "visual",
            "visualLayers": [visual],
            "trainingCycles": TRAINING_CYCLES,
            "learningRate": 0.005,
            "defaultBatchSize": 32,
            "shape": "(1960,)",
            "augmentationPolicyImage": "none",
            "transferLearningModels": [],
            "profileInt8": True,
            "skipEmbeddingsAndMemory": False,
            "showAdvancedTrainingSettings": False,
            "showAugmentationTrainingSettings": False,
            "thresholds": self.thresholds.rows(learn.id),
        }

    def _keras_metadata(self, plan: ImpulsePlan, learn: Learn) -> Json:
        layer: Json = {"shape": 1960, "name": "x_input", "type": "int8"}
        answer: Json = {
            "created": self.created,
            "layers": [{"input": layer, "output": {"shape": len(plan.task.classes), "name": "y_pred", "type": "int8"}}],
            "classNames": list(plan.task.classes),
            "labels": [],
            "availableModelTypes": ["float32", "int8"],
            "recommendedModelType": "int8",
            "modelValidationMetrics": self._validation(plan, scored=learn.mode != "visual-anomaly"),
            "hasTrainedModel": True,
            "mode": learn.mode,
            "imageInputScaling": "0..1",
            "thresholds": self.thresholds.rows(learn.id),
        }
        if learn.mode == "object-detection":
            answer["objectDetectionLastLayer"] = "fomo" if learn.id == 33 else "paddleocr-detector"
        return answer

    def _validation(self, plan: ImpulsePlan, *, scored: bool) -> list[Json]:
        """Evaluate both precisions. Anomaly blocks have no accuracy: an empty report, no matrix, and 0."""
        spec: Spec = self._specs[plan.id]
        rows = [
            evaluation(plan.task, spec, p, ("validation", 0), on_devices(plan.task, spec, p, 1), self.detail)
            for p in ("float32", "int8")
        ]
        if scored:
            return rows
        extra: Json = {"name": "Balanced accuracy", "value": "0.91", "fullPrecisionValue": 0.9125}
        return [
            row | {"accuracy": 0, "report": {}, "confusionMatrix": [], "additionalMetrics": [extra]} for row in rows
        ]

    def _anomaly_config(self, learn: Learn) -> Json:
        selected = _AXES[learn.type]
        labels = [f"Filter {index} energy" for index in range(8)]
        return {
            "dependencies": {**_dependencies(IMPULSES[0]), "outputClasses": ["anomaly"]},
            "name": learn.title,
            "axes": [
                {"ix": index, "label": label, "selected": index in selected, "favourite": index == selected[0]}
                for index, label in enumerate(labels)
            ],
            "trained": True,
            "clusterCount": 3 if learn.type == "anomaly" else 8,
            "selectedAxes": selected,
            "minimumConfidenceRating": self.thresholds.number(learn.id, "min_anomaly_score"),
            "thresholds": self.thresholds.rows(learn.id),
        }

    def _anomaly_metadata(self, plan: ImpulsePlan, learn: Learn) -> Json:
        """Describe the trained block. The scale of a GMM is that of its score: one value, and no clusters."""
        answer: Json = {
            "created": self.created,
            "axes": _AXES[learn.type],
            "defaultMinimumConfidenceRating": self.thresholds.number(learn.id, "min_anomaly_score"),
            "hasTrainedModel": True,
            "thresholds": self.thresholds.rows(learn.id),
        }
        if learn.type == "anomaly":
            return answer | {"scale": [1.42, 0.87, 2.05], "mean": [0.31, -0.12, 1.74], "clusters": _CLUSTERS}
        return answer | {
            "scale": [3.61],
            "mean": [-12.4],
            "clusters": [],
            "availableModelTypes": ["float32", "int8"],
            "recommendedModelType": "float32",
            "modelValidationMetrics": self._validation(plan, scored=False),
        }


_AXES = {"anomaly": [0, 2, 5], "anomaly-gmm": [0, 1, 2, 5, 7]}

_CLUSTERS = [
    {"center": [0.12, -0.55, 0.31], "maxError": 0.42},
    {"center": [1.21, 0.08, -0.94], "maxError": 0.66},
    {"center": [-1.05, 0.92, 0.17], "maxError": 0.38},
]


def _learns() -> Iterator[tuple[ImpulsePlan, Learn]]:
    return ((plan, learn) for plan in IMPULSES for learn in plan.learns)


def _anomalies(learn_id: int) -> Iterator[tuple[ImpulsePlan, Learn]]:
    return ((plan, learn) for plan, learn in _learns() if learn.id == learn_id and learn.anomaly)


def _dsp_id(plan: ImpulsePlan) -> int:
    return plan.learns[0].id - 1


def _dependencies(plan: ImpulsePlan) -> Json:
    return {
        "classes": [],
        "blockNames": [plan.task.dsps[0].title],
        "featureCount": 1960,
        "sampleCount": 4 * VALIDATION_SAMPLES,
        "outputClasses": list(plan.task.classes),
    }


def _metric(category: str, name: str, text: str, value: str | bool, sort: float | None) -> Json:
    row: Json = {"name": name, "type": "core", "category": category, "description": text, "title": text, "value": value}
    if sort is not None:
        row["valueForSorting"] = sort
        row["filteringType"] = {"type": "boolean" if isinstance(value, bool) else "numeric", "options": []}
    return row


def _key(name: str, text: str, *, show: bool, kind: str = "numeric") -> Json:
    filtering = {"type": kind, "options": []}
    return {"name": name, "description": text, "type": "core", "filteringType": filtering, "showInTable": show}


_METRIC_KEYS: list[Json] = [
    {
        "category": "impulseMetrics",
        "metricKeys": [_key("accuracy", "Accuracy", show=True), _key("latency", "Latency (ms)", show=True)],
    },
    {"category": "learnBlockMetrics", "metricKeys": [_key("ram", "Peak RAM", show=True)]},
    {"category": "learnBlockConfig", "metricKeys": [_key("quantized", "Quantised", show=False, kind="boolean")]},
    {"category": "dspBlockConfig", "metricKeys": [_key("dsp", "DSP block", show=False, kind="string")]},
]
