"""The filter of the trial table: what it finds, what it refuses and where, and the laws of its words."""

from dataclasses import replace
from typing import Any
from unicodedata import normalize

import pytest
from build import TARGET, completed, failed, pending, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.figures import FIGURES, Context, Details, Lens, status_word
from eitui.analysis.query.fields import FLAGS, completions, starts, unquoted, word_before
from eitui.analysis.query.grammar import TrialQuery, parse_trial_filter
from eitui.analysis.query.tokens import QueryError
from eitui.domain.run import Config
from eitui.domain.trial import FLOAT32, INT8, TEST, Block, Evaluation, Performance, Trial

K = 1024

BEST = replace(
    completed("1", 0.95, 0.2, 40, 64 * K, 256 * K),
    name="mfe-conv1d-1",
    worker_id="w3",
    round=2,
    blocks=(Block(1, "dsp", "completed"), Block(2, "learn", "completed")),
)
SLOW = replace(
    completed("2", 0.913, 0.3, 140, 200 * K, 600 * K), name="MFCC-dense-2", worker_id="w4", round=0, retries=1
)
BARE = replace(completed("3", None, None, None, None, None), name="spectr-conv2d-3")
TRAINS = replace(running("4", 12, "w3", val_accuracy=0.4, val_loss=2.5), name="mfe-dense-4", round=1)
SILENT = replace(running("5", 3, "w5"), name="raw-conv1d-5")
WAITS = replace(pending("6"), name="", retries=0)
BROKEN = replace(failed("7"), name='say "hi" (it\'s \\ me)', retries=3)
ODD = Trial("8", "unread", "", problem="not an object")
TRIALS = (BEST, SLOW, BARE, TRAINS, SILENT, WAITS, BROKEN, ODD)
CONTEXT = Context(Config(target=TARGET), marks={"2": 0, "7": 1}, stalled=frozenset("5"), best_id="1")


def found(text: str, context: Context = CONTEXT) -> str:
    """Return the ids of the trials that a filter finds, in order."""
    return "".join(trial.id for trial in parse_trial_filter(text).select(TRIALS, context))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", "12345678"),
        ("  ", "12345678"),
        # Words, anywhere in name, status, worker.
        ("conv", "135"),
        ("CONV1D", "15"),
        ("mfe dense", "4"),
        ("w3", "14"),
        ("fail", "7"),
        ("6", "6"),
        ("stalled", "5"),
        ("malformed", "8"),
        ('"conv1d-1"', "1"),
        ("'say \"hi\"'", "7"),
        ('"it\'s \\\\ me"', "7"),
        ('"mfe dense"', ""),
        ('"and"', ""),
        ('"or"', "8"),
        # Texts by field.
        ("status:failed", "7"),
        ('"status":failed', "7"),
        ("status:comp", "123"),
        ("status:ailed", ""),
        ("status=running", "45"),
        ("status:running", "45"),
        ("status:stalled", "5"),
        ("status!=running", "123678"),
        ("status=run", ""),
        ("name:conv", "135"),
        ("name : conv", "135"),
        ("Name:MFE", "14"),
        ("name='mfcc-dense-2'", "2"),
        ("name:6", "6"),
        ("name:not", ""),
        ("worker:w", "1245"),
        ("worker!=w3", "25"),
        ("block:mfe", "14"),
        ("block:mf", "124"),
        ("block:1d", ""),
        ("block:conv", "135"),
        ("block:dsp", "1"),
        # Figures.
        ("latency<50", "1"),
        ("latency < 50 ms", "1"),
        ("latency>=0.14s", "2"),
        ("latency<=140ms", "12"),
        ("latency_ms>40000us", "2"),
        ("val_accuracy>=0.95", "1"),
        ("val_accuracy>=95%", "1"),
        ("val-accuracy < 95 %", "24"),
        ("val_acc:91.3%", "2"),
        ("val_acc=91%", "2"),
        ("val_acc:91.2%", ""),
        ("val_acc!=91.3%", "14"),
        ("accuracy>98%", "123"),
        ("loss<=0.1", "123"),
        ("loss:0.1", "123"),
        ("val_loss>2", "4"),
        ("val_loss<2e0", "12"),
        ("ram<=64K", "1"),
        ("ram<64k", ""),
        ("ram:64KiB", "1"),
        ("ram>65536", "2"),
        ("ram<=65536 b", "1"),
        ("rom<1M", "12"),
        ("rom>.5MB", "2"),
        ("epoch>10", "1234"),
        ("epoch:12", "4"),
        ("retries>0", "27"),
        ("round:2", "1"),
        ("round<2", "24"),
        ("round!=2", "24"),
        ("worst_recall>=0", ""),
        # Flags.
        ("is:best", "1"),
        ("mark:best", "1"),
        ("is:over_limit", "2"),
        ("is:over-limit", "2"),
        ("is:marked", "27"),
        ("is!=marked", "134568"),
        ("is:stalled", "5"),
        # Joined.
        ("conv and not mfe", "35"),
        ("conv not mfe", "35"),
        ("not not conv", "135"),
        ("not conv", "24678"),
        ("mfe or conv", "1345"),
        ("OR".join(["mfe ", " conv "]), "1345"),
        ("dense or mfe conv", "124"),
        ("(dense or mfe) conv", "1"),
        ("not (dense or mfe) and conv", "35"),
        ("not dense or mfe", "1345678"),
        ("status:failed or(latency<50)", "17"),
        # A figure that is missing does not compare, either way.
        ("latency<50 or latency>=50", "12"),
        ("not latency<50", "2345678"),
    ],
)
def test_a_filter_finds(text: Any, ids: str) -> None:
    assert found(text) == ids


