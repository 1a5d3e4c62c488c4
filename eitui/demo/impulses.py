"""The impulses as the service describes them: `impulses-detailed` and the anomaly blocks."""

from collections.abc import Iterator

from eitui.demo import anomalies, blocks
from eitui.demo.answers import Json, success, zulu
from eitui.demo.catalogue import IMPULSES, ImpulsePlan, Learn, is_trained
from eitui.demo.evaluation import Detail, evaluation, on_devices
from eitui.demo.measures import keys_by_category, measures
from eitui.demo.scenarios import Simulation
from eitui.demo.specs import TRAINING_CYCLES, Fates, Rounds, Spec, draw_specs
from eitui.demo.thresholds import ThresholdStore

DAY_S = 86_400.0

_USER: Json = {"id": 1, "name": "Synthetic user", "username": "synthetic-user"}


class Impulses:
    """Answers about the project's impulses and their thresholds."""

    def __init__(self, simulation: Simulation, service_start: float) -> None:
        self.created = zulu(service_start - 3 * DAY_S)
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
            metricKeysByCategory=keys_by_category(),
            extraTableColumns=["tags", "createdFromTunerTrial"],
        )

    def anomaly(self, learn_id: int) -> Json | None:
        """Answer `training/anomaly/{learnId}`; None if this is no anomaly block."""
        for plan, learn in _anomalies(learn_id):
            return success(**anomalies.config(plan, learn, self.thresholds))
        return None

    def anomaly_metadata(self, learn_id: int) -> Json | None:
        """Answer `training/anomaly/{learnId}/metadata`; None if this is no anomaly block, or one without a model.

        Of a GMM that is not trained yet the answer says so itself: clients must read both.
        """
        for plan, learn in _anomalies(learn_id):
            if is_trained(plan, learn):
                return success(**self._anomaly_metadata(plan, learn))
            if learn.type == "anomaly-gmm":
                return success(**anomalies.untrained(learn, self.thresholds, self.created))
        return None

    def gmm_metadata(self, learn_id: int) -> Json | None:
        """Answer `training/anomaly/{learnId}/gmm/metadata`; None if this is no trained GMM."""
        for plan, learn in _anomalies(learn_id):
            if learn.type == "anomaly-gmm" and is_trained(plan, learn):
                return success(**anomalies.mixture(learn, self.detail.seed))
        return None

    def _impulse(self, plan: ImpulsePlan) -> Json:
        dsp: Json = {"blockId": plan.dsp_id, "config": blocks.dsp_config(plan)}
        if plan.trained:
            dsp["metadata"] = blocks.dsp_metadata(plan, self.created)
        post: Json = {"blockId": blocks.post_processing_id(plan), "config": blocks.post_processing()}
        answer: Json = {
            "impulse": blocks.impulse(plan),
            "metrics": measures(plan, self._specs[plan.id]) if plan.trained else [],
            "dspBlockConfigs": [dsp] if plan.configured else [],
            "learnBlockKerasConfigs": [self._network(plan, learn) for learn in plan.learns if not learn.anomaly],
            "learnBlockAnomalyConfigs": [self._anomaly(plan, learn) for learn in plan.learns if learn.anomaly],
            "postProcessingBlockConfigs": [post] if plan.tracking else [],
            "isStale": plan.stale,
            "configured": plan.configured,
            "complete": plan.complete,
            "tags": list(plan.tags),
            "datasetVersion": blocks.dataset(plan, self.created),
        }
        if plan.id != IMPULSES[-1].id:  # older impulses have no author
            answer["createdByUser"] = _USER
        if plan.from_trial and self._simulation.profile.started:
            # A number here, although a trial's own id is a string.
            answer["createdFromTunerTrialId"] = int(self._simulation.schedule.courses[0].spec.id)
        return answer

    def _network(self, plan: ImpulsePlan, learn: Learn) -> Json:
        row: Json = {"blockId": learn.id, "config": self._keras_config(plan, learn)}
        return row | {"metadata": self._keras_metadata(plan, learn)} if is_trained(plan, learn) else row

    def _anomaly(self, plan: ImpulsePlan, learn: Learn) -> Json:
        row: Json = {"blockId": learn.id, "config": anomalies.config(plan, learn, self.thresholds)}
        if not is_trained(plan, learn):
            return row
        row["metadata"] = self._anomaly_metadata(plan, learn)
        if learn.type == "anomaly-gmm":
            row["gmmMetadata"] = anomalies.mixture(learn, self.detail.seed)
        return row

    def _keras_config(self, plan: ImpulsePlan, learn: Learn) -> Json:
        answer: Json = {
            "dependencies": anomalies.dependencies(plan),
            "trained": is_trained(plan, learn),
            "name": learn.title,
            "type": learn.type,
            "script": "",
            "minimumConfidenceRating": self.thresholds.number(learn.id, learn.thresholds[0].key),
            "selectedModelType": "int8",
            "mode": "visual",
            "visualLayers": blocks.visual_layers(learn),
            "trainingCycles": TRAINING_CYCLES,
            "learningRate": 0.005,
            "defaultBatchSize": 32,
            "trainTestSplit": 0.2,
            "autoClassWeights": False,
            "shape": f"({blocks.FEATURES},)",
            "augmentationPolicyImage": "all" if plan.image else "none",
            "transferLearningModels": [],
            "profileInt8": True,
            "skipEmbeddingsAndMemory": False,
            "showAdvancedTrainingSettings": False,
            "showAugmentationTrainingSettings": False,
            "thresholds": self.thresholds.rows(learn.id),
            "isMultiHead": False,
        }
        if learn.folds:
            answer["kFoldsValidationConfig"] = {"numFolds": learn.folds, "includeFinalTrainingRun": False}
        return answer | {"anomalyCapacity": "medium"} if learn.mode == "visual-anomaly" else answer

    def _keras_metadata(self, plan: ImpulsePlan, learn: Learn) -> Json:
        answer: Json = {
            "created": self.created,
            "layers": blocks.layers(plan),
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
        if learn.mode != "visual-anomaly":  # it is fitted at once, without epochs
            answer["tensorboardGraphs"] = blocks.graphs(plan, self._specs[plan.id], self.detail.seed)
        if learn.last_layer:
            answer["objectDetectionLastLayer"] = learn.last_layer
        if learn.folds:
            answer["kFoldsMetadata"] = self._folds(plan, learn, dict(answer))
        return answer

    def _folds(self, plan: ImpulsePlan, learn: Learn, metadata: Json) -> Json:
        """Describe the networks of a k-fold validation; the middle one, whose metrics are the block's, was kept."""
        spec, kept = self._specs[plan.id], learn.folds // 2
        folds = []
        for number in range(learn.folds):
            more = 6 * (number - kept)
            rows = [
                evaluation(plan.task, spec, p, ("validation", more), on_devices(plan.task, spec, p, 1), self.detail)
                for p in ("float32", "int8")
            ]
            folds.append(metadata | {"foldId": number, "foldName": str(number + 1), "modelValidationMetrics": rows})
        return {
            "folds": folds,
            "hasFinalRun": False,
            "persistedFoldId": kept,
            "persistedFoldName": str(kept + 1),
            "persistedFoldMetricType": "int8",
        }

    def _anomaly_metadata(self, plan: ImpulsePlan, learn: Learn) -> Json:
        return anomalies.metadata(learn, self.thresholds, self.created, self._validation(plan, scored=False))

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


def _learns() -> Iterator[tuple[ImpulsePlan, Learn]]:
    return ((plan, learn) for plan in IMPULSES for learn in plan.learns)


def _anomalies(learn_id: int) -> Iterator[tuple[ImpulsePlan, Learn]]:
    return ((plan, learn) for plan, learn in _learns() if learn.id == learn_id and learn.anomaly)
