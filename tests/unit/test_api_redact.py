"""A secret is taken out of JSON, however it is written there."""

import asyncio
import json
import string
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.api.client import Client
from eitui.api.errors import ApiError, BadAnswer
from eitui.api.response import without
from eitui.config import Secret
from eitui.config.hiding import PIECE, STAND_IN, redacted

SECRET = "ei_0f1e2d3c.4b-5A"


@given(st.lists(st.sampled_from(["plain", "lower", "upper"]), min_size=len(SECRET), max_size=len(SECRET)))
def test_it_is_found_however_it_is_escaped(ways: Any) -> None:
    forms = {"plain": str, "lower": lambda c: f"\\u{ord(c):04x}", "upper": lambda c: f"\\u{ord(c):04X}"}
    written = "".join(forms[way](char) for way, char in zip(ways, SECRET, strict=True))
    body = f'{{"name": "before {written} after"}}'.encode()
    assert json.loads(body)["name"] == f"before {SECRET} after"
    assert json.loads(without(body, SECRET))["name"] == f"before {STAND_IN} after"


@given(st.text(), st.booleans())
def test_everything_else_is_as_it_came(text: str, ascii_only: bool) -> None:
    body = json.dumps({"name": text}, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    assert without(body, SECRET) == body


def test_it_is_found_everywhere() -> None:
    body = json.dumps([SECRET, {SECRET: f"{SECRET}{SECRET}"}]).encode()
    assert SECRET.encode() not in without(body, SECRET)
    assert json.loads(without(body, SECRET))[0] == STAND_IN


CASES = (str, str.lower, str.upper, str.swapcase)
keys = st.text(string.ascii_letters + string.digits + "_-.+/=", min_size=12, max_size=90).filter(
    lambda key: "API key".lower() not in key.lower()
)
paddings = st.integers(0, 600)


def pieces(key: str) -> set[str]:
    return {key[at : at + PIECE].lower() for at in range(len(key) - PIECE + 1)}


def in_json(result: str, status: int) -> httpx.Response:
    return httpx.Response(status, json={"success": False, "error": result})


def in_text(result: str, status: int) -> httpx.Response:
    return httpx.Response(status, text=result)


def in_utf_16(result: str, status: int) -> httpx.Response:
    return httpx.Response(status, content=result.encode("utf-16"), headers={"content-type": "text/plain"})


def in_json_in_utf_16(result: str, status: int) -> httpx.Response:
    return httpx.Response(status, content=json.dumps({"success": False, "error": result}).encode("utf-16-be"))


def in_json_in_utf_32(result: str, status: int) -> httpx.Response:
    return httpx.Response(status, content=json.dumps({"success": False, "error": result}).encode("utf-32-le"))


def as_the_type(result: str, status: int) -> httpx.Response:
    return httpx.Response(200, content=b"OK", headers={"content-type": result})


def as_the_compression(result: str, status: int) -> httpx.Response:
    return httpx.Response(200, headers={"content-encoding": result}, content=b"")


def as_the_place(result: str, status: int) -> httpx.Response:
    return httpx.Response(302, headers={"location": f"https://{result}/"})


PLACES = (
    in_json, in_text, in_utf_16, in_json_in_utf_16, in_json_in_utf_32, as_the_type, as_the_compression, as_the_place,
)  # fmt: skip


@given(keys, st.sampled_from(CASES), paddings, paddings, st.sampled_from(PLACES), st.sampled_from([200, 400, 401, 500]))
async def test_no_piece_of_it_is_in_any_message(
    key: str, case: Any, before: str, after: str, place: Any, status: int
) -> None:
    result = place("." * before + case(key) + "." * after, status)
    async with Client("https://x.test", Secret(key), transport=httpx.MockTransport(lambda _: result)) as client:
        with pytest.raises(ApiError) as raised:
            await client.projects()
    shown = f"{raised.value} {raised.value.advice} {raised.value.args}".lower()
    assert not [piece for piece in pieces(key) if piece in shown]


@given(keys, st.sampled_from(CASES), st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]))
async def test_it_is_in_nothing_that_is_recorded(key: str, case: Any, encoding: str) -> None:
    body = json.dumps({"success": True, "name": f"a {case(key)}"}).encode(encoding)
    answer = httpx.MockTransport(lambda _: httpx.Response(200, content=body))
    async with Client("https://x.test", Secret(key), transport=answer) as client:
        if encoding == "utf-8":
            assert json.loads(await client.optimize_state_bytes(1)) == {"success": True, "name": f"a {STAND_IN}"}
        else:
            with pytest.raises(BadAnswer, match="UTF-16"):
                await client.optimize_state_bytes(1)


others = st.text(" \n\0äßİ\u212b日")


@given(keys, others, others, st.sampled_from(CASES))
def test_what_stands_around_it_stays(key: str, before: str, after: str, case: Any) -> None:
    assert redacted(before + case(key) + after, key) == before + STAND_IN + after


def test_what_is_left_out_of_a_text_does_not_hide_it() -> None:
    key = "ei_AbCdEf0123456789"
    result = httpx.Response(400, text="\ufe0f".join(key))
    with pytest.raises(ApiError) as raised:
        asyncio.run(Client("https://x.test", Secret(key), transport=httpx.MockTransport(lambda _: result)).projects())
    assert "[API key]" in raised.value.what


def test_it_is_found_across_the_parts_of_a_large_body() -> None:
    for at in range(2**20 - 40, 2**20 + 5):
        body = b'{"name": "%b%b"}' % (b"x" * at, SECRET.upper().encode())
        assert SECRET.upper().encode() not in without(body, SECRET)
