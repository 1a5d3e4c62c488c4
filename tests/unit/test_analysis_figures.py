"""The table of figures, and what is made of it: columns, fields of the filter, sort keys, export columns."""

import json
from dataclasses import replace
from typing import Any

import pytest
from build import TARGET, completed, failed, moment, pending, run
from deep import with_impulse
from demo_scenes import Scene
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.figures import (
    FIGURES,
    TEXTS,
    Context,
    Figure,
    FigureKind,
    FilterSpelling,
    Layout,
    figure,
    is_parameter,
    varying,
)
from eitui.analysis.query.fields import completions, starts, unquoted
from eitui.analysis.query.grammar import parse_trial_filter
from eitui.analysis.query.tokens import QueryError, quoted
from eitui.demo.options import SCENARIOS, Options
from eitui.domain.run import Config
from eitui.domain.text import clean
from eitui.domain.trial import Trial
from eitui.view.kit.cells import len_cells
from eitui.view.kit.table import sort_items
from eitui.view.run.columns import column
from eitui.view.run.export import as_csv, as_tsv, shown_table, table_as_json, trials
from eitui.view.run.filtering import FIELDS
from eitui.view.run.table import Depths

CONTEXT = Context(Config(target=TARGET), details=Depths().read)
SOME = (
    with_impulse(completed("1", 0.9), {"type": "mfe", "numFilters": 40}, learningRate=0.005, width=8),
    with_impulse(completed("2", 0.8), {"type": "mfcc", "numCepstral": 13}, learningRate=0.001, width=8),
    with_impulse(failed("3"), {"type": "mfe", "numFilters": 20}, learningRate=0.005, width=8),
    pending("4"),
)


def found_in(of: tuple[Trial, ...]) -> tuple[Figure, ...]:
    return (*FIGURES, *varying(map(CONTEXT.details.parameters, of)))


def found(text: str, of: tuple[Trial, ...] = SOME) -> str:
    return "".join(trial.id for trial in parse_trial_filter(text, found_in(of)).select(of, CONTEXT))


def values_of(of: Figure, some: tuple[Trial, ...]) -> list[str | float]:
    return [value for trial in some if (value := of.read(trial, CONTEXT)) is not None]


@pytest.mark.parametrize("of", FIGURES, ids=lambda figure: figure.id)
def test_a_figure_says_what_it_is_and_how_it_is_asked_for(of: Any) -> None:
    assert any(of.name in name.replace(":", "").split() and result == of.asking.help for name, result in FIELDS)
    if of.column is not None:
        assert of.column.title or of.label
        assert len_cells(of.column.title) <= of.column.width
    assert (of.kind in (FigureKind.MARK, *TEXTS)) == any(start == f"{of.name}:" for start in starts())


def test_no_name_of_a_figure_is_another_s_or_could_be_a_hyper_parameter_s() -> None:
    names = [name for figure in FIGURES for name in {figure.id, figure.name, *figure.asking.aliases}]
    assert len(set(names)) == len(names)
    assert not any(map(is_parameter, names))
    columns = [name for figure in FIGURES for name, _ in figure.exported]
    assert len(set(columns)) == len(columns)
    with pytest.raises(KeyError):
        figure("nothing")


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("progress", [0.3, 1.0])
def test_every_figure_reads_every_trial_of_every_scenario(scenario: Any, progress: float) -> None:
    scene = Scene(Options(scenario, trials=None if scenario != "huge" else 60))
    scene.elapsed = scene.seconds_to(progress)
    some = scene.poll().run.trials
    figures = found_in(some)
    assert any(one.kind is FigureKind.PARAMETER for one in figures) == bool(some)
    for one in figures:
        for trial in some:
            assert isinstance(one.read(trial, CONTEXT), str | int | float | None)
        if one.column is not None:
            assert sorted(map(id, sort_items(some, column(one, one.column), True, CONTEXT))) == sorted(map(id, some))
        for value in values_of(one, some):
            # `:` is met by the figure as the table, or completion, has it.
            if one.kind in (FigureKind.STATUS, FigureKind.NAME, FigureKind.TEXT, FigureKind.PARAMETER):
                text = f"{value:.12g}" if isinstance(value, float) else str(value)
                assert parse_trial_filter(f"{quoted(one.name)}:{quoted(text)}", figures).select(some, CONTEXT)
    told = shown_table(some, figures, CONTEXT)
    assert len(json.loads(table_as_json(told))) == len(some)
    for name in told.columns:
        assert clean(name) == name


def test_what_is_found_above_a_value_is_what_sorts_after_it() -> None:
    scene = Scene(Options())
    scene.elapsed = scene.seconds_to(0.9)
    some = scene.poll().run.trials
    numbers = [one for one in found_in(some) if one.column is not None and one.kind not in (*TEXTS, FigureKind.MARK)]
    for one in numbers:
        ordered = sort_items(some, column(one, one.column), False, CONTEXT)
        for value in {value for value in values_of(one, some) if not isinstance(value, str)}:
            above = parse_trial_filter(f"{one.name}>={value!r}", found_in(some)).select(ordered, CONTEXT)
            assert above == [
                trial
                for trial in ordered
                if not isinstance(has := one.read(trial, CONTEXT), str | None) and has >= value
            ]
            rest = ordered[ordered.index(above[0]) :]
            assert [trial for trial in rest if one.read(trial, CONTEXT) is not None][: len(above)] == above


