"""The look-alike's model testing: results that fit the thresholds, and jobs. All data are synthetic."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.demo.catalogue import IMPULSES
from eitui.demo.options import Options
from eitui.demo.service import PROJECT_ID, TESTING_JOB_S, Service

KEY = "ei_demo_0123456789abcdef"
WINDOWS = 120
TESTED = [plan.id for plan in IMPULSES if plan.complete]


class Clock:
    now = 1_760_000_000.0

    def __call__(self) -> float:
        return self.now


class Studio:
    """A look-alike with a clock, and a client's view of it."""

    def __init__(self, **options: Any) -> None:
        self.clock = Clock()
        self.service = Service(Options(**{"windows": WINDOWS} | options), KEY, self.clock)

    def get(self, path: str) -> Any:
        return json.loads(self.service.answer("GET", f"/v1/api/{PROJECT_ID}/{path}", KEY).body)

    def post(self, path: str, body: object) -> Any:
        sent = json.dumps(body).encode()
        return json.loads(self.service.answer("POST", f"/v1/api/{PROJECT_ID}/{path}", KEY, sent).body)

    def result(self, impulse: int, more: str = "") -> Any:
        return self.get(f"classify/all/result?impulseId={impulse}{more}")

    def change(self, impulse: int, block: int, key: str, value: object, *, may_start_job: bool = False) -> Any:
        change = {"blockId": block, "key": key, "value": value}
        body = {"thresholds": [change], "allowCreatingRegenerateModelTestingJobs": may_start_job}
        return self.post(f"impulse/{impulse}/set-thresholds", body)


@pytest.fixture
def studio() -> Studio:
    return Studio()


def windows(answer: Any, block: int) -> list[tuple[Any, int, Any]]:
    """(sample's result, number of the window, classification) of every window of a learn block, in order."""
    return [
        (row, number, result)
        for row in answer["result"]
        for result in row["classifications"]
        if result["learnBlock"]["id"] == block
        for number in range(len(result["expectedLabels"]))
    ]


@pytest.mark.parametrize("impulse", TESTED)
def test_every_window_is_there_once_and_in_the_same_order(studio: Studio, impulse: int) -> None:
    answer = studio.result(impulse)
    (plan,) = [plan for plan in IMPULSES if plan.id == impulse]
    assert len(answer["predictions"]) == WINDOWS
    for learn in plan.learns:
        found = windows(answer, learn.id)
        labels = [result["expectedLabels"][number]["label"] for _, number, result in found]
        assert labels == [row["label"] for row in answer["predictions"]]
        assert [row["sampleId"] for row, _, _ in found] == [row["sampleId"] for row in answer["predictions"]]


@pytest.mark.parametrize("impulse", TESTED)
def test_the_summary_counts_the_predictions(studio: Studio, impulse: int) -> None:
    answer = studio.result(impulse)
    right = sum(row["predictionCorrect"] for row in answer["predictions"])
    assert answer["accuracy"]["totalSummary"] == {"good": right, "bad": WINDOWS - right}
    assert 0.5 * WINDOWS < right < WINDOWS


@pytest.mark.parametrize("value", [0.0, 0.6, 0.9])
def test_a_class_below_the_threshold_is_uncertain(studio: Studio, value: float) -> None:
    assert studio.change(1, 3, "min_score", value)["regenerateModelTestingStatus"] == "regenerated"
    answer = studio.result(1)
    scores = [result["result"][number] for _, number, result in windows(answer, 3)]
    odd = [result["result"][number]["anomaly"] > 0.3 for _, number, result in windows(answer, 4)]
    expected = [
        "anomaly" if strange else (max(row, key=row.__getitem__) if max(row.values()) >= value else "uncertain")
        for row, strange in zip(scores, odd, strict=True)
    ]
    assert [row["prediction"] for row in answer["predictions"]] == expected
    assert all(sum(row.values()) == pytest.approx(1, abs=1e-3) for row in scores)
    assert any(odd)
    assert ("uncertain" in expected) is (value > 0)


