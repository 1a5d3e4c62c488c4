"""What JSON takes is counted before it is decoded: never too little, and no more than there is where it matters."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.api.errors import BadAnswer
from eitui.api.lenient import MOST_VALUES, check_size, decode_object, values_in

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='a,[{"\\'),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(alphabet='a,[{"\\'), inner, max_size=4),
    max_leaves=12,
)


def count(value: object) -> int:
    """Return how many values there are, and one for each list and object that is empty."""
    inner = [*value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(count, inner)) + (not inner and isinstance(value, dict | list))


@given(values)
def test_texts_are_left_out_where_it_matters(value: Any) -> None:
    assert values_in(json.dumps(value).encode(), 0) == count(value)


@given(values)
def test_the_quick_count_is_never_too_small(value: Any) -> None:
    assert values_in(json.dumps(value).encode(), 10**9) >= count(value)


def test_a_long_text_full_of_commas_is_one_value() -> None:
    check_size(json.dumps({"a": ",[{" * MOST_VALUES, "b": '\\"' * MOST_VALUES}).encode())


@pytest.mark.parametrize("item", [b"[]", b"{}", b"1"])
def test_an_answer_of_millions_of_small_values_is_not_parsed(item: bytes) -> None:
    with pytest.raises(BadAnswer, match="1,000,000 values"):
        decode_object(b'{"q":[' + b",".join([item] * (MOST_VALUES + 1)) + b"]}")


@pytest.mark.parametrize("text", [b'"' * 3_000_001, b'{"a":' + b'"\\"' * 1_000_001])
def test_a_text_without_an_end_takes_no_time(text: bytes) -> None:
    assert values_in(text, 0) >= 1