def test_a_new_figure_is_a_column_a_field_a_sort_key_and_an_export_column() -> None:
    new = Figure(
        "letters",
        FigureKind.COUNT,
        lambda trial, _: len(trial.name),
        FilterSpelling("letters of the name: letters>10"),
        Layout("Letters", 7, 20),
        better="higher",
        limit=lambda target: 12,
    )
    long, short = replace(completed("1"), name="a-long-name-1"), replace(completed("2"), name="two")
    figures = (*FIGURES, new)
    assert column(new, new.column).cell(short, CONTEXT).text == "3 "
    assert column(new, new.column).cell(long, CONTEXT).text == "13!"
    assert sort_items([short, long], column(new, new.column), column(new, new.column).high_first, CONTEXT) == [
        long,
        short,
    ]
    assert parse_trial_filter("letters>3", figures).select([short, long], CONTEXT) == [long]
    with pytest.raises(QueryError, match="did you mean letters"):
        parse_trial_filter("leters>3", figures)
    assert completions("let", 3, figures) == ("letters>=",)
    assert shown_table([short], [new], CONTEXT).columns == ("trial_id", "precision", "letters")


# Hyper-parameters


def test_hyper_parameters_that_differ_are_figures_in_the_order_they_come() -> None:
    assert [one.id for one in varying(map(CONTEXT.details.parameters, SOME))] == [
        *("dsp.type", "mfe.num_filters", "training.learning_rate", "mfcc.num_cepstral"),
    ]
    assert varying([{}, {"a.b": 1.0}]) == varying([]) == ()
    assert [one.id for one in varying([{"a.b": 1.0}, {"a.c": 1.0}, {"plain": 2.0}])] == ["a.b", "a.c"]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("mfe.num_filters>20", "1"),
        ("mfe.num_filters:20", "3"),
        ("mfe.num_filters!=20", "1"),
        ("not mfe.num_filters>=0", "24"),
        ("dsp.type:mf", "123"),
        ("dsp.type=mfe", "13"),
        ("dsp.type!=mfe", "2"),
        ("Training.Learning-Rate>=5e-3 status:completed", "1"),
        ("dsp.type!=5", "123"),
        ("mfe.num_filters!=many", "13"),
    ],
)
def test_a_filter_asks_for_hyper_parameters(text: str, ids: str) -> None:
    assert found(text) == ids


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("dsp.type<mfe", "a number is expected"),
        ("mfe.num_filtres>3", "did you mean mfe.num_filters"),
        ("learn.width>3", "no field"),
    ],
)
def test_what_is_wrong_with_one_is_said(text: str, part: str) -> None:
    with pytest.raises(QueryError, match=part):
        found(text)


def test_names_and_values_are_completed() -> None:
    figures = found_in(SOME)
    assert completions("rate", 4, figures) == ("training.learning_rate:",)
    assert completions("training.learning_rate:", 23, figures) == (
        "training.learning_rate:0.001",
        "training.learning_rate:0.005",
    )
    assert completions("dsp.type:mfc", 12, figures) == ("dsp.type:mfcc",)


ODD = 'the "Name" (of) <60: =!\' characters \\ and spaces more than that \x1b]0;x'


def test_odd_names_and_values_are_quoted_and_cleaned() -> None:
    some = tuple(with_impulse(completed(str(n)), {"type": "mfe", ODD: f"odd {n}\x1b[2J (x)"}) for n in (1, 2))
    (odd,) = varying(map(CONTEXT.details.parameters, some))
    assert clean(odd.id) == odd.id
    figures = found_in(some)
    (name,) = completions("chara", 5, figures)
    assert name == f"{quoted(odd.id)}:"
    one, two = completions(name, len(name), figures)
    assert found(one, some) == "1"
    assert found(two, some) == "2"
    assert found(f"{quoted(odd.id)}:ODD", some) == "12"


@given(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=60), st.text(st.characters(codec="utf-8"), max_size=20)
)
def test_any_hyper_parameter_can_be_asked_for_shown_sorted_and_taken_along(name: str, value: str) -> None:
    some = (
        with_impulse(completed("1"), {"type": "mfe", name: value}),
        with_impulse(completed("2"), {"type": "mfe", name: 7}),
        with_impulse(completed("3"), {"type": "mfe", name: 9.5}),
    )
    for one in varying(map(CONTEXT.details.parameters, some)):
        (start,) = (start for start in starts(found_in(some)) if start == f"{quoted(one.name)}:")
        assert "2" in found(f"{start}7", some)
        assert found(f"{quoted(one.name)}>8", some)[-1:] == "3"
        assert all(unquoted(start) in unquoted(whole) for whole in completions(start, len(start), found_in(some)))
        cell = column(one, one.column).cell(some[0], CONTEXT)
        assert clean(cell.text) == cell.text
        assert len(sort_items(some, column(one, one.column), False, CONTEXT)) == 3
        header = as_tsv(shown_table(some, [one], CONTEXT)).split("\n")[0]
        assert len(header.split("\t")) == 3


def test_the_export_of_a_recording_ends_with_them() -> None:
    table = trials(moment(run(*SOME)), Depths().read)
    assert table.columns[-4:] == ("dsp.type", "mfe.num_filters", "training.learning_rate", "mfcc.num_cepstral")
    assert [row[-4:] for row in table.rows] == [
        ("mfe", 40.0, 0.005, None),
        ("mfcc", None, 0.001, 13.0),
        ("mfe", 20.0, 0.005, None),
        (None, None, None, None),
    ]
    assert trials(moment(run(*SOME))).columns == table.columns[:-4]


def test_a_name_is_no_formula() -> None:
    some = tuple(with_impulse(completed(str(n)), {"type": "=cmd", "x": n}) for n in (1, 2))
    header, *_ = as_csv(trials(moment(run(*some)), Depths().read)).splitlines()
    assert header.endswith(",'=cmd.x")
