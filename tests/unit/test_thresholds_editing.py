"""Editing thresholds by keyboard. All thresholds are synthetic."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from itertools import starmap
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis import editing
from eitui.api.lenient import answer
from eitui.api.thresholds import thresholds_of
from eitui.domain.edit import Conflict, Draft, Edit, EditSession
from eitui.domain.impulse import LEARN, Impulse, LearnBlock
from eitui.domain.numbers import LONGEST_NUMBER, parse_number
from eitui.domain.text import clean
from eitui.domain.threshold import (
    CONFIG,
    METADATA,
    UNREAD_VALUE,
    Change,
    ChoiceKind,
    NumberKind,
    Option,
    OtherValue,
    StatedValue,
    TextKind,
    Threshold,
    ThresholdRef,
    ThresholdValue,
    UnknownKind,
    can_be_sent,
    format_value,
    from_json,
    is_probability,
    same,
    text_of,
    to_json,
)
from eitui.thresholds.errors import Unfit
from eitui.thresholds.outcomes import conflicts_of, parse_value
from eitui.view.impulse.thresholds import impulse_threshold_lines
from eitui.view.threshold.editor import about_draft, keys_for, option_lines, threshold_lines
from eitui.view.threshold.plain import listing, thresholds_as_json


def threshold(value: ThresholdValue | None, key: str = "min_score", **more: Any) -> Threshold:
    return Threshold(ThresholdRef(1, 3, key), value=value, **more)


SCORE = threshold(0.6, suggested=0.5)
ANOMALY = threshold(5.25, "min_anomaly_score", suggested=4.8)
METHOD = threshold("max", "method", options=(Option("max", "Highest"), Option("mean"), Option("top\x1b")))
NOTE = threshold("a", "note")
FLAG = threshold(OtherValue("true"), "flag", suggested=0.5, options=(Option("true"), Option("false")))


def one(value: Threshold) -> EditSession:
    return editing.start([value])


def value_of(session: EditSession) -> ThresholdValue | None:
    assert session.current is not None
    return session.current.value


def typed(text: str, of: Threshold = SCORE) -> EditSession:
    session = one(of)
    for char in text:
        session = editing.type_text(session, char)
    return editing.accept(session)


def refusal(session: EditSession) -> str:
    assert session.current is not None
    return session.current.refusal


def test_nothing_is_changed_at_first() -> None:
    session = editing.start([SCORE, METHOD, SCORE], METHOD.ref)
    assert [draft.threshold for draft in session.drafts] == [SCORE, METHOD]
    assert session.at == 1
    assert session.changes() == ()
    assert editing.start([SCORE], NOTE.ref).at == 0


@pytest.mark.parametrize(
    ("value", "kind"),
    [(SCORE, NumberKind), (METHOD, ChoiceKind), (NOTE, TextKind), (threshold(None), NumberKind), (FLAG, UnknownKind)],
)
def test_kinds(value: Any, kind: Any) -> None:
    assert type(one(value).drafts[0].kind) is kind


def test_steps_are_exact_in_decimal() -> None:
    session = one(threshold(0.1))
    for _ in range(2):
        session = editing.step_value(session, 1, coarse=True)
    assert value_of(session) == 0.3
    assert session.drafts[0].text == "0.3"
    assert value_of(editing.step_value(editing.step_value(session, -1), 1)) == 0.3


@pytest.mark.parametrize(
    ("value", "fine", "coarse"),
    [
        (0.6, 0.61, 0.7),
        (0.6123456789, 0.6223456789, 0.7123456789),
        (0, 0.01, 0.1),
    ],
)
def test_steps_of_a_probability(value: float, fine: float, coarse: float) -> None:
    assert value_of(editing.step_value(one(threshold(value)), 1)) == fine
    assert value_of(editing.step_value(one(threshold(value)), 1, coarse=True)) == coarse


@pytest.mark.parametrize(
    ("value", "fine", "coarse"),
    [
        (5.25, 5.26, 5.35),
        (21.5, 21.6, 22.5),
        (350, 351, 360),
        (-350.0, -349.0, -340.0),
        (0.003, 0.0031, 0.004),
        (1e300, 1.01e300, 1.1e300),
        (1.79e308, 1.79e308, 1.79e308),
        (10**30, 10**30 + 10**28, 10**30 + 10**29),
    ],
)
def test_steps_are_in_proportion_to_other_numbers(value: float, fine: float, coarse: float) -> None:
    assert value_of(editing.step_value(one(threshold(value, "error")), 1)) == fine
    assert value_of(editing.step_value(one(threshold(value, "error")), 1, coarse=True)) == coarse


def test_steps_do_not_shrink_on_the_way_to_0() -> None:
    session = one(threshold(0.5, "error"))
    for _ in range(50):
        session = editing.step_value(session, -1)
    assert value_of(session) == 0
    assert value_of(editing.step_value(session, -1)) == -0.01


def test_a_probability_is_not_stepped_out_of_0_to_1() -> None:
    assert value_of(editing.step_value(one(threshold(0.95)), 1, coarse=True)) == 1
    assert value_of(editing.step_value(one(threshold(0.005)), -1)) == 0
    assert value_of(editing.step_value(typed("1.5"), -1)) == 1.49


def test_a_threshold_without_a_value_begins_at_the_suggestion() -> None:
    assert value_of(editing.step_value(one(threshold(None, suggested=0.5)), 1)) == 0.51
    assert value_of(editing.step_value(one(threshold(None)), 1)) == 0.01


def test_typed_digits_are_taken_when_they_are_accepted() -> None:
    session = editing.type_text(one(SCORE), "0")
    session = editing.type_text(session, ".75")
    assert session.drafts[0].text == "0.75"
    assert session.typing
    assert session.changes() == ()
    session = editing.accept(session)
    assert session.changes() == (Change(SCORE.ref, 0.6, 0.75),)
    assert not session.typing


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.123456789012345678", 0.12345678901234568),
        ("1e-7", 1e-07),
        (".5", 0.5),
        ("3.", 3.0),
        ("-2", -2),
        ("+7", 7),
        ("12345678901234567890", 12345678901234567890),
        ("0.0", 0.0),
    ],
)
def test_numbers_that_are_typed(text: str, number: float) -> None:
    assert parse_number(text) == number
    assert type(parse_number(text)) is type(number)
    assert value_of(typed(text)) == number


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Type a number"),
        ("0,5", "Write a point, not a comma"),
        ("1.2.3", "This is not a number"),
        ("-", "This is not a number"),
        ("nan", "This is not a number"),
        ("inf", "This is not a number"),
        ("1_000", "This is not a number"),
        ("٣", "This is not a number"),
        ("0x10", "This is not a number"),
        ("1e999", "Larger than any number the service can keep"),
        ("1e-999", "Too close to 0 for the service to keep"),
        ("1" * (LONGEST_NUMBER + 1), f"Longer than {LONGEST_NUMBER} characters"),
    ],
)
def test_what_is_no_number_is_refused_with_the_reason(text: str, why: str) -> None:
    assert parse_number(text) == why


def test_a_refused_number_stays_to_be_corrected() -> None:
    session = typed("1.2.3")
    assert refusal(session) == "This is not a number"
    assert session.typing
    assert session.changes() == ()
    assert editing.select(session, 0) == session
    session = editing.accept(editing.backspace(editing.backspace(session)))
    assert (value_of(session), refusal(session)) == (1.2, "")
    assert value_of(editing.cancel(typed("1.2.3"))) == 0.6


def test_keys_that_are_not_part_of_a_number_are_refused_at_once() -> None:
    session = editing.type_text(editing.type_text(one(SCORE), "0.7"), "x\x1b")
    assert session.drafts[0].typed == "0.7"
    assert refusal(session) == "x␛ is not part of a number"
    assert refusal(editing.type_text(one(SCORE), " ")) == "A space is not part of a number"
    assert editing.type_text(one(SCORE), "0.7\n").drafts[0].typed == "0.7"


def test_a_step_takes_what_is_typed_first() -> None:
    session = editing.step_value(editing.type_text(one(SCORE), "0.7"), 1)
    assert value_of(session) == 0.71
    stuck = editing.step_value(editing.type_text(one(SCORE), "e"), 1)
    assert (value_of(stuck), refusal(stuck)) == (0.6, "This is not a number")


def test_backspace_takes_back_a_digit_and_then_the_change() -> None:
    session = editing.type_text(editing.step_value(one(SCORE), 1), "12")
    session = editing.backspace(session)
    assert session.drafts[0].typed == "1"
    session = editing.backspace(session)
    assert (session.drafts[0].typed, value_of(session)) == (None, 0.61)
    session = editing.backspace(session)
    assert (value_of(session), session.changes()) == (0.6, ())


def test_the_suggestion() -> None:
    assert editing.suggest(one(SCORE)).changes() == (Change(SCORE.ref, 0.6, 0.5),)
    assert refusal(editing.suggest(one(NOTE))) == "The service suggests no value"
    odd = replace(NOTE, suggested=0.5)
    assert refusal(editing.suggest(one(odd))) == "The suggestion is of another kind than the value"


def test_options_are_chosen_in_a_circle() -> None:
    session = editing.step_value(one(METHOD), -1)
    assert session.changes() == (Change(METHOD.ref, "max", "top\x1b"),)
    assert session.drafts[0].text == "top␛"
    assert editing.step_value(session, 1).changes() == ()
    assert value_of(editing.step_value(one(METHOD), 1)) == "mean"
    assert value_of(editing.choose(one(METHOD), 1)) == "mean"
    assert editing.choose(one(METHOD), 9) == one(METHOD)
    assert refusal(editing.type_text(one(METHOD), "m")) == "This is chosen from a list"


def test_a_value_that_is_no_option_is_left_at_either_end_of_the_list() -> None:
    odd = replace(METHOD, value="other")
    assert value_of(editing.step_value(one(odd), 1)) == "max"
    assert value_of(editing.step_value(one(odd), -1)) == "top\x1b"


def test_options_of_a_number_stay_numbers() -> None:
    levels = threshold(2, "levels", options=(Option("1"), Option("2.0"), Option("many")))
    assert value_of(editing.step_value(one(levels), -1)) == 1
    assert value_of(editing.step_value(one(levels), 1)) == "many"
    assert editing.choose(one(levels), 1).changes() == ()


def test_a_text_stays_a_text() -> None:
    session = editing.type_text(one(NOTE), "1")
    assert session.drafts[0].text == "a1"
    assert editing.accept(session).changes() == (Change(NOTE.ref, "a", "a1"),)
    empty = editing.accept(editing.backspace(editing.backspace(session)))
    assert value_of(empty) == ""
    assert empty.drafts[0].warnings == ("The text is empty",)
    assert refusal(editing.type_text(one(NOTE), "\x1b")) == "A control character cannot be typed"
    assert refusal(editing.type_text(one(NOTE), "x" * 600)).startswith("Longer")
    assert refusal(editing.step_value(one(NOTE), 1)) == "This is a text: type it"
    assert value_of(editing.accept(editing.type_text(one(replace(NOTE, value="5")), "0"))) == "50"


def test_the_same_number_written_otherwise_is_no_change() -> None:
    session = typed("5.250", ANOMALY)
    assert session.changes() == ()
    assert value_of(typed("1", threshold(1.0))) == 1.0


def test_the_cursor_stays_within_the_thresholds() -> None:
    session = editing.start([SCORE, ANOMALY])
    assert editing.move_cursor(session, 1).at == 1
    assert editing.move_cursor(session, 5).at == 1
    assert editing.move_cursor(session, -5).at == 0
    accepted = editing.move_cursor(editing.type_text(session, "0.9"), 1)
    assert (accepted.at, accepted.changes()) == (1, (Change(SCORE.ref, 0.6, 0.9),))


def test_several_changes_go_together() -> None:
    session = editing.step_value(editing.move_cursor(editing.step_value(editing.start([SCORE, ANOMALY]), 1), 1), 1)
    assert session.changes() == (Change(SCORE.ref, 0.6, 0.61), Change(ANOMALY.ref, 5.25, 5.26))


@pytest.mark.parametrize(
    ("of", "value", "result"),
    [
        (SCORE, 0.55, ()),
        (SCORE, 0.2, ()),
        (SCORE, 0.19, ("Far from the suggested 0.5",)),
        (SCORE, -0.1, ("Below 0", "Far from the suggested 0.5")),
        (SCORE, 1.2, ("Above 1, and this is compared with scores from 0 to 1", "Far from the suggested 0.5")),
        (ANOMALY, 14.3, ()),
        (ANOMALY, 14.5, ("Far from the suggested 4.8",)),
        (ANOMALY, 1.5, ("Far from the suggested 4.8",)),
        (ANOMALY, -4.8, ("Below 0", "Far from the suggested 4.8")),
        (ANOMALY, 2**60, ("More digits than the service can keep", "Far from the suggested 4.8")),
        (threshold(4.2, "error"), 400, ()),
        (METHOD, "mean", ()),
    ],
)
def test_odd_values_are_warned_of(of: Any, value: float | str, result: Any) -> None:
    assert Draft(of, value).warnings == result


def test_a_loaded_value_is_not_warned_of() -> None:
    assert Draft(threshold(-3, suggested=5), -3).warnings == ()


@pytest.mark.parametrize(
    ("of", "yes"),
    [
        (SCORE, True),
        (threshold(0.3, "min_score_pixel"), True),
        (threshold(0.3, "other", description="Minimum confidence"), True),
        (threshold(0.3, "other", help_text="A Probability"), True),
        (threshold(0.3, "min_anomaly_score", description="Anomaly probability"), False),
        (threshold(0.3, "other"), False),
        (threshold(5, "min_score"), False),
        (threshold(0.5, "min_score", suggested=3.7), False),
        (NOTE, False),
    ],
)
def test_what_is_a_probability(of: Any, yes: bool) -> None:
    assert is_probability(of) is yes


def changed(value: float) -> EditSession:
    return editing.accept(editing.type_text(editing.start([SCORE, ANOMALY]), str(value)))


def test_reading_again_without_news_keeps_everything() -> None:
    session = editing.type_text(changed(0.7), "0.")
    rebased = editing.rebase(session, [SCORE, ANOMALY])
    assert rebased.session == session
    assert (rebased.conflicts, rebased.moved) == ((), ())


def test_both_changed_is_a_conflict_with_both_values() -> None:
    theirs = replace(SCORE, value=0.8)
    rebased = editing.rebase(changed(0.7), [ANOMALY, theirs])
    assert rebased.conflicts == (Conflict(Change(SCORE.ref, 0.6, 0.7), 0.8),)
    assert rebased.session.changes() == (Change(SCORE.ref, 0.8, 0.7),)
    assert rebased.session.current is not None
    assert rebased.session.current.ref == SCORE.ref
    assert editing.take_theirs(rebased.session, SCORE.ref).changes() == ()


def test_both_changed_to_the_same_is_none() -> None:
    rebased = editing.rebase(changed(0.7), [replace(SCORE, value=0.7), ANOMALY])
    assert (rebased.conflicts, rebased.moved, rebased.session.changes()) == ((), (), ())


def test_what_only_others_changed_moves() -> None:
    rebased = editing.rebase(changed(0.7), [SCORE, replace(ANOMALY, value=6)])
    assert rebased.conflicts == ()
    assert rebased.moved == (Change(ANOMALY.ref, 5.25, 6),)
    assert rebased.session.changes() == (Change(SCORE.ref, 0.6, 0.7),)
    assert rebased.session.drafts[1].value == 6


def test_what_is_gone_can_no_longer_be_set() -> None:
    rebased = editing.rebase(changed(0.7), [ANOMALY, NOTE])
    assert rebased.conflicts == (Conflict(Change(SCORE.ref, 0.6, 0.7), None, possible=False),)
    assert [draft.threshold for draft in rebased.session.drafts] == [ANOMALY, NOTE]
    assert editing.rebase(changed(0.7), []).session == EditSession()


@pytest.mark.parametrize(
    ("before", "after"),
    [(METHOD, replace(METHOD, options=METHOD.options[:1])), (SCORE, replace(SCORE, value="high"))],
)
def test_what_is_of_another_kind_now_can_no_longer_be_set(before: Any, after: Any) -> None:
    rebased = editing.rebase(editing.step_value(one(before), 1), [after])
    assert [conflict.possible for conflict in rebased.conflicts] == [False]
    assert rebased.session.changes() == ()
    assert value_of(rebased.session) == after.value


def test_values_are_shown_with_all_their_digits_and_clean() -> None:
    shown: list[Any] = [0.6, 4.0, 4, 1e-07, 1e22, "x\x1b", None, 10**20, 10**305, 10**400]
    assert [text_of(value) for value in shown] == [
        *("0.6", "4", "4", "1e-07", "1e+22", "x␛", "", "1" + "0" * 20),
        *["a number of over 300 digits"] * 2,
    ]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_survives_being_shown_and_typed(value: float) -> None:
    read = parse_number(text_of(value))
    assert not isinstance(read, str)
    assert same(read, value)
    assert json.loads(json.dumps(read)) == value


NUMBERS = st.integers(-(10**40), 10**40) | st.floats(allow_nan=False, allow_infinity=False) | st.floats(0, 1)
OTHERS = st.sampled_from([OtherValue("true"), OtherValue("[1, 2]"), OtherValue('{"a": null}')])
VALUES = st.none() | NUMBERS | st.text(max_size=4) | st.sampled_from(["max", "mean", "1"]) | OTHERS
THRESHOLDS = st.lists(
    st.builds(
        Threshold,
        st.builds(ThresholdRef, st.just(1), st.integers(1, 2), st.sampled_from(["min_score", "error", "note"])),
        value=VALUES,
        suggested=VALUES,
        options=st.just(()) | st.just((Option("max"), Option("mean"), Option("1"))),
    ),
    max_size=4,
)
Key = Callable[[EditSession], EditSession]
KEYS: st.SearchStrategy[Key] = st.one_of(
    st.builds(
        lambda by, coarse: lambda on: editing.step_value(on, by, coarse=coarse), st.sampled_from([-1, 1]), st.booleans()
    ),
    st.builds(lambda text: lambda on: editing.type_text(on, text), st.sampled_from("0123456789.e-+,x\n é") | st.text()),
    st.builds(lambda by: lambda on: editing.move_cursor(on, by), st.integers(-2, 2)),
    st.builds(lambda by: lambda on: editing.step_value(on, by), st.integers(-2, 2)),
    st.builds(lambda at: lambda on: editing.choose(on, at), st.integers(-1, 4)),
    st.sampled_from([editing.accept, editing.cancel, editing.backspace, editing.suggest, editing.restore]),
    st.builds(lambda fresh: lambda on: editing.rebase(on, fresh).session, THRESHOLDS),
)


def check(session: EditSession) -> None:
    assert not session.drafts or 0 <= session.at < len(session.drafts)
    assert len({draft.ref for draft in session.drafts}) == len(session.drafts)
    by_ref = {change.ref: change for change in session.changes()}
    for draft in session.drafts:
        change = by_ref.get(draft.ref)
        assert (change is not None) == (draft.value is not None and not same(draft.value, draft.loaded))
        if change is not None:
            assert (change.old, change.new) == (draft.loaded, draft.value)
            assert isinstance(change.new, str) or (isinstance(change.new, int | float) and math.isfinite(change.new))
            assert isinstance(draft.kind, ChoiceKind) or isinstance(change.new, str) == isinstance(draft.kind, TextKind)
            assert not isinstance(draft.kind, UnknownKind)
        if isinstance(draft.kind, ChoiceKind) and change is not None and isinstance(change.new, str):
            assert change.new in {option.value for option in draft.threshold.options}
        assert isinstance(draft.text, str)
        assert all(isinstance(text, str) for text in draft.warnings)


@given(THRESHOLDS, st.lists(KEYS, max_size=14))
def test_no_sequence_of_keys_breaks_a_session(thresholds: Any, keys: Any) -> None:
    session = editing.start(thresholds)
    check(session)
    for key in keys:
        session = key(session)
        check(session)
    back = editing.backspace(editing.cancel(session))
    assert back.current is None or not back.current.changed


@given(THRESHOLDS, st.lists(KEYS, max_size=6), THRESHOLDS)
def test_after_reading_again_changes_are_about_what_is_there_now(thresholds: Any, keys: Any, fresh: Any) -> None:
    session = editing.start(thresholds)
    for key in keys:
        session = key(session)
    rebased = editing.rebase(session, fresh)
    now = {draft.ref: draft.value for draft in editing.start(fresh).drafts}
    assert {draft.ref: draft.loaded for draft in rebased.session.drafts} == now
    silent = {conflict.ref for conflict in rebased.conflicts}
    for change in session.changes():
        if change.ref not in silent:
            assert same(now[change.ref], change.old) or same(now[change.ref], change.new)
    assert editing.rebase(rebased.session, fresh).conflicts == ()


# A kind that eitui does not know


@pytest.mark.parametrize(
    "key", [editing.suggest, lambda on: editing.step_value(on, 1), lambda on: editing.type_text(on, "1")]
)
def test_a_value_of_an_unknown_kind_is_kept_and_every_key_says_why(key: Callable[..., Any]) -> None:
    session = key(one(FLAG))
    assert (session.drafts[0].text, value_of(session), session.changes()) == ("true", OtherValue("true"), ())
    assert refusal(session)
    assert editing.choose(session, 1).changes() == editing.accept(session).changes() == ()


def test_a_value_of_an_unknown_kind_is_never_sent() -> None:
    assert not can_be_sent(OtherValue("true"))
    with pytest.raises(ValueError, match="a finite number or a text"):
        Edit("a1", "h", 1, 1, "", (Change(FLAG.ref, OtherValue("true"), OtherValue("false")),), "a@b")


def test_a_threshold_that_became_of_an_unknown_kind_can_no_longer_be_set() -> None:
    rebased = editing.rebase(changed(0.7), [replace(SCORE, value=OtherValue("true")), ANOMALY])
    assert rebased.conflicts == (Conflict(Change(SCORE.ref, 0.6, 0.7), OtherValue("true"), possible=False),)
    assert rebased.session.changes() == ()


@given(
    st.recursive(
        st.none() | st.booleans() | NUMBERS | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_every_value_of_json_survives_being_kept(value: Any) -> None:
    kept = from_json(value)
    assert to_json(kept) == value
    assert type(to_json(kept)) is type(value)
    assert isinstance(kept, OtherValue) == isinstance(value, bool | list | dict)
    assert clean(text_of(kept)) == text_of(kept)


NO_VALUES = ("true", "[]", "[0.6]", "{}", "1e999")
"""JSON that is neither a number nor a text."""

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["min_score", "note", ""]), st.sampled_from(["0.6", "1", '"max"', '"0.5"', "null", *NO_VALUES])
    ),
    max_size=4,
)
LISTS = ROWS | st.sampled_from(["null", "{}", "true", "[0.6]"])
"""Keys and values, as JSON, in a list of thresholds; or other JSON in its place."""


def known_by(*lists: list[tuple[str, str]] | str) -> tuple[Threshold, ...]:
    """Return the thresholds of a configuration and of metadata."""
    config, metadata = (rows if isinstance(rows, str) else f"[{', '.join(starmap(_row, rows))}]" for rows in lists)
    found = (answer(f'{{"thresholds": {text}}}'.encode()) for text in (config, metadata))
    return thresholds_of(1, 3, next(found), metadata=found)


def _row(key: str, raw: str) -> str:
    return f'{{"key": "{key}", "value": {raw}}}'


def is_protected(config: list[tuple[str, str]] | str, metadata: list[tuple[str, str]] | str, key: str) -> bool:
    """Whether something that is no value stands for a key in either list, judged by the JSON alone."""
    rows = [row for rows in (config, metadata) if not isinstance(rows, str) for row in rows]
    hidden = isinstance(config, str) and config != "null"
    return not key or hidden or any(of == key and raw in NO_VALUES for of, raw in rows)


@given(LISTS, LISTS, st.lists(KEYS, max_size=14), LISTS, LISTS)
def test_no_sequence_of_edits_writes_over_a_value_that_could_not_be_read(
    config: Any, metadata: Any, keys: Any, later: Any, beside: Any
) -> None:
    session = editing.start(known_by(config, metadata))
    for key in keys:
        session = key(session)
    session = editing.rebase(session, known_by(config, metadata)).session
    assert not any(is_protected(config, metadata, change.ref.key) for change in session.changes())
    for one in known_by(config, metadata):
        if is_protected(config, metadata, one.ref.key):
            with pytest.raises(Unfit):
                parse_value(one, "0.7")
    # Nor where it became one only after the new value was chosen.
    now = known_by(later, beside)
    for change in session.changes():
        if change.ref in {one.ref for one in now} and is_protected(later, beside, change.ref.key):
            with pytest.raises(Unfit):
                conflicts_of(Edit("a", "host", 1, 1, "", (change,), "me"), now)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.72, "0.72"), ("0.72", '"0.72"'), (" 0.72", '" 0.72"'), ("max", "max"), (OtherValue("true"), "true"),
        ("true", '"true"'), ("", "empty"), ("empty", '"empty"'), (None, "not set"), ("not set", '"not set"'),
        (OtherValue("[1]"), "[1]"), ("[1]", '"[1]"'), ('"0.72"', '"\\"0.72\\""'), ("1e5\x1b", "1e5␛"), ("NaN", '"NaN"'),
        (UNREAD_VALUE, "cannot be read"), ("cannot be read", '"cannot be read"'),
    ],
)  # fmt: skip
def test_a_text_that_looks_like_another_value_is_in_quotes(value: Any, shown: str) -> None:
    assert format_value(value) == shown


PLAIN = st.text(max_size=6).filter(lambda text: clean(text) == text)
SHOWN = (
    st.none() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False) | OTHERS
    | st.just(UNREAD_VALUE) | PLAIN | st.sampled_from(["0.5", "1", "true", "[1, 2]", "empty", "not set", '"1"', "-0"])
)  # fmt: skip


@given(SHOWN, SHOWN)
def test_values_that_are_not_the_same_look_different(one: Any, other: Any) -> None:
    assert same(one, other) or format_value(one) != format_value(other)


def test_an_option_is_marked_as_the_present_one_by_its_kind_too() -> None:
    numbers = threshold(2, "count", options=(Option("1"), Option("2")))
    words = threshold("2", "count", options=(Option("1"), Option("2")))
    for of, shown in ((numbers, "2"), (words, '"2"')):
        lines = [[text.strip() for text, _ in line] for line in option_lines(one(of).drafts[0], 0, 80, 9)]
        assert [line for line in lines if "(now)" in line] == [["", shown, "", "(now)"]]


def test_several_values_of_one_threshold_are_told() -> None:
    several = threshold(0.6, others=(StatedValue(CONFIG, "0.6"), StatedValue(METADATA, OtherValue("true"))))
    sentence = 'The service has several values: config 0.6, config "0.6", metadata true.'
    block = LearnBlock(3, LEARN, "Classifier", thresholds=(several,))
    impulse = Impulse(1, "Keywords (synthetic)", learn=(block,))
    assert sentence in listing([impulse])
    assert thresholds_as_json([impulse])[0]["others"] == [
        {"place": "config", "value": "0.6"},
        {"place": "metadata", "value": True},
    ]
    tab = "\n".join("".join(text for text, _ in line) for line in impulse_threshold_lines(impulse, 100))
    assert sentence in tab
    session = one(several)
    row = "".join(text for text, _ in threshold_lines(session, impulse, 100, 9)[2])
    assert "  0.6 !  " in row
    about = ["".join(text for text, _ in line) for line in about_draft(session.current, 100)]
    assert f" ! {sentence}" in about
    assert "cannot change this kind of value" in keys_for(session.current)
