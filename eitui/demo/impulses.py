"""The impulses as the service describes them: `impulses-detailed`, with their metrics, and the anomaly blocks."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal, NamedTuple

from eitui.demo import blocks
from eitui.demo.catalogue import ImpulsePlan, Learn, plans_of
from eitui.demo.evaluation import Detail, evaluation, on_devices
from eitui.demo.families import Task
from eitui.demo.kit import Json, success, zulu
from eitui.demo.scenarios import Simulation
from eitui.demo.specs import TRAINING_CYCLES, VALIDATION_SAMPLES, Fates, Rounds, Spec, draw_specs
from eitui.demo.thresholds import ThresholdStore

DAY_S = 86_400.0


class _Metric(NamedTuple):
    """A figure by which impulses are compared."""

    name: str
    category: str
    title: str
    filtering: Literal["numeric", "string", "select", "boolean", "list"] = "numeric"
    options: tuple[str, ...] = ()
    shown: bool = False
    core: bool = True
    hint: str = ""


_METRICS = (
    _Metric("accuracy", "impulseMetrics", "Accuracy", shown=True, hint="Of the validation set, int8"),
    _Metric("latency", "impulseMetrics", "Latency (ms)", shown=True),
    _Metric("ram", "learnBlockMetrics", "Peak RAM", shown=True),
    _Metric("f1", "learnBlockMetrics", "Weighted average F1 score", core=False),
    _Metric("quantized", "learnBlockConfig", "Quantised", "boolean"),
    _Metric("cycles", "learnBlockConfig", "Training cycles"),
    _Metric("labels", "learnBlockConfig", "Output classes", "list"),
    _Metric("dsp", "dspBlockConfig", "DSP block", "string"),
    _Metric("data", "inputBlockConfig", "Input", "select", ("Image data", "Time series data"), shown=True),
    _Metric("tracking", "postProcessingBlockConfig", "Object tracking", "boolean"),
)


class Impulses:
    """Answers about the project's impulses and their thresholds."""

    def __init__(self, simulation: Simulation, service_start: float) -> None:
        self.created = zulu(service_start - 3 * DAY_S)
        self.plans = plans_of(simulation.options.scenario)
        self.thresholds = ThresholdStore((learn.id, learn.thresholds) for plan in self.plans for learn in plan.learns)
        self._seed = simulation.options.seed
        self._specs = {
            plan.id: draw_specs(plan.task, Rounds((1,), 1), Fates(0, 1, 0, 0), self._seed + plan.id)[0]
            for plan in self.plans
        }
        self.made_from: dict[int, str] = {}
        """Trials that impulses were made from, by the impulse's id."""
        if simulation.shown:
            self.made_from = {plan.id: simulation.shown[0].spec.id for plan in self.plans if plan.from_trial}

    def add(self, spec: Spec, task: Task, name: str) -> int:
        """Make an impulse of a trial of a search for `task`; return its id."""
        number = max(plan.id for plan in self.plans) + 1
        model = next((plan for plan in self.plans if plan.task.kind == task.kind and plan.complete), self.plans[0])
        learn = next(learn for learn in model.learns if not learn.anomaly)
        plan = replace(model, id=number, name=name, task=task, tags=("synthetic", "tuner"), from_trial=True)
        plan = replace(plan, learns=(replace(learn, id=plan.dsp_id + 1),))
        self.thresholds.add(plan.dsp_id + 1, learn.thresholds)
        self.plans = (*self.plans, plan)
        self._specs[number], self.made_from[number] = spec, spec.id
        return number

    def detailed(self) -> Json:
        """Answer `impulses-detailed`."""
        categories: dict[str, list[Json]] = {}
        for metric in _METRICS:
            row: Json = {"name": metric.name, "description": metric.title}
            row |= {"type": "core" if metric.core else "additional", "filteringType": _filtering(metric)}
            categories.setdefault(metric.category, []).append(row | {"showInTable": metric.shown})
        return success(
            impulses=[self._impulse(plan) for plan in self.plans],
            metricKeysByCategory=[{"category": name, "metricKeys": rows} for name, rows in categories.items()],
            extraTableColumns=["tags", "createdFromTunerTrial"],
        )

    def anomaly(self, learn_id: int) -> Json | None:
        """Answer `training/anomaly/{learnId}`; None if this is no anomaly block."""
        for plan, learn in self._anomalies(learn_id):
            return success(**blocks.anomaly_config(plan, learn, self.thresholds))
        return None

    def anomaly_metadata(self, learn_id: int) -> Json | None:
        """Answer `training/anomaly/{learnId}/metadata`; None if this is no anomaly block, or one without a model.

        Of a GMM that is not trained yet the answer says so itself: clients must read both.
        """
        for plan, learn in self._anomalies(learn_id):
            if plan.is_trained(learn):
                return success(**self._anomaly_metadata(plan, learn))
            if learn.type == "anomaly-gmm":
                return success(**blocks.untrained_gmm(learn, self.thresholds, self.created))
        return None

    def gmm_metadata(self, learn_id: int) -> Json | None:
        """Answer `training/anomaly/{learnId}/gmm/metadata`; None if this is no trained GMM."""
        for plan, learn in self._anomalies(learn_id):
            if learn.type == "anomaly-gmm" and plan.is_trained(learn):
                return success(**blocks.mixture(learn, self._seed))
        return None

    def _anomalies(self, learn_id: int) -> Iterator[tuple[ImpulsePlan, Learn]]:
        return ((plan, learn) for plan in self.plans for learn in plan.learns if learn.id == learn_id and learn.anomaly)

    def _impulse(self, plan: ImpulsePlan) -> Json:
        dsp: Json = {"blockId": plan.dsp_id, "config": blocks.dsp_config(plan)}
        if plan.trained:
            dsp["metadata"] = blocks.dsp_metadata(plan, self.created)
        networks: list[Json] = []
        anomalies: list[Json] = []
        for learn in plan.learns:
            if learn.anomaly:
                row: Json = {"blockId": learn.id, "config": blocks.anomaly_config(plan, learn, self.thresholds)}
                if plan.is_trained(learn):
                    row["metadata"] = self._anomaly_metadata(plan, learn)
                    if learn.type == "anomaly-gmm":
                        row["gmmMetadata"] = blocks.mixture(learn, self._seed)
                anomalies.append(row)
            else:
                row = {"blockId": learn.id, "config": self._keras_config(plan, learn)}
                if plan.is_trained(learn):
                    row["metadata"] = self._keras_metadata(plan, learn)
                networks.append(row)
        post: Json = {"blockId": blocks.post_processing_id(plan), "config": blocks.post_processing()}
        answer: Json = {
            "impulse": blocks.impulse(plan),
            "metrics": _metrics(plan, self._specs[plan.id]) if plan.trained else [],
            "dspBlockConfigs": [dsp] if plan.configured else [],
            "learnBlockKerasConfigs": networks,
            "learnBlockAnomalyConfigs": anomalies,
            "postProcessingBlockConfigs": [post] if plan.tracking else [],
            "isStale": plan.stale,
            "configured": plan.configured,
            "complete": plan.complete,
            "tags": list(plan.tags),
            "datasetVersion": blocks.dataset(plan, self.created),
        }
        if plan.configured:  # older impulses have no author
            answer["createdByUser"] = {"id": 1, "name": "Synthetic user", "username": "synthetic-user"}
        if plan.id in self.made_from:
            # A number here, although a trial's own id is a string.
            answer["createdFromTunerTrialId"] = int(self.made_from[plan.id])
        return answer

    def _keras_config(self, plan: ImpulsePlan, learn: Learn) -> Json:
        answer: Json = {"dependencies": blocks.dependencies(plan), "trained": plan.is_trained(learn)}
        answer |= {"name": learn.title, "type": learn.type, "script": ""}
        answer["minimumConfidenceRating"] = self.thresholds.number(learn.id, learn.thresholds[0].key)
        answer |= {"selectedModelType": "int8", "mode": "visual", "visualLayers": blocks.visual_layers(learn)}
        answer |= {"trainingCycles": TRAINING_CYCLES, "learningRate": 0.005, "defaultBatchSize": 32}
        answer |= {"trainTestSplit": 0.2, "autoClassWeights": False, "shape": f"({blocks.FEATURES},)"}
        answer |= {"augmentationPolicyImage": "all" if plan.image else "none", "transferLearningModels": []}
        answer |= {"profileInt8": True, "skipEmbeddingsAndMemory": False}
        answer |= {"showAdvancedTrainingSettings": False, "showAugmentationTrainingSettings": False}
        answer |= {"thresholds": self.thresholds.rows(learn.id), "isMultiHead": bool(learn.heads)}
        if learn.folds:
            answer["kFoldsValidationConfig"] = {"numFolds": learn.folds, "includeFinalTrainingRun": False}
        return answer | {"anomalyCapacity": "medium"} if learn.mode == "visual-anomaly" else answer

    def _keras_metadata(self, plan: ImpulsePlan, learn: Learn) -> Json:
        validation = self._validation(plan, scored=learn.mode != "visual-anomaly")
        answer: Json = {"created": self.created, "layers": blocks.layers(plan), "classNames": list(plan.task.classes)}
        answer |= {"labels": [], "availableModelTypes": ["float32", "int8"], "recommendedModelType": "int8"}
        answer |= {"modelValidationMetrics": validation, "hasTrainedModel": True, "mode": learn.mode}
        answer |= {"imageInputScaling": "0..1", "thresholds": self.thresholds.rows(learn.id)}
        if learn.mode != "visual-anomaly":  # it is fitted at once, without epochs
            answer["tensorboardGraphs"] = blocks.graphs(plan, self._specs[plan.id], self._seed)
        if learn.last_layer:
            answer["objectDetectionLastLayer"] = learn.last_layer
        if not learn.folds:
            return answer
        # Of the networks of a k-fold validation the middle one, whose metrics are the block's, was kept.
        kept = learn.folds // 2
        folds = [
            answer
            | {"foldId": n, "foldName": str(n + 1), "modelValidationMetrics": self._evaluations(plan, 6 * (n - kept))}
            for n in range(learn.folds)
        ]
        final: Json = {"folds": folds, "hasFinalRun": False, "persistedFoldId": kept}
        final |= {"persistedFoldName": str(kept + 1), "persistedFoldMetricType": "int8"}
        return answer | {"kFoldsMetadata": final}

    def _anomaly_metadata(self, plan: ImpulsePlan, learn: Learn) -> Json:
        return blocks.anomaly_metadata(learn, self.thresholds, self.created, self._validation(plan, scored=False))

    def _validation(self, plan: ImpulsePlan, *, scored: bool) -> list[Json]:
        """Evaluate both precisions. Anomaly blocks have no accuracy: an empty report, no matrix, and 0."""
        rows = self._evaluations(plan, 0)
        if scored:
            return rows
        extra: Json = {"name": "Balanced accuracy", "value": "0.91", "fullPrecisionValue": 0.9125}
        none: Json = {"accuracy": 0, "report": {}, "confusionMatrix": [], "additionalMetrics": [extra]}
        return [row | none for row in rows]

    def _evaluations(self, plan: ImpulsePlan, more: int) -> list[Json]:
        """Evaluate both precisions of a network that gets `more` samples right than the impulse's own."""
        spec, detail = self._specs[plan.id], Detail(1, 0, self._seed)
        return [
            evaluation(plan.task, spec, p, ("validation", more), on_devices(plan.task, spec, p, 1), detail)
            for p in ("float32", "int8")
        ]