@pytest.mark.parametrize(
    ("text", "position", "part"),
    [
        ("latncy<50", 0, "did you mean latency"),
        ("conv and vall_acc>0.5", 9, "val_accuracy"),
        ("zzz:1", 0, "there are is, name, status"),
        ("worst<0.5", 0, "did you mean worst_recall? no field is called worst"),
        ("train_loss<1", 0, "did you mean val_loss or loss?"),
        ("val_accuracy>=90", 14, "a fraction 0..1 or a percentage is expected"),
        ("is:besst", 3, "did you mean best"),
        ("is:zzz", 3, "best, fits, over_limit, marked, stalled"),
        ("is<best", 3, "is:best"),
        ("status<failed", 7, "status:failed"),
        ("latency<fast", 8, "50ms"),
        ("latency<50K", 8, "50ms"),
        ("latency<<50", 8, "50ms"),
        ("ram<64ms", 4, "64K"),
        ("val_accuracy>=90", 14, "90%"),
        ("val_accuracy>150%", 13, "90%"),
        ("loss<10%", 5, "0.5"),
        ("loss<nan", 5, "0.5"),
        ("loss<" + "9" * 400, 5, "0.5"),
        ("loss<1e999", 5, "0.5"),
        ("loss<", 5, "after loss<"),
        ("loss<)", 5, "after loss<"),
        ("status: (failed)", 8, "after status:"),
        ("<50", 0, "before <"),
        ("conv <50", 0, "no field is called conv"),
        ('"two words":failed', 0, "no field is called two words"),
        ("conv and", 8, "after and"),
        ("conv or  ", 9, "after or"),
        ("not", 3, "after not"),
        ("conv and or mfe", 9, "after and"),
        ("and conv", 0, "before and"),
        ("()", 1, "within the parentheses"),
        ("(conv", 0, "not closed"),
        ("mfe (conv (a)", 4, "not closed"),
        (")", 0, "before )"),
        ("conv) mfe", 4, "not opened"),
        ('mfe "conv', 4, "quote is not closed"),
        ('name:""', 5, "nothing between"),
        ("(" * 51 + "a" + ")" * 51, 50, "50 parentheses"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, position: int, part: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_trial_filter(text)
    assert caught.value.position == position
    assert part in caught.value.what
    assert str(caught.value) == caught.value.what


def test_fifty_parentheses_and_any_number_of_words_are_fine() -> None:
    assert found("(" * 50 + "conv" + ")" * 50) == "135"
    assert found("not " * 5001 + "conv") == "24678"
    assert found("zzz or " * 5000 + "conv") == "135"


def test_a_message_repeats_what_was_typed_cleaned_and_cut() -> None:
    with pytest.raises(QueryError) as caught:
        parse_trial_filter("\x1b]0;x" + "a" * 1000 + ">1")
    assert caught.value.what.isprintable()
    assert len(caught.value.what) < 300


def test_a_status_is_called_as_the_table_calls_it() -> None:
    for trial in TRIALS:
        assert (
            trial in parse_trial_filter(f"status={status_word(trial, CONTEXT) or '-'}").select(TRIALS, CONTEXT)
            or not trial.status
        )


def test_the_filter_follows_the_lens() -> None:
    trial = replace(
        BEST,
        evaluations={("validation", INT8): Evaluation(0.2, 0.95), (TEST, FLOAT32): Evaluation(0.7, 0.6)},
        performance={INT8: Performance(40), FLOAT32: Performance(400)},
    )
    test = Context(Config(target=TARGET), Lens(TEST, FLOAT32))
    assert parse_trial_filter("val_accuracy>0.9 val_loss<0.3 latency<50 not is:over_limit").matches(trial, CONTEXT)
    assert parse_trial_filter("val_accuracy:0.6 val_loss:0.7 latency:400 is:over_limit").matches(trial, test)
    # The same trial at another precision, asked right after.
    assert parse_trial_filter("latency:40").matches(trial, CONTEXT)


def test_what_only_the_context_knows() -> None:
    context = replace(
        CONTEXT,
        details=Details(
            worst_class=lambda trial: {"1": ("no", 0.8), "2": ("no", float("nan"))}.get(trial.id),
            block_titles=lambda trial: ("Audio (MFE)", "Time series") if trial.id == "5" else (),
        ),
    )
    assert found("worst_recall>=80%", context) == "1"
    assert found("not recall>=0", context) == "2345678"
    assert found("block:mfe", context) == "145"
    assert found("block:'time series'", context) == "5"


def test_figures_that_cannot_be_are_missing() -> None:
    trial = replace(SLOW, performance={INT8: Performance(-1, 10**400, -1)}, retries=10**400)
    assert not any(
        parse_trial_filter(text).matches(trial, CONTEXT) for text in ("latency<0", "ram>1", "rom<0", "retries:0")
    )


def test_a_filter_is_its_text() -> None:
    assert parse_trial_filter(" conv ") == parse_trial_filter("conv") != parse_trial_filter("mfe")
    assert parse_trial_filter("  ") == TrialQuery()
    assert not parse_trial_filter("")
    assert parse_trial_filter("conv")
    assert parse_trial_filter("").select(TRIALS, CONTEXT) == list(TRIALS)


def test_letters_are_compared_without_case_and_composed() -> None:
    trial = replace(BEST, name="MODÈLE-Straße")
    for text in ("modèle", "mode\u0300le", "STRASSE", "name:modèle", "block:strasse"):
        assert parse_trial_filter(text).matches(trial, CONTEXT)


# Any filter, as a tree: printed, parsed again, and asked about every trial.

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=8)
plain = st.sampled_from(["conv", "mfe", "w3", "dense", "failed", "and", "not", "x", "1"])
numbers = st.floats(-10, 300, allow_nan=False).map(lambda number: f"{number:.3f}")
shares = st.floats(0, 1).map(lambda share: f"{share:.2f}")
signs = st.sampled_from(["<", "<=", ">", ">=", "=", "!=", ":"])
gaps = st.sampled_from(["", " ", "  "])


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def fields(names: list[str], values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(st.sampled_from(names), gaps, signs, gaps, values).map("".join)


terms = st.one_of(
    (plain | texts).map(quoted),
    st.tuples(st.sampled_from(["name", "worker", "status", "block"]), st.sampled_from([":", "=", "!="])).flatmap(
        lambda pair: (plain | texts.map(quoted)).map(lambda value: f"{pair[0]}{pair[1]}{value}")
    ),
    fields(["latency", "loss", "val_loss", "ram", "rom", "epoch", "round", "retries"], numbers),
    fields(["accuracy", "val_accuracy"], shares),
    st.sampled_from(sorted(FLAGS)).map("is:{}".format),
)
trees = st.recursive(
    terms,
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner),
        st.tuples(st.sampled_from(["and", "or", "implicit"]), inner, inner),
    ),
    max_leaves=8,
)


def printed(tree: Any) -> str:
    """Return a tree with no parentheses but those it needs."""
    match tree:
        case str():
            return tree
        case ("not", inner):
            return f"not {_guarded(inner, 'or', 'and', 'implicit')}"
        case ("or", left, right):
            return f"{printed(left)} or {printed(right)}"
        case (word, left, right):
            between = " and " if word == "and" else " "
            return between.join(_guarded(side, "or") for side in (left, right))
    raise AssertionError(tree)


def _guarded(tree: Any, *weaker: str) -> str:
    return f"({printed(tree)})" if isinstance(tree, tuple) and tree[0] in weaker else printed(tree)


def meant(tree: Any, trial: Trial) -> bool:
    """Say what a tree means by Python's own words."""
    match tree:
        case str():
            return parse_trial_filter(tree).matches(trial, CONTEXT)
        case ("not", inner):
            return not meant(inner, trial)
        case ("or", left, right):
            return meant(left, trial) or meant(right, trial)
        case (_, left, right):
            return meant(left, trial) and meant(right, trial)
    raise AssertionError(tree)


@given(trees)
def test_a_printed_filter_means_what_it_says(tree: Any) -> None:
    query = parse_trial_filter(printed(tree))
    assert [query.matches(trial, CONTEXT) for trial in TRIALS] == [meant(tree, trial) for trial in TRIALS]


@given(trees, trees)
def test_not_is_the_complement_and_both_ways_of_de_morgan_hold(left: Any, right: Any) -> None:
    one, other = printed(left), printed(right)
    assert sorted(found(one) + found(f"not ({one})")) == sorted(found(""))
    assert found(f"not (({one}) or ({other}))") == found(f"not ({one}) not ({other})")
    assert found(f"not (({one}) and ({other}))") == found(f"not ({one}) or not ({other})")
    assert found(f"({one}) ({other})") == found(f"({other}) and ({one})")


@given(texts)
def test_quoted_text_is_found_as_it_is(text: str) -> None:
    trial = replace(BEST, name=normalize("NFC", f"a {text} z"))
    assert parse_trial_filter(quoted(text)).matches(trial, CONTEXT)


names = [figure.name for figure in FIGURES]
typed = st.text() | st.lists(plain | signs | gaps | numbers | st.sampled_from([*names, *"()\"'\\", "is:", "or "])).map(
    "".join
)


def error_of(text: str) -> QueryError | None:
    try:
        parse_trial_filter(text)
    except QueryError as error:
        return error
    return None


@given(typed)
def test_whatever_is_typed_is_a_filter_or_a_query_error_within_the_text(text: Any) -> None:
    error = error_of(text)
    if error is not None:
        assert 0 <= error.position <= len(text)
        assert error.what.isprintable()
        assert error.what
    else:
        assert set(found(text)) <= set("12345678")


@given(st.sampled_from(["latency", "val_loss", "ram", "round", "val_accuracy"]), st.floats(0, 1))
def test_a_figure_compares_in_exactly_one_way_or_in_none(field: str, limit: float) -> None:
    less, more, same = (found(f"{field}{sign}{limit!r}") for sign in ("<", ">", "="))
    there = found(f"{field}<0 or {field}>=0")
    assert set(less) | set(more) | set(same) == set(there)
    assert not set(less) & set(more)


# What a word may become


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lat", ("latency<", "dsp_latency<", "network_latency<")),
        ("status:failed and LAT", ("latency<", "dsp_latency<", "network_latency<")),
        ("(val_a", ("val_accuracy>=",)),
        ("r", ("round>=", "ram<", "rom<", "retries>=", "worst_recall>=", "dsp_ram<", "network_ram<")),
        ("acc", ("accuracy>=", "val_accuracy>=")),
        ("is:", ("is:best", "is:fits", "is:over_limit", "is:marked", "is:stalled")),
        ("is:b", ("is:best",)),
        ("is:best", ()),
        ("status:f", ("status:failed",)),
        ("", ()),
        ("latency<50 ", ()),
        ("latency<5", ()),
        ("zzz", ()),
    ],
)
def test_the_word_before_the_cursor_may_become(text: str, expected: Any) -> None:
    assert completions(text, len(text)) == expected


def test_only_what_is_before_the_cursor_counts() -> None:
    assert completions("lat or ram", 3) == completions("lat", 3)
    assert word_before("not (sta", 8) == "sta"


def test_every_field_can_be_begun() -> None:
    for start in starts():
        with pytest.raises(QueryError, match="expected"):
            parse_trial_filter(start)


@given(st.text(max_size=20), st.integers(0, 20))
def test_a_completion_goes_on_with_what_was_typed_or_holds_it(text: str, at: int) -> None:
    word = word_before(text, at)
    for found in completions(text, at):
        assert unquoted(word) in unquoted(found)
        assert found != word
