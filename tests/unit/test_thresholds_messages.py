"""What is typed for a threshold, and what is said of a change. All values are synthetic."""

from datetime import UTC

import pytest
from changing import IMPULSE, SCORE, START, an_edit
from hypothesis import given
from hypothesis import strategies as st

from eitui.domain.edit import Entry, Outcome, Report
from eitui.domain.impulse import LEARN, Impulse, LearnBlock
from eitui.domain.threshold import Change, Option, OtherValue, Threshold, ThresholdRef
from eitui.thresholds import messages
from eitui.thresholds.errors import NoSuchThreshold, Unfit
from eitui.thresholds.outcomes import parse_value, threshold_named
from eitui.thresholds.project import local_user
from eitui.view.threshold import plain

ODD = ThresholdRef(IMPULSE, 3, "odd\x1bkey")
METHOD = Threshold(ThresholdRef(IMPULSE, 3, "method"), value="max", options=(Option("max"), Option("me\x1ban", "Mean")))
BLOCK = LearnBlock(
    3, LEARN, "Classifier", thresholds=(Threshold(SCORE, "Score threshold", value=0.6), Threshold(ODD), METHOD)
)
KEYWORDS = Impulse(IMPULSE, "Keywords (synthetic)", learn=(BLOCK,))


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**40), 10**40))
def test_a_number_is_typed_as_it_is_shown(number: float) -> None:
    assert repr(parse_value(Threshold(SCORE, value=0.6), repr(number))) == repr(number)


@pytest.mark.parametrize(
    "text", ["", "abc", "nan", "inf", "-inf", "1e999", "0x10", "1_0", "1,5", "٣", "--1", "1e", "9" * 401]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Unfit, match="min_score is a number"):
        parse_value(Threshold(SCORE, value=0.6), text)
    with pytest.raises(Unfit, match="min_score is a number"):
        parse_value(Threshold(SCORE), text)


def test_a_word_is_taken_as_the_service_has_it() -> None:
    assert parse_value(METHOD, "max") == "max"
    assert parse_value(METHOD, "me␛an") == parse_value(METHOD, "me\x1ban") == "me\x1ban"
    with pytest.raises(Unfit, match="method is one of max, me␛an, and not median"):
        parse_value(METHOD, "median")
    assert parse_value(Threshold(SCORE, value="free"), "0.5") == "0.5"
    assert parse_value(Threshold(SCORE), "0.5") == 0.5
    counts = Threshold(SCORE, value=2, options=(Option("1"), Option("2"), Option("many")))
    assert repr([parse_value(counts, text) for text in ("1", "2", "many")]) == "[1, 2, 'many']"


FLAG = Threshold(ThresholdRef(IMPULSE, 3, "flag"), value=OtherValue('[true, "a\\u001b"]'))


def test_a_value_of_an_unknown_kind_is_shown_and_cannot_be_set() -> None:
    with pytest.raises(Unfit, match=r"flag is of a kind that eitui does not know: \[true"):
        parse_value(FLAG, "true")
    impulse = Impulse(IMPULSE, learn=(LearnBlock(3, LEARN, "Classifier", thresholds=(FLAG,)),))
    assert "[true, " in plain.listing([impulse])
    assert "\x1b" not in plain.listing([impulse])
    assert plain.thresholds_as_json([impulse])[0]["value"] == [True, "a\x1b"]


def test_a_threshold_is_found_by_its_key_raw_or_as_shown() -> None:
    assert threshold_named(KEYWORDS, 3, "odd␛key").ref == threshold_named(KEYWORDS, 3, "odd\x1bkey").ref == ODD
    with pytest.raises(
        NoSuchThreshold, match=r"Learn block 3 has no threshold min␛ \(its thresholds: min_score, odd␛key"
    ):
        threshold_named(KEYWORDS, 3, "min\x1b")
    with pytest.raises(NoSuchThreshold, match=r"Impulse 1 has no learn block 4 \(its learn blocks: 3\)"):
        threshold_named(KEYWORDS, 4, "min_score")


ALIKE = ("a\x1b", "a␛", "b\u200b", "b\u202e")
"""Shown like another, each in its pair: of the first pair one is written just as it is shown."""


def test_of_thresholds_that_are_shown_alike_the_one_written_exactly_is_meant() -> None:
    block = LearnBlock(3, LEARN, "Classifier", thresholds=tuple(Threshold(ThresholdRef(1, 3, key)) for key in ALIKE))
    impulse = Impulse(IMPULSE, learn=(block,))
    assert [threshold_named(impulse, 3, key).ref.key for key in ALIKE] == list(ALIKE)
    with pytest.raises(NoSuchThreshold, match="Learn block 3 has several thresholds that are shown as b\ufffd"):
        threshold_named(impulse, 3, "b\ufffd")


