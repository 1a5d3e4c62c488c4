"""The hostile scenario: every string is an attempt, and the service still works."""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from eitui.demo.hostile import LONG_NAME, PAYLOADS, Hostile
from eitui.demo.options import Options
from eitui.demo.service import PROJECT_ID, Service, SimulatedAnswer

KEY = "ei_demo_0123456789abcdef"
BASE = f"/v1/api/{PROJECT_ID}"


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(Options("hostile"), KEY, lambda: 1_760_000_000.0)


def ask(service: Service, path: str, body: bytes | None = None) -> SimulatedAnswer:
    return service.answer("GET" if body is None else "POST", path, KEY, body or b"")


def strings(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """(name of the field, string) of every string in an answer."""
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, list):
        for item in value:
            yield from strings(item, field)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from strings(item, key)


def carries(text: str) -> bool:
    return any(payload in text for payload in PAYLOADS)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/api/projects",
        f"{BASE}/optimize/state",
        f"{BASE}/optimize/runs",
        f"{BASE}/impulses-detailed",
        f"{BASE}/training/anomaly/4",
        f"{BASE}/training/anomaly/13/metadata",
        f"{BASE}/training/anomaly/99",
        f"{BASE}/classify/all/result",
        f"{BASE}/classify/all/result?impulseId=4",
        "/v1/api/nowhere",
    ],
)
def test_every_string_of_every_answer_carries_something(service: Service, path: str) -> None:
    found = list(strings(json.loads(ask(service, path).body)))
    assert found
    assert {field for field, text in found if not carries(text)} <= {"status"}


def test_refusals_carry_something_too(service: Service) -> None:
    for answer in (
        service.answer("GET", "/v1/api/projects", "no"),
        ask(service, f"{BASE}/impulse/1/set-thresholds", b""),
    ):
        assert carries(json.loads(answer.body)["error"])
    other = ask(service, "/v1/api/1/optimize/state")
    assert other.status == 403
    assert "access" in other.body.decode()
    assert not other.body.decode().isprintable() or "[" in other.body.decode()


def test_most_statuses_are_words_and_some_are_not(service: Service) -> None:
    trials = json.loads(ask(service, f"{BASE}/optimize/state").body)["trials"]
    words = [trial["status"] in ("pending", "running", "completed", "failed") for trial in trials]
    assert len(words) / 2 < sum(words) < len(words)


def test_ids_and_names_stay_distinct(service: Service) -> None:
    state = json.loads(ask(service, f"{BASE}/optimize/state").body)
    for field in ("id", "name"):
        values = [trial[field] for trial in state["trials"]]
        assert len(set(values)) == len(values)
    workers = {worker["workerId"] for worker in state["workers"]}
    assert len(workers) == len(state["workers"])
    assert {trial["workerId"] for trial in state["trials"] if "workerId" in trial} <= workers


def test_free_form_keys_and_unknown_fields_are_hostile(service: Service) -> None:
    state = json.loads(ask(service, f"{BASE}/optimize/state").body)
    done = next(trial for trial in state["trials"] if "metrics" in trial)
    assert all(map(carries, done["metrics"]["validation"]["int8"]["report"]))
    assert all(map(carries, done["model"]))
    assert any(map(carries, done["devicePerformance"]))
    assert any(map(carries, done["impulse"]["dspBlocks"][0]["config"]))
    assert any(map(carries, state))


@pytest.mark.parametrize(
    "sequence",
    [
        r"\x1b\]0;", r"\x1b\]2;", r"\x1b\]8;;", r"\x1b\]52;", r"\x1b\[2J", r"\x9b", r"\x90", r"\x1bP", r"\x07", r"\x00",
        r"[\ud800-\udfff]", r"\[@click=app\.quit\]", r"\[/x\]", r"\[\$x\]", r"\\", r"\u202e", r"\u200b",
    ],
)  # fmt: skip
def test_the_impulses_alone_carry_every_kind_of_attempt(service: Service, sequence: str) -> None:
    texts = [text for _, text in strings(json.loads(ask(service, f"{BASE}/impulses-detailed").body))]
    assert any(re.search(sequence, text) for text in texts)
    assert any(LONG_NAME in text for text in texts)


def test_the_body_is_plain_ascii_json(service: Service) -> None:
    body = ask(service, f"{BASE}/impulses-detailed").body
    assert body.isascii()
    assert not any(unicodedata.category(char) == "Cc" for char in body.decode())
    assert b"\\u0000" in body
    assert b"\\ud800" in body


def test_a_hostile_word_is_always_the_same_and_can_be_sent_back() -> None:
    hostile = Hostile()
    words = ["min_score", "min_score_box", "", "1", "11"]
    changed = [hostile.word(word) for word in words]
    assert changed == [Hostile().word(word) for word in words]
    assert len(set(changed)) == len(words)
    assert [hostile.plain(word) for word in changed] == words
    assert hostile.plain("never said") == "never said"


def test_a_threshold_is_set_by_its_hostile_key() -> None:
    service = Service(Options("hostile"), KEY, lambda: 1_760_000_000.0)
    impulses = json.loads(ask(service, f"{BASE}/impulses-detailed").body)["impulses"]
    config = next(row["learnBlockKerasConfigs"][0] for row in impulses if row["impulse"]["id"] == 3)
    method = config["config"]["thresholds"][1]
    change = {
        "blockId": config["blockId"],
        "key": method["key"],
        "value": method["dropdownOptions"][1]["value"],
    }
    body = json.dumps({"thresholds": [change], "allowCreatingRegenerateModelTestingJobs": False}).encode()
    assert json.loads(ask(service, f"{BASE}/impulse/3/set-thresholds", body).body)["success"] is True
    after = json.loads(ask(service, f"{BASE}/impulses-detailed").body)["impulses"][2]["learnBlockKerasConfigs"][0]
    assert after["config"]["thresholds"][1]["value"] == change["value"]


def test_a_trials_log_is_found_by_its_hostile_id(service: Service) -> None:
    for trial in json.loads(ask(service, f"{BASE}/optimize/state").body)["trials"]:
        name = quote(trial["id"], safe="", errors="surrogatepass")
        log = json.loads(ask(service, f"{BASE}/optimize/trial/{name}/stdout").body)
        assert log["success"] is True
        assert all(carries(line["data"]) for line in log["stdout"])