def test_the_confusion_matrix_is_of_fractions(studio: Studio) -> None:
    accuracy = studio.result(1)["accuracy"]
    assert set(accuracy["confusionMatrixValues"]) == set(accuracy["allLabels"]) == set(accuracy["summaryPerClass"])
    for row in accuracy["confusionMatrixValues"].values():
        assert sum(row.values()) == pytest.approx(1, abs=1e-4)
        assert "uncertain" in row


def test_a_higher_anomaly_score_than_the_threshold_is_an_anomaly(studio: Studio) -> None:
    answer = studio.result(2)
    scores = [result["result"][number]["anomaly"] for _, number, result in windows(answer, 13)]
    result = [row["prediction"] == "anomaly" for row in answer["predictions"]]
    assert result == [score > 2.1 for score in scores]
    assert {row["label"] for row in answer["predictions"]} == {"anomaly", "no anomaly"}


@pytest.mark.parametrize("method", ["max", "mean", "top_k"])
def test_an_image_is_scored_by_its_cells(studio: Studio, method: str) -> None:
    studio.change(3, 23, "anomaly_scoring_aggregation_method", method)
    studio.change(3, 23, "min_anomaly_score", 3.0)
    answer = studio.result(3)
    for (_, number, result), row in zip(windows(answer, 23), answer["predictions"], strict=True):
        found = result["anomalyResult"][number]
        cells = sorted((score for line in found["scores"] for score in line), reverse=True)
        kept = {"max": cells[:1], "mean": cells, "top_k": cells[:10]}[method]
        assert result["result"][number]["anomaly"] == pytest.approx(sum(kept) / len(kept), abs=1e-4)
        assert (row["prediction"] == "anomaly") is (result["result"][number]["anomaly"] > 3.0)
        assert row["anomalyScores"] == found["scores"]
        assert len(found["scores"]) == len(found["scores"][0]) == 5
        assert len(found["boxes"]) == sum(cell > 3.0 for cell in cells)


def test_an_error_beyond_the_threshold_is_wrong(studio: Studio) -> None:
    answer = studio.result(5)
    for (_, number, result), row in zip(windows(answer, 43), answer["predictions"], strict=True):
        error = abs(result["result"][number]["value"] - float(row["label"]))
        assert row["predictionCorrect"] is (error <= 4.2)
    assert answer["accuracy"]["mseScore"] > 0


def scores_of(answer: Any, block: int) -> list[float]:
    return [
        score for _, number, result in windows(answer, block) for score in result["structuredResult"][number]["scores"]
    ]


def test_boxes_below_the_threshold_are_discarded_for_good(studio: Studio) -> None:
    assert min(scores_of(studio.result(4), 33)) >= 0.5
    assert studio.change(4, 33, "min_score", 0.2)["regenerateModelTestingStatus"] == "not_regenerated"
    empty = studio.result(4)
    assert empty["result"] == empty["predictions"] == empty["availableVariants"] == []
    assert empty["noResultsBecauseThresholdsChanged"] == "should_rerun_full_job"
    job = studio.post("jobs/classify?impulseId=4", {"skipFeatureGeneration": True})["id"]
    assert studio.result(4)["result"] == []
    studio.clock.now += TESTING_JOB_S
    assert studio.get(f"jobs/{job}/status")["job"]["finishedSuccessful"] is True
    again = studio.result(4)
    assert 0.2 <= min(scores_of(again, 33)) < 0.5
    assert "noResultsBecauseThresholdsChanged" not in again


