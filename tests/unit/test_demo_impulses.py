"""The look-alike's impulses: every kind of block, every state an impulse can be in. All data are synthetic."""

import json
from itertools import pairwise
from typing import Any

import pytest

from eitui.demo.catalogue import IMPULSES
from eitui.demo.options import Options
from eitui.demo.service import PROJECT_ID, Service

KEY = "ei_demo_0123456789abcdef"


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(Options(), KEY, lambda: 1_760_000_000.0)


@pytest.fixture(scope="module")
def detailed(service: Service) -> Any:
    return get(service, "impulses-detailed")


def get(service: Service, path: str) -> Any:
    return json.loads(service.answer("GET", f"/v1/api/{PROJECT_ID}/{path}", KEY).body)


def by_id(detailed: Any) -> dict[int, Any]:
    return {row["impulse"]["id"]: row for row in detailed["impulses"]}


def networks(detailed: Any) -> list[Any]:
    return [config for row in detailed["impulses"] for config in row["learnBlockKerasConfigs"]]


def test_all_states_of_an_impulse_occur(detailed: Any) -> None:
    states = {(row["configured"], row["complete"], row["isStale"]) for row in detailed["impulses"]}
    assert states == {(True, True, False), (True, True, True), (True, False, False), (False, False, False)}
    assert by_id(detailed)[8]["impulse"]["learnBlocks"] == by_id(detailed)[8]["metrics"] == []


def test_every_category_and_every_kind_of_filter_occurs(detailed: Any) -> None:
    keys = [key for row in detailed["metricKeysByCategory"] for key in row["metricKeys"]]
    assert {key["filteringType"]["type"] for key in keys} == {"numeric", "string", "select", "boolean", "list"}
    assert {key["showInTable"] for key in keys} == {True, False}
    assert {key["type"] for key in keys} == {"core", "additional"}
    assert all(key["filteringType"]["options"] for key in keys if key["filteringType"]["type"] == "select")
    assert len({row["category"] for row in detailed["metricKeysByCategory"]}) == 6


def test_every_metric_is_one_of_the_keys(detailed: Any) -> None:
    known = {
        (row["category"], key["name"], key["filteringType"]["type"])
        for row in detailed["metricKeysByCategory"]
        for key in row["metricKeys"]
    }
    metrics = [metric for row in detailed["impulses"] for metric in row["metrics"]]
    assert {(m["category"], m["name"], m["filteringType"]["type"]) for m in metrics} == known


def test_only_blocks_that_have_an_accuracy_show_one(detailed: Any) -> None:
    with_accuracy = {
        number for number, row in by_id(detailed).items() if any(m["name"] == "accuracy" for m in row["metrics"])
    }
    assert with_accuracy == {1, 4, 7}


def test_who_made_an_impulse_is_no_person(detailed: Any) -> None:
    authors = {row.get("createdByUser", {}).get("name") for row in detailed["impulses"]}
    assert authors == {"Synthetic user", None}


def test_dsp_blocks_have_several_parameters_and_a_cost(detailed: Any) -> None:
    configs = [config["config"] for row in detailed["impulses"] for config in row["dspBlockConfigs"]]
    items = [item for config in configs for group in config["config"] for item in group["items"]]
    assert {item["type"] for item in items} >= {"int", "float", "select", "boolean"}
    assert {item["shouldShow"] for item in items} == {True, False}
    assert all(config["dsp"]["performance"]["ram"] > 0 for config in configs)
    assert any("customDspString" in config["dsp"]["performance"] for config in configs)


def test_a_post_processing_block_belongs_to_its_configuration(detailed: Any) -> None:
    row = by_id(detailed)[4]
    (block,) = row["impulse"]["postProcessingBlocks"]
    (config,) = row["postProcessingBlockConfigs"]
    assert block["id"] == config["blockId"]
    assert config["config"]["parameters"]


