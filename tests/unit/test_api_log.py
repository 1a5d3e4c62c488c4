"""A trial's log, from the service's answer to the domain's lines. All logs are synthetic."""

import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.api.client import Client
from eitui.api.errors import BadAnswer, Rejected
from eitui.api.log import ENTRY_LINES, LONGEST_LINE, id_to_ask, lines_of, log_of
from eitui.api.state import pack
from eitui.config import Secret
from eitui.domain.log import LogLine, TrialLog
from eitui.domain.text import clean
from eitui.domain.trial import Trial

KEY = "ei_synthetic_key_0123456789abcdef"
URL = "https://studio.example.test"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def entry(created: object, data: object, level: str | None = "info") -> dict[str, Any]:
    return {"created": created, "data": data} | ({} if level is None else {"logLevel": level})


def log(*entries: object, total: object = None) -> TrialLog:
    body = {"success": True, "stdout": list(entries), "totalCount": len(entries) if total is None else total}
    return log_of(json.dumps(body).encode())


def texts(of: TrialLog) -> list[str]:
    return [line.text for line in of.lines]


async def asked(trial_id: str) -> list[httpx.Request]:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json={"success": True, "stdout": [entry(None, "one\n")], "totalCount": 1})

    async with Client(URL, Secret(KEY), transport=httpx.MockTransport(answer)) as client:
        assert texts(await client.trial_log(7, trial_id)) == ["one"]
    return requests


async def test_the_log_is_asked_for_by_project_and_trial() -> None:
    (request,) = await asked("4000123")
    assert request.method == "GET"
    assert str(request.url) == f"{URL}/v1/api/7/optimize/trial/4000123/stdout"
    assert request.headers["x-api-key"] == KEY


@pytest.mark.parametrize(
    ("trial_id", "segment"),
    [
        ("../../impulses-detailed", b"..%2F..%2Fimpulses-detailed"),
        ("a b?x=1#y", b"a%20b%3Fx%3D1%23y"),
        ("50%2F", b"50%252F"),
        ("\x1b]0;t\x07", b"%1B%5D0%3Bt%07"),
        ("\ud800", b"%ED%A0%80"),
        ("ä…", b"%C3%A4%E2%80%A6"),
        ("...a", b"...a"),
    ],
)
async def test_an_id_leads_nowhere_else(trial_id: str, segment: bytes) -> None:
    (request,) = await asked(trial_id)
    assert request.url.raw_path == b"/v1/api/7/optimize/trial/" + segment + b"/stdout"
    assert request.url.host == "studio.example.test"


@pytest.mark.parametrize("trial_id", ["", ".", "..", "...", "x" * 2001, "é" * 400])
async def test_an_id_that_no_address_can_hold_is_not_sent(trial_id: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"asked for {request.url}")

    async with Client(URL, Secret(KEY), transport=httpx.MockTransport(answer)) as client:
        with pytest.raises(Rejected, match="this id") as raised:
            await client.trial_log(7, trial_id)
    assert not raised.value.final


def test_the_oldest_line_comes_first() -> None:
    found = log(
        entry("2025-10-09T08:00:02.500Z", "three\n", "error"),
        entry("2025-10-09T08:00:01", "two\n", None),
        entry("2025-10-09T08:00:00Z", "one\n"),
    )
    assert found.lines == (
        LogLine(1759996800.0, "info", "one"),
        LogLine(1759996801.0, "", "two"),
        LogLine(1759996802.5, "error", "three"),
    )
    assert found.left_out == 0


def test_a_log_that_is_sent_oldest_first_is_not_turned_round() -> None:
    assert texts(log(entry("2025-10-09T08:00:00Z", "one"), entry("2025-10-09T08:00:01Z", "two"))) == ["one", "two"]


def test_lines_of_the_same_time_or_of_none_are_taken_as_newest_first() -> None:
    same = "2025-10-09T08:00:00Z"
    assert texts(log(entry(same, "two"), entry(same, "one"))) == ["one", "two"]
    assert texts(log(entry(None, "two"), entry("soon", "one"))) == ["one", "two"]
    assert [line.time for line in log(entry("soon", "one")).lines] == [None]


def test_the_lines_of_an_entry_stay_in_order() -> None:
    found = log(entry(None, "3\n4\n"), entry(None, "Traceback:\r\n\r\n  2\n"))
    assert texts(found) == ["Traceback:", "", "  2", "3", "4"]


def test_what_was_not_sent_is_counted() -> None:
    assert log(entry(None, "last\n"), total=1001).left_out == 1000
    assert log(entry(None, "a\nb\n"), total=1).left_out == 0
    assert log(entry(None, "a\n"), total="many").left_out == 0
    assert log().lines == ()


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        ("plain", ("plain",)),
        ("", ()),
        ("\n", ("",)),
        ("trailing  \n", ("trailing",)),
        ("\x1b[31mValueError\x1b[0m: bad\n", ("ValueError: bad",)),
        ("\r 1/50 [>...]\r50/50 [====]\n", ("50/50 [====]",)),
        (" 1/50\x08\x08\x08\x08\x0850/50\n", ("50/50",)),
        ("done\r\n", ("done",)),
        ("\x1b]0;title\x07\n", ("␛]0;title␇",)),
        ("a\u202eb", ("a\ufffdb",)),
        (None, ()),
        (["a"], ()),
        (5, ()),
    ],
)
def test_lines_read_as_a_terminal_would_show_them_and_cannot_drive_one(written: object, lines: tuple[str, ...]) -> None:
    assert lines_of(written) == lines


def test_a_huge_entry_keeps_its_end() -> None:
    lines = lines_of("\n".join(map(str, range(5000))))
    assert lines == tuple(map(str, range(5000 - ENTRY_LINES, 5000)))
    (long,) = lines_of("x" * 10_000_000)
    assert len(long) == LONGEST_LINE


@pytest.mark.parametrize("body", [b'{"success": true}', b'{"success": true, "stdout": "text"}', b"[]"])
def test_what_is_no_log_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        log_of(body)


def trial(body: bytes, trial_id: str = "shown") -> Trial:
    return Trial(trial_id, "mfe-conv1d-001", "failed", payload=pack(body))


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        (b'{"id": "\\u001b[2Jx"}', "\x1b[2Jx"),
        (b'{"id": "\\ud800"}', "\ud800"),
        (b'{"id": 4000123}', "4000123"),
        (b'{"name": "nameless"}', ""),
        (b'{"id": null}', ""),
        (b"not JSON", "shown"),
    ],
)
def test_the_id_to_ask_by_is_the_one_that_was_sent(body: bytes, sent: str) -> None:
    assert id_to_ask(trial(body)) == sent


def test_a_trial_without_its_json_is_asked_by_what_is_known() -> None:
    assert id_to_ask(Trial("12", "mfe-conv1d-012", "failed")) == "12"


@given(st.lists(JSON, max_size=6), JSON)
def test_any_log_can_be_read(entries: list[Any], total: Any) -> None:
    found = log(*entries, total=total)
    assert found.left_out >= 0
    assert all(line.text == clean(line.text, LONGEST_LINE) for line in found.lines)


@given(JSON, JSON, JSON)
def test_any_entry_can_be_read(created: Any, data: Any, level: Any) -> None:
    found = log({"created": created, "data": data, "logLevel": level})
    assert len(found.lines) == (len(lines_of(data)) if isinstance(data, str) else 0)
    assert all("\n" not in line.text for line in found.lines)