def test_of_options_that_are_shown_alike_the_one_written_exactly_is_meant() -> None:
    threshold = Threshold(METHOD.ref, value="a␛", options=tuple(map(Option, ALIKE)))
    assert [parse_value(threshold, word) for word in ALIKE] == list(ALIKE)
    with pytest.raises(Unfit, match="method has several options that are shown as b\ufffd"):
        parse_value(threshold, "b\ufffd")


@pytest.mark.parametrize(
    ("user", "host", "result"),
    [("ada", "box", "ada@box"), (None, "box", "someone@box"), ("a\x1bb", "box", "a␛b@box")],
)
def test_who_makes_a_change(user: str | None, host: str, result: str) -> None:
    def name() -> str:
        if user is None:
            raise KeyError(0)
        return user

    assert local_user(name, lambda: host) == result


def entry(outcome: Outcome, detail: str = "", status: str = "") -> Entry:
    return Entry(
        4, an_edit([Change(SCORE, None, 0.7)]), Report(outcome, detail, status, stored=(0.7,)), START, START + 2
    )


def test_every_outcome_has_words_of_its_own() -> None:
    result = {outcome: messages.outcome(entry(outcome)) for outcome in Outcome}
    assert result[Outcome.INTENDED] == result[Outcome.UNKNOWN]
    assert len(set(result.values())) == len(Outcome) - 1
    for outcome in (Outcome.REFUSED, Outcome.NOT_SENT, Outcome.SETTLED_NOT_APPLIED):
        assert "othing was changed" in result[outcome]
    assert messages.outcome(entry(Outcome.REFUSED, "A job is running.")).endswith("(A job is running)")
    late = Entry(4, an_edit(), Report(Outcome.SETTLED_APPLIED, "408", refused=True), START, START + 2)
    assert messages.outcome(late) == "The service said no, but reading back shows that it was applied. (408)"
    assert not any("No answer" in sentence for sentence in result.values())
    for outcome in Outcome:
        assert bool(messages.outcome_advice(entry(outcome))) is not outcome.applied
    assert "Read it back in 12 s" in messages.outcome_advice(entry(Outcome.UNKNOWN), 12.0)


def test_every_state_of_the_model_testing_results_has_words() -> None:
    known = ["regenerated", "started_job", "requires_job", "not_regenerated"]
    result = [messages.regenerated(status) for status in [*known, "", "new\x1bword"]]
    assert len(set(result)) == len(result)
    assert "new␛word" in result[-1]
    assert "8200001" in messages.regenerated("started_job", 8_200_001)
    assert [bool(messages.next_step(status)) for status in known] == [False, True, True, True]
    assert messages.next_step("unheard of") == ""
    assert messages.consequence(True) != messages.consequence(False)


def test_the_log_says_when_who_what_and_what_became_of_it() -> None:
    text = plain.history([entry(Outcome.APPLIED, status="requires_job"), entry(Outcome.UNKNOWN, "lost")], UTC)
    assert text.split("\n")[:6] == [
        "4  2026-01-15 09:30:00  ada@box",
        "  studio.example.test, project 12, impulse 1 (Keywords (synthetic))",
        "  block 3, min_score: not set → 0.7",
        "  Applied, and read back.",
        f"  {messages.regenerated('requires_job')}",
        "",
    ]
    assert "may have been applied, or not" in text
    (result,) = plain.journal_as_json([entry(Outcome.UNKNOWN, "lost")])
    assert (result["outcome"], result["settled"], result["detail"]) == ("unknown", False, "lost")
    assert result["intended_at"] == "2026-01-15T09:30:00.000000Z"
    assert result["changes"] == [{"block": 3, "key": "min_score", "old": None, "new": 0.7, "read_back": 0.7}]


def test_the_list_is_clean_to_look_at_and_raw_for_scripts() -> None:
    text = plain.listing([KEYWORDS, Impulse(2, "Nothing to set")])
    lines = text.splitlines()
    assert lines[0] == "Impulse 1  Keywords (synthetic)"
    assert lines[2].split() == ["3", "min_score", "0.6", "–", "Classifier:", "Score", "threshold"]
    assert "odd␛key" in text
    assert "one of max, me␛an" in text
    assert "Nothing to set" not in text
    rows = plain.thresholds_as_json([KEYWORDS])
    assert [row["key"] for row in rows] == ["min_score", "odd\x1bkey", "method"]
    assert (rows[0]["value"], rows[2]["options"]) == (0.6, ["max", "me\x1ban"])
