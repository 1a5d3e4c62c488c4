"""A secret is taken out of JSON, however it is written there."""

import json

from hypothesis import given
from hypothesis import strategies as st

from eitui.api.redact import STAND_IN, without

SECRET = "ei_0f1e2d3c.4b-5A"


@given(st.lists(st.sampled_from(["plain", "lower", "upper"]), min_size=len(SECRET), max_size=len(SECRET)))
def test_it_is_found_however_it_is_escaped(ways):
    forms = {"plain": str, "lower": lambda c: f"\\u{ord(c):04x}", "upper": lambda c: f"\\u{ord(c):04X}"}
    written = "".join(forms[way](char) for way, char in zip(ways, SECRET, strict=True))
    body = f'{{"name": "before {written} after"}}'.encode()
    assert json.loads(body)["name"] == f"before {SECRET} after"
    assert json.loads(without(body, SECRET))["name"] == f"before {STAND_IN.decode()} after"


@given(st.text(), st.booleans())
def test_everything_else_is_as_it_came(text, ascii_only):
    body = json.dumps({"name": text}, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    assert without(body, SECRET) == body


def test_it_is_found_everywhere():
    body = json.dumps([SECRET, {SECRET: f"{SECRET}{SECRET}"}]).encode()
    assert SECRET.encode() not in without(body, SECRET)
    assert json.loads(without(body, SECRET))[0] == STAND_IN.decode()