def test_block_ids_are_unique(detailed: Any) -> None:
    kinds = ("inputBlocks", "dspBlocks", "learnBlocks", "postProcessingBlocks")
    ids = [block["id"] for row in detailed["impulses"] for kind in kinds for block in row["impulse"][kind]]
    assert len(ids) == len(set(ids))


def test_networks_carry_their_layers_and_curves(detailed: Any) -> None:
    trained = [config for config in networks(detailed) if "metadata" in config]
    for config in trained:
        layers = config["metadata"]["layers"]
        assert all(one["output"] == other["input"] for one, other in pairwise(layers))
        for graph in config["metadata"].get("tensorboardGraphs", []):
            assert len({len(series["values"]) for series in graph["data"]}) == 1
    titles = {tuple(g["title"] for g in config["metadata"].get("tensorboardGraphs", [])) for config in trained}
    # Fitted without epochs, with a loss only, with both.
    assert titles == {(), ("Loss", "Learning rate"), ("Loss", "Accuracy", "Learning rate")}
    assert {config["metadata"].get("objectDetectionLastLayer") for config in trained} >= {"fomo", "paddleocr-detector"}
    assert {config["config"]["trained"] for config in networks(detailed)} == {True, False}


def test_one_detector_has_all_the_thresholds_of_text(detailed: Any) -> None:
    (text,) = [config for config in networks(detailed) if config["blockId"] == 34]
    keys = [row["key"] for row in text["config"]["thresholds"]]
    assert keys == ["min_score", "min_score_pixel", "min_score_box", "unclip_ratio"]


def test_a_gmm_is_a_mixture(service: Service, detailed: Any) -> None:
    found = get(service, "training/anomaly/13/gmm/metadata")
    count, axes = len(found["weights"]), len(get(service, "training/anomaly/13/metadata")["axes"])
    assert (count, axes) == (get(service, "training/anomaly/13")["clusterCount"], len(found["means"][0]))
    assert sum(found["weights"]) == pytest.approx(1)
    assert {(len(matrix), len(row)) for matrix in found["covariances"] for row in matrix} == {(axes, axes)}
    (config,) = by_id(detailed)[2]["learnBlockAnomalyConfigs"]
    assert config["gmmMetadata"]["means"] == found["means"]


def test_a_block_that_is_not_trained_has_no_model(service: Service, detailed: Any) -> None:
    assert all("metadata" not in config for config in by_id(detailed)[7]["learnBlockAnomalyConfigs"])
    assert get(service, "training/anomaly/64")["trained"] is get(service, "training/anomaly/65")["trained"] is False
    assert get(service, "training/anomaly/64/metadata")["success"] is False
    assert get(service, "training/anomaly/65/metadata")["hasTrainedModel"] is False
    assert get(service, "training/anomaly/65/gmm/metadata")["success"] is False


def test_every_learn_block_says_its_thresholds(detailed: Any) -> None:
    for plan in IMPULSES:
        row = by_id(detailed)[plan.id]
        configs = row["learnBlockKerasConfigs"] + row["learnBlockAnomalyConfigs"]
        result = {config["blockId"]: {t["key"] for t in config["config"]["thresholds"]} for config in configs}
        assert result == {learn.id: {threshold.key for threshold in learn.thresholds} for learn in plan.learns}


def test_the_last_modification_is_said_in_both_of_the_documents_ways(service: Service) -> None:
    answer = get(service, "last-modification")
    assert answer["modificationDate"] == answer["lastModificationDate"]


def test_the_trial_that_an_impulse_came_from_says_so_too() -> None:
    service = Service(Options("finished"), KEY, lambda: 1_760_000_000.0)
    rows = get(service, "impulses-detailed")["impulses"]
    result = {row["createdFromTunerTrialId"]: row["impulse"]["id"] for row in rows if "createdFromTunerTrialId" in row}
    trials = get(service, "optimize/state")["trials"]
    added = {
        int(trial["id"]): trial["impulseAddedToProject"]["impulseId"]
        for trial in trials
        if "impulseAddedToProject" in trial
    }
    assert len(result) == 1
    assert added == result