def test_the_boxes_match_the_true_ones(studio: Studio) -> None:
    for row, number, result in windows(studio.result(4), 33):
        found = result["structuredResult"][number]
        assert len(found["boxes"]) == len(found["scores"]) == len(found["labels"])
        truths = json.loads(found["debugInfoJson"])["y_trues"]
        assert len(truths) == len(row["sample"]["boundingBoxes"])
        assert all(0 <= side <= 1 for box in found["boxes"] for side in box)
        if found["precision"] == found["recall"] == 1 and truths:
            pixels = [(box["x"] / 96, box["y"] / 96) for box in row["sample"]["boundingBoxes"]]
            assert all(min(abs(b[0] - x) + abs(b[1] - y) for x, y in pixels) < 0.1 for b in found["boxes"])


def test_each_of_the_text_detectors_thresholds_matters(studio: Studio) -> None:
    def boxes(**values: float) -> Any:
        studio = Studio()
        for key, value in values.items():
            studio.change(4, 34, key, value)
        studio.post("jobs/classify?impulseId=4", {})
        studio.clock.now += TESTING_JOB_S
        return [result["structuredResult"][0]["boxes"] for _, _, result in windows(studio.result(4), 34)]

    kept = {key: boxes(**{key: value}) for key, value in {"min_score_box": 0.9, "min_score_pixel": 0.95}.items()}
    plain, grown = boxes(), boxes(unclip_ratio=3.0)
    assert all(sum(map(len, some)) < sum(map(len, plain)) for some in kept.values())
    assert [len(row) for row in grown] == [len(row) for row in plain]
    assert all(
        big[2] >= small[2]
        for one, other in zip(grown, plain, strict=True)
        for big, small in zip(one, other, strict=True)
    )


def test_a_large_test_set_waits_for_its_job(studio: Studio) -> None:
    assert studio.change(5, 43, "max_absolute_error", 3)["regenerateModelTestingStatus"] == "requires_job"
    assert studio.result(5)["noResultsBecauseThresholdsChanged"] == "can_regenerate_model_summary"
    answer = studio.change(5, 43, "max_absolute_error", 2.5, may_start_job=True)
    assert answer["regenerateModelTestingStatus"] == "started_job"
    assert studio.result(5)["result"] == []
    studio.clock.now += TESTING_JOB_S
    (threshold,) = studio.result(5)["result"][0]["classifications"][0]["thresholds"]
    assert threshold["value"] == 2.5


def test_while_a_job_runs_nothing_is_written_and_no_other_starts(studio: Studio) -> None:
    job = studio.post("jobs/classify?impulseId=1", {})["id"]
    before = studio.get("impulses-detailed")
    assert "running" in studio.change(1, 3, "min_score", 0.7)["error"]
    assert "running" in studio.post("jobs/classify?impulseId=2", {})["error"]
    assert studio.get("impulses-detailed") == before
    assert "finished" not in studio.get(f"jobs/{job}/status")["job"]
    studio.clock.now += TESTING_JOB_S
    assert studio.change(1, 3, "min_score", 0.7)["success"] is True


def test_a_job_can_be_long_and_can_fail() -> None:
    studio = Studio(job_s=3_600.0, job_fails=True)
    studio.change(4, 33, "min_score", 0.3)
    job = studio.post("jobs/classify?impulseId=4", {})["id"]
    studio.clock.now += 3_599
    assert "finishedSuccessful" not in studio.get(f"jobs/{job}/status")["job"]
    studio.clock.now += 1
    assert studio.get(f"jobs/{job}/status")["job"]["finishedSuccessful"] is False
    assert studio.get(f"jobs/{job}/stdout")["stdout"][0]["logLevel"] == "error"
    assert studio.result(4)["noResultsBecauseThresholdsChanged"] == "should_rerun_full_job"


def test_a_jobs_log_grows(studio: Studio) -> None:
    job = studio.post("jobs/classify?impulseId=1", {})["id"]
    lengths = []
    for _ in range(5):
        answer = studio.get(f"jobs/{job}/stdout")
        assert answer["totalCount"] == len(answer["stdout"])
        assert [row["created"] for row in answer["stdout"]] == sorted(
            (r["created"] for r in answer["stdout"]), reverse=True
        )
        lengths.append(answer["totalCount"])
        studio.clock.now += TESTING_JOB_S / 4
    assert lengths == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("impulse", [6, 7, 8])