def _metrics(plan: ImpulsePlan, spec: Spec) -> list[Json]:
    """List the metrics of a trained impulse: there are fewer without an accuracy, and without a network."""
    share = round(spec.correct_int8 / VALIDATION_SAMPLES, 4)
    latency_ms = plan.task.dsps[0].latency_ms + spec.latency_ms  # of the whole impulse, as that of a trial
    values: dict[str, tuple[str | bool, float | None]] = {
        "latency": (f"{latency_ms:.0f} ms", round(latency_ms)),
        "ram": (f"{spec.ram / 1024:.1f} KB", spec.ram),
        "dsp": (plan.task.dsps[0].title, None),
        "data": ("Image data" if plan.image else "Time series data", None),
        "tracking": (plan.tracking, int(plan.tracking)),
    }
    if any(not learn.anomaly for learn in plan.learns):
        values["quantized"] = (True, 1)
        values["cycles"] = (str(TRAINING_CYCLES), TRAINING_CYCLES)
        values["labels"] = (", ".join(plan.task.classes), len(plan.task.classes))
    if any(learn.mode in ("classification", "object-detection") for learn in plan.learns):
        values["accuracy"] = (f"{100 * share:.1f}%", share)
        values["f1"] = (f"{share - 0.0061:.2f}", round(share - 0.0061, 4))
    rows = []
    for metric in _METRICS:
        if metric.name in values:
            value, sort = values[metric.name]
            row: Json = {"name": metric.name, "type": "core" if metric.core else "additional"}
            row |= {"category": metric.category, "description": metric.title, "title": metric.title}
            row |= {"value": value, "filteringType": _filtering(metric)}
            row |= {"valueForSorting": sort} if sort is not None else {}
            rows.append(row | ({"valueHint": metric.hint} if metric.hint else {}))
    return rows


def _filtering(metric: _Metric) -> Json:
    return {"type": metric.filtering, "options": list(metric.options)}
