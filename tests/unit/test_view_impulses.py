"""The table of impulses, its columns and its filter. All impulses are synthetic."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from projects import demo_impulses

from eitui.analysis.compare import compare_impulses, different_data
from eitui.analysis.impulses import ImpulseQuery, Vocabularies, listed, states
from eitui.analysis.query.tokens import QueryError
from eitui.domain.impulse import (
    BOOLEAN,
    LIST,
    NUMERIC,
    SELECT,
    STRING,
    Dataset,
    Filtering,
    Impulse,
    ImpulseMetric,
    ImpulseTable,
    MetricKey,
)
from eitui.domain.text import clean
from eitui.view.impulse.table import ImpulseRows, impulse_columns, usual
from eitui.view.kit.cells import len_cells
from eitui.view.kit.lines import width_of
from eitui.view.kit.marks import mark

DEMO = demo_impulses()


def metric(
    name: str, text: str, number: float | None = None, kind: str = NUMERIC, category: str = "m"
) -> ImpulseMetric:
    return ImpulseMetric(name, category, name.title(), text, number, Filtering(kind))


def key(name: str, kind: str = NUMERIC, *options: str, shown: bool = True, category: str = "m") -> MetricKey:
    return MetricKey(name, category, name.title(), Filtering(kind, options), shown=shown)


def impulse(number: int | None, *metrics: ImpulseMetric, **result: Any) -> Impulse:
    by_category: dict[str, tuple[ImpulseMetric, ...]] = {}
    for one in metrics:
        by_category[one.category] = (*by_category.get(one.category, ()), one)
    return replace(Impulse(number, f"impulse {number}", metrics=by_category), **result)


def shown(table: ImpulseTable, text: str = "") -> list[str]:
    rows = ImpulseRows()
    rows.show(table, {})
    rows.filter_by(Vocabularies(table).parse(text))
    return [item.key for item in rows.items]


def test_the_columns_are_those_that_the_service_lists() -> None:
    columns = impulse_columns(DEMO)
    arrangement = usual(DEMO, columns)
    assert [column.title for column in arrangement.of(columns)] == [
        *("", "Impulse", "State", "Accuracy", "Latency (ms)", "Peak RAM", "Input", "Tags", "From trial", "Dataset"),
    ]
    assert {column.title for column in columns} >= {"Author", "ID", "Quantised", "Weighted average F1 score"}


def test_states_are_a_sign_and_a_word() -> None:
    rows = ImpulseRows()
    rows.show(DEMO, {})
    columns = tuple(column for column in rows.columns if column.key == "state")
    texts = ["".join(text for text, _ in rows.line(index, columns)).strip() for index in range(8)]
    assert texts == [
        *("✓ complete", "✓ complete", "✓ complete", "! stale", "✓ complete", "○ incomplete", "○ incomplete"),
        "✗ not configured",
    ]


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({}, ("unknown",)),
        ({"stale": True}, ("unknown", "stale")),
        ({"complete": True}, ("complete",)),
        ({"complete": True, "configured": True, "stale": True}, ("stale",)),
        ({"complete": True, "configured": False}, ("not configured",)),
        ({"configured": True}, ("unknown",)),
        ({"complete": False}, ("incomplete",)),
        ({"complete": False, "stale": True}, ("incomplete", "stale")),
        ({"complete": False, "configured": False}, ("not configured",)),
        ({"configured": False, "stale": True}, ("not configured", "stale")),
        ({"id": None}, ("malformed",)),
    ],
)
def test_the_words_for_a_state(result: Any, words: tuple[str, ...]) -> None:
    assert states(replace(Impulse(1), **result)) == words


def test_the_dataset_version_is_a_column_that_is_shown_where_there_are_two() -> None:
    impulses = tuple(
        Impulse(number, dataset=dataset)
        for number, dataset in enumerate([Dataset(51, 10), Dataset(50, 9), None, Dataset(7)], 1)
    )
    for several, is_shown in ((impulses, True), (impulses[:1], False), ((), False)):
        table = ImpulseTable(several)
        columns = impulse_columns(table)
        assert ("dataset" not in usual(table, columns).hidden) is is_shown
    rows = ImpulseRows()
    rows.show(ImpulseTable(impulses), {})
    rows.sort_by("dataset", reverse=False)
    assert [item.impulse.id for item in rows.items] == [2, 1, 4, 3]
    assert shown(ImpulseTable(impulses), "dataset:9") == ["2"]
    found = compare_impulses(impulses[:3])
    assert ("dataset version", ("10", "9", None)) in [(row.name, row.values) for row in found.figures]
    assert different_data(impulses[:3])
    assert not different_data(impulses[1:3])


@pytest.mark.parametrize("name", ["", "\U0001f3fb", "\u0301"])
def test_an_impulse_whose_name_cannot_be_seen_is_called_by_its_id(name: str) -> None:
    assert listed(ImpulseTable((Impulse(7, name),)))[0].called == "impulse 7"


def test_impulses_without_an_id_or_with_the_same_are_told_apart() -> None:
    table = ImpulseTable((Impulse(1), Impulse(None), Impulse(2), Impulse(2), Impulse(None)))
    assert [item.key for item in listed(table)] == ["1", "None@1", "2@2", "2@3", "None@4"]


def test_sorting_is_by_the_number_that_the_service_gives_else_by_text() -> None:
    table = ImpulseTable(
        (
            impulse(1, metric("size", "9K", 9216.0), metric("dsp", "mfe-10", kind=STRING)),
            impulse(2, metric("size", "85B", 85.0), metric("dsp", "mfe-9", kind=STRING)),
            impulse(3),
            impulse(4, metric("size", "big")),
        ),
        {"m": (key("size"), key("dsp", STRING))},
    )
    rows = ImpulseRows()
    rows.show(table, {})
    rows.sort_by("m/size", reverse=False)
    assert [item.key for item in rows.items] == ["2", "1", "4", "3"]
    rows.sort_by("m/size", reverse=True)
    assert [item.key for item in rows.items] == ["1", "2", "4", "3"]
    rows.sort_by("m/dsp", reverse=False)
    assert [item.key for item in rows.items][:2] == ["2", "1"]
    rows.sort_by(None, reverse=True)
    assert [item.key for item in rows.items] == ["4", "3", "2", "1"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("accuracy>=83%", ["1", "4"]),
        ("accuracy=88.8%", ["1"]),
        ("accuracy<0.8", ["7"]),
        ("not accuracy>0", ["2", "3", "5", "6", "8"]),
        ("latency<30ms", ["2", "5", "7"]),
        ("ram>100K and is:stale", ["4"]),
        ("quantized:yes", ["1", "3", "4", "5", "7"]),
        ("tracking!=no", ["4"]),
        ("tracking=yes", ["4"]),
        ("labels:noise", ["1", "7"]),
        ("labels=nois", []),
        ("labels!=noise", ["3", "4", "5"]),
        ('data="Image data"', ["3", "4"]),
        ("data:time", ["1", "2", "5", "7"]),
        ("dsp:mfe", ["1", "2", "7"]),
        ("inputBlockConfig.data:image", ["3", "4"]),
        ("is:incomplete or is:not_configured", ["6", "7", "8"]),
        ('is:"not configured"', ["8"]),
        ("is:complete", ["1", "2", "3", "5"]),
        ("state:not", ["8"]),
        ("tag:stale", ["4"]),
        ("author:user id<3", ["1", "2"]),
        ("block:gmm", ["2", "7"]),
        ("sounds", ["1", "2"]),
        ("(sounds or defects) not synthetic-not-there", ["1", "2", "3"]),
        ("trial:4", ["1"]),
        ("is:marked", []),
    ],
)
def test_filters(text: str, found: Any) -> None:
    assert shown(DEMO, text) == found


@pytest.mark.parametrize(
    ("text", "result", "at"),
    [
        ("colour:red", "no field is called colour", 0),
        ("accuracy>high", "a number is expected here, such as 0.9, 90%, 50ms or 64K", 9),
        ("quantized:maybe", "quantized is yes or no: write quantized:yes", 10),
        ("quantized>yes", "quantized is yes or no", 10),
        ("data:video", "no choice is called video; there are Image data, Time series data", 5),
        ("data=image", "no choice is called image; there are Image data, Time series data", 5),
        ("data!=time", "no choice is called time; there are Image data, Time series data", 6),
        ("is:best", "no flag is called best", 3),
        ("dsp<mfe", "dsp is a text: write dsp:mfe", 4),
        ("accuracy>", "a value is expected after accuracy>", 9),
        (">3", "a field is expected before >, such as accuracy>=90% or is:stale", 0),
    ],
)
def test_what_is_no_filter(text: str, result: str, at: int) -> None:
    with pytest.raises(QueryError) as caught:
        Vocabularies(DEMO).parse(text)
    assert result in caught.value.what
    assert caught.value.position == at


@pytest.mark.parametrize("asked", ["data{}'Image data'", "dsp{}mfe-32"])
def test_unlike_is_the_opposite_of_like_also_for_impulses_without_the_metric(asked: str) -> None:
    like, unlike = (shown(DEMO, asked.format(sign).replace("'", '"')) for sign in ("=", "!="))
    assert sorted([*like, *unlike]) == [item.key for item in listed(DEMO)]


def test_the_words_to_ask_for_are_those_shown() -> None:
    result = {word for item in listed(DEMO) for word in states(item.impulse)}
    for word in result:
        assert shown(DEMO, f'is:"{word}"') == [item.key for item in listed(DEMO) if word in states(item.impulse)]


def test_a_state_that_is_cut_still_has_all_its_signs() -> None:
    rows = ImpulseRows()
    rows.show(ImpulseTable((replace(Impulse(1), configured=False, stale=True),)), {})
    column = next(column for column in rows.columns if column.key == "state")
    line = "".join(text for text, _ in rows.line(0, (column,)))
    assert len_cells(line) == 16
    assert line.startswith("✗! not config")


def test_columns_with_the_same_title_name_their_category() -> None:
    table = ImpulseTable(keys={kind: (key("ram", category=kind),) for kind in ("impulseMetrics", "learnBlockConfig")})
    columns = [column for column in impulse_columns(table) if "Ram" in column.title]
    assert [column.title for column in columns] == ["impulse: Ram", "learn: Ram"]
    assert all(column.width > len_cells(column.title) for column in columns)


def test_percent_is_read_as_the_metric_has_it() -> None:
    table = ImpulseTable((impulse(1, metric("share", "91.5%", 91.5)), impulse(2, metric("share", "80%", 80.0))))
    table = replace(table, keys={"m": (key("share"),)})
    assert shown(table, "share>90%") == ["1"]
    assert shown(table, "share>79") == ["1", "2"]


def test_fields_with_the_same_name_are_told_apart_by_their_category() -> None:
    table = ImpulseTable(
        (impulse(1, metric("ram", "1", 1.0), metric("ram", "2", 2.0, category="n")),),
        {"m": (key("ram"),), "n": (key("ram", category="n"),)},
    )
    assert shown(table, "ram=1") == shown(table, "n.ram=2") == ["1"]
    assert shown(table, "ram=2") == []


def test_completions() -> None:
    fields = Vocabularies(DEMO)
    assert fields.completions("acc", 3) == ("accuracy>",)
    assert fields.completions("is:st", 5) == ("is:stale",)
    assert fields.completions("quantized:", 10) == ("quantized:yes", "quantized:no")
    assert fields.completions("data:", 5) == ('data:"Image data"', 'data:"Time series data"')
    assert fields.completions("", 0) == fields.completions("zzz", 3) == ()


def test_a_row_is_made_anew_only_when_it_differs() -> None:
    rows = ImpulseRows()
    assert rows.show(DEMO, {})
    first = rows.line(0, rows.columns)
    assert not rows.show(DEMO, {})
    assert rows.line(0, rows.columns) is first
    assert rows.show(DEMO, {"1": mark(0)})
    assert rows.line(0, rows.columns)[0] == ("● ", "mark1")


@pytest.mark.parametrize("name", ["\U0001f3fb", "\u0903", "\u3164", "\u1160", "\u0301"])
def test_a_name_that_takes_no_cell_is_no_name(name: str) -> None:
    (item,) = listed(ImpulseTable((impulse(1, name=clean(name)),)))
    assert item.called == "impulse 1"


names = st.text(max_size=80).map(clean)
metrics = st.builds(
    ImpulseMetric,
    names.filter(bool),
    st.sampled_from(["m", "n", ""]),
    names,
    names,
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
    st.builds(Filtering, st.sampled_from([NUMERIC, STRING, SELECT, BOOLEAN, LIST, "", "new"]), st.tuples(names)),
)


@given(st.lists(st.tuples(names, st.lists(metrics, max_size=4)), max_size=5), st.text(max_size=20))
def test_any_service_makes_a_table_and_any_text_a_filter_or_an_error(described: Any, text: str) -> None:
    table = ImpulseTable(tuple(impulse(place, *some, name=name) for place, (name, some) in enumerate(described)))
    keys = [MetricKey(one.name, one.category, one.title, one.filtering) for _, some in described for one in some]
    by_category: dict[str, tuple[MetricKey, ...]] = {}
    for one in keys:
        by_category[one.category] = (*by_category.get(one.category, ()), one)
    table = replace(table, keys=by_category)
    rows = ImpulseRows()
    rows.show(table, {})
    for column in rows.columns:
        rows.sort_by(column.key, reverse=True)
    width = sum(column.width for column in rows.columns) + len(rows.columns) - 1
    for index, item in enumerate(rows.items):
        assert width_of(rows.line(index, rows.columns)) == width
        assert len_cells(item.called) > 0
    fields = Vocabularies(table)
    fields.completions(text, len(text))
    for start in (*fields.starts, ""):
        query = filter_or_place(fields, f"{start}{text}")
        if isinstance(query, int):
            assert 0 <= query <= len(start) + len(text)
        else:
            rows.filter_by(query)
            assert len(rows.items) <= len(rows.all)


def filter_or_place(fields: Vocabularies, text: str) -> ImpulseQuery | int:
    """Return the filter that a text says, or where it is wrong."""
    try:
        return fields.parse(text)
    except QueryError as error:
        return error.position