def test_an_impulse_that_is_not_complete_has_no_results(studio: Studio, impulse: int) -> None:
    answer = studio.result(impulse)
    assert answer["success"] is False
    assert answer["error"] == "No model testing results found, run 'startClassifyJob' first"
    assert studio.post(f"jobs/classify?impulseId={impulse}", {})["success"] is False


@pytest.mark.parametrize("impulse", ["99", "x", "-1", "%C2%B2", "9" * 40])
def test_an_unknown_impulse_is_refused(studio: Studio, impulse: str) -> None:
    assert studio.get(f"classify/all/result?impulseId={impulse}")["success"] is False
    assert studio.post(f"jobs/classify?impulseId={impulse}", {})["success"] is False


def test_without_an_id_the_first_impulse_is_meant(studio: Studio) -> None:
    assert studio.get("classify/all/result") == studio.result(1)
    studio.post("jobs/classify", {})
    assert studio.change(1, 3, "min_score", 0.5)["success"] is False


def test_variants_differ_in_scores_only(studio: Studio) -> None:
    exact, small = studio.result(1, "&variant=float32"), studio.result(1, "&variant=int8")
    assert small == studio.result(1)
    assert exact["availableVariants"] == small["availableVariants"] == ["float32", "int8"]
    assert [row["label"] for row in exact["predictions"]] == [row["label"] for row in small["predictions"]]
    assert exact["result"] != small["result"]
    assert studio.result(1, "&variant=akida")["result"] == []


def test_for_the_feature_explorer_the_samples_are_left_out(studio: Studio) -> None:
    short = studio.result(1, "&featureExplorerOnly=true")
    assert short["result"] == []
    assert short["predictions"] == studio.result(1)["predictions"]


@given(st.integers(1, 41), st.integers(0, 50))
def test_a_test_set_has_as_many_windows_as_asked_for(count: int, seed: int) -> None:
    studio = Studio(windows=count, seed=seed)
    for impulse in TESTED:
        assert len(studio.result(impulse)["predictions"]) == count
    assert studio.result(1) == Studio(windows=count, seed=seed).result(1)


def test_all_changes_of_a_request_are_made_or_none(studio: Studio) -> None:
    good = {"blockId": 34, "key": "min_score_pixel", "value": 0.4}
    for bad in (
        {"blockId": 34, "key": "unclip_ratio", "value": "wide"},
        {"blockId": 3, "key": "min_score", "value": 1},
    ):
        before = studio.get("impulses-detailed")
        body = {"thresholds": [good, bad], "allowCreatingRegenerateModelTestingJobs": True}
        assert studio.post("impulse/4/set-thresholds", body)["success"] is False
        assert studio.get("impulses-detailed") == before
        assert studio.result(4)["result"]


def test_a_number_beyond_all_floats_is_refused(studio: Studio) -> None:
    body = b'{"thresholds":[{"blockId":3,"key":"min_score","value":1' + b"0" * 400 + b"}]"
    body += b',"allowCreatingRegenerateModelTestingJobs":false}'
    answer = studio.service.answer("POST", f"/v1/api/{PROJECT_ID}/impulse/1/set-thresholds", KEY, body)
    assert json.loads(answer.body)["success"] is False


@pytest.mark.parametrize("value", [0.1 + 0.2, 1e-17, 7, -0.25, 123456789.123456789])
def test_a_value_comes_back_in_full_precision(studio: Studio, value: float) -> None:
    studio.change(5, 43, "max_absolute_error", value)
    (row,) = [row for row in studio.get("impulses-detailed")["impulses"] if row["impulse"]["id"] == 5]
    assert row["learnBlockKerasConfigs"][0]["config"]["thresholds"][0]["value"] == value
