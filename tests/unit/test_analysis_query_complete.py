"""What a word of a filter may become."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.query import QueryError, parse
from eitui.analysis.query.complete import completions, starts, unquoted, word_before


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lat", ("latency<",)),
        ("status:failed and LAT", ("latency<",)),
        ("(val_a", ("val_accuracy>=",)),
        ("r", ("round>=", "ram<", "rom<", "retries>=", "worst_recall>=")),
        ("acc", ("accuracy>=", "val_accuracy>=")),
        ("is:", ("is:best", "is:over_limit", "is:marked", "is:stalled")),
        ("is:b", ("is:best",)),
        ("is:best", ()),
        ("status:f", ("status:failed",)),
        ("", ()),
        ("latency<50 ", ()),
        ("latency<5", ()),
        ("zzz", ()),
    ],
)
def test_the_word_before_the_cursor_may_become(text, expected):
    assert completions(text, len(text)) == expected


def test_only_what_is_before_the_cursor_counts():
    assert completions("lat or ram", 3) == ("latency<",)
    assert word_before("not (sta", 8) == "sta"


def test_every_field_can_be_begun():
    for start in starts():
        with pytest.raises(QueryError, match="expected"):
            parse(start)


@given(st.text(max_size=20), st.integers(0, 20))
def test_a_completion_goes_on_with_what_was_typed_or_holds_it(text, at):
    word = word_before(text, at)
    for found in completions(text, at):
        assert unquoted(word) in unquoted(found)
        assert found != word
