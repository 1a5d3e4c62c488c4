"""Anomaly blocks: what they look at, clusters over two features, scores of images. All of them are synthetic."""

from dataclasses import replace
from datetime import UTC
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from projects import demo_anomaly, demo_impulses, demo_scores
from trial_lines import at_every_width, text, toned
from watching import START

from eitui.domain.anomaly import VISUAL, AnomalyAxis, AnomalyBlock, Cluster, Component, ScaledAxis
from eitui.domain.detail import EvaluationDetail
from eitui.domain.impulse import LEARN, Impulse, LearnBlock, Network
from eitui.domain.scores import NO_SCORE, ClassificationScores, NoScores, VisualAnomalyScores, WindowPlace, Windows
from eitui.domain.text import clean
from eitui.domain.threshold import Threshold, ThresholdRef
from eitui.view.impulse import anomaly, anomaly_grid
from eitui.view.impulse.anomaly import AnomalyLook, Known, merged
from eitui.view.impulse.anomaly_plot import anomaly_scatter, letter

BY_ID = {impulse.id: impulse for impulse in demo_impulses().impulses}
AXES = (AnomalyAxis(0, "x", True, True), AnomalyAxis(1, "y", True), AnomalyAxis(2, "z"))
TRAINED = (ScaledAxis(0, "x", 2.0, 0.5), ScaledAxis(1, "y", 1.0, None))
K_MEANS = AnomalyBlock(
    4, "A", "anomaly", AXES, 2, trained=True, trained_axes=TRAINED,
    clusters=(Cluster((0.0, 1.0), 0.5), Cluster((2.0, None), None)),
)  # fmt: skip


def holding(block: AnomalyBlock, kind: str = "anomaly") -> Impulse:
    return Impulse(1, learn=(LearnBlock(4, LEARN, "Anomaly", kind, anomaly=block),))


def drawn(impulse: Impulse, look: AnomalyLook = AnomalyLook(), known: Known = Known(), width: int = 80) -> str:  # noqa: B008 - frozen
    return text(anomaly.impulse_anomaly_lines(impulse, look, known, width, START, UTC), width)


@pytest.mark.parametrize("impulse", BY_ID.values(), ids=lambda impulse: str(impulse.id))
def test_every_demo_impulse_fits(impulse: Any) -> None:
    count = len(anomaly.anomaly_blocks(impulse))
    for place in range(max(1, count)):
        block = anomaly.anomaly_blocks(impulse)[place] if count else None
        known = Known()
        if block is not None and block.anomaly is not None:
            known = Known(demo_anomaly(impulse.id, block.id or 0, block.type))
        elif block is not None:
            known = Known(None, demo_scores(impulse.id, block.id or 0))
        draw = partial(anomaly.impulse_anomaly_lines, impulse, AnomalyLook(place), known)
        for found in at_every_width(partial(draw, now=START)):
            assert found.strip()


def test_k_means() -> None:
    found = drawn(holding(K_MEANS))
    assert found.startswith("Anomaly  anomaly · block 4\n  ✓ trained\n\nClusters  of its two features\n")
    assert "method    K-means\n  clusters  2 (next training)" in found
    assert "Features  2 of 3 chosen; ★ recommended by Edge Impulse" in found
    assert [line.split() for line in found.splitlines() if line[4:5] in ("x", "y", "z")] == [
        ["★", "x", "✓", "✓", "2", "0.5"],
        ["y", "✓", "✓", "1", "–"],
        ["z", "·", "·"],
    ]
    assert "  1        0.5           0           1" in found
    assert "  2          –           2           –" in found


def test_figures_are_beside_features_only_where_there_are_any() -> None:
    found = drawn(holding(AnomalyBlock(4, axes=AXES, trained_axes=(ScaledAxis(0, "x"), ScaledAxis(9, "lost")))))
    assert "scale" not in found
    assert ["lost", "·", "✓"] in [line.split() for line in found.splitlines()]


def test_the_scale_of_a_mixture_is_that_of_its_score() -> None:
    found = drawn(BY_ID[2], known=Known(demo_anomaly(2, 13, "anomaly-gmm")))
    assert "Scale 3.61 and mean -12.4 are of the score as a whole, not of single features" in found
    assert "method             Gaussian mixture" in found
    assert "Components  8; weight: share of the data; then each feature's mean" in found
    assert "Validation" in found


def test_lengths_that_do_not_match_are_said() -> None:
    block = AnomalyBlock(
        4,
        trained_axes=TRAINED,
        clusters=(Cluster((1.0,), 1.0), Cluster((1.0, 2.0, 3.0), 1.0)),
        problems=("scale: odd",),
    )
    found = drawn(holding(block))
    assert "! Not all have one value for each of the 2 features." in found
    assert "scale: odd" in found


def test_many_features_have_no_room_and_that_is_said() -> None:
    axes = tuple(ScaledAxis(place, f"feature {place}") for place in range(39))
    block = AnomalyBlock(4, trained_axes=axes, clusters=(Cluster((0.5,) * 39, 1.0),))
    assert "34 more features have no room here." in drawn(holding(block))


def test_one_that_is_not_trained_says_so() -> None:
    found = drawn(BY_ID[7])
    assert "anomaly block 1 of 2 · b next" in found
    assert "○ not trained yet\nTrain it in the Studio to see what it learns." in found
    assert drawn(BY_ID[8]) == "This impulse has no anomaly block."


def test_features_chosen_since_it_was_trained_are_said() -> None:
    block = AnomalyBlock(4, axes=AXES, trained=True, trained_axes=TRAINED[:1], clusters=(Cluster((1.0,), 1.0),))
    found = drawn(holding(block))
    assert "! The chosen features" in found
    assert "Only one feature: no" in found


def test_what_was_asked_last_counts_but_for_what_only_the_other_answer_has() -> None:
    known = AnomalyBlock(4, trained=True, components=(Component(1.0),))
    asked = AnomalyBlock(4, trained=True, cluster_count=3)
    assert merged(known, asked) == AnomalyBlock(4, trained=True, cluster_count=3, components=(Component(1.0),))
    assert merged(known, AnomalyBlock(4, trained=False)) == AnomalyBlock(4, trained=False)
    assert merged(known, None) is known
    assert merged(None, asked) is asked


def test_what_was_learnt_stays_in_sight_where_the_newer_answer_has_nothing_of_it() -> None:
    known = replace(K_MEANS, created=1.0, score_scale=2.0, score_mean=3.0)
    asked = AnomalyBlock(4, cluster_count=3, axes=AXES)
    assert merged(known, asked) == replace(known, name="", type="", cluster_count=3)
    newer = replace(asked, trained=True, trained_axes=TRAINED[:1], created=2.0)
    found = merged(known, newer)
    assert found is not None
    assert (found.trained_axes, found.created, found.score_scale) == (TRAINED[:1], 2.0, None)


# Clusters over two features


def test_axes_of_clusters_say_that_values_are_scaled() -> None:
    assert "x, scaled" in drawn(holding(K_MEANS))
    mixture = replace(K_MEANS, clusters=(), components=(Component(1.0, (0.0, 1.0), (1.0, 2.0)),))
    assert ", scaled" not in drawn(holding(mixture))


def test_that_values_are_scaled_is_read_on_a_narrow_screen() -> None:
    title = next(line for line in drawn(holding(K_MEANS), width=60).splitlines() if line.startswith("Clusters  2;"))
    assert "all values are scaled" in title


def test_clusters_are_drawn_with_their_sizes() -> None:
    block = AnomalyBlock(4, trained_axes=TRAINED, clusters=(Cluster((0.0, 0.0), 1.0), Cluster((9.0, 9.0), None)))
    lines = anomaly_scatter(block, 0, 1, 60, 16)
    found = text(lines, 60)
    assert len(lines) == 16
    assert toned(lines, "accent") == ["2", "1"]
    row = next(line for line in found.splitlines() if "1" in line and "·" in line)
    assert row.index("·") < row.index("1") < row.rindex("·")
    assert " x, scaled " in found
    assert found.startswith("y")


def test_components_spread_differently_along_each_feature() -> None:
    block = AnomalyBlock(4, trained_axes=TRAINED, components=(Component(1.0, (0.0, 0.0), (4.0, 0.0)),))
    lines = text(anomaly_scatter(block, 0, 1, 60, 16), 60).splitlines()
    assert sum("·" in line for line in lines) == 1


def test_clusters_without_a_value_are_left_out_and_keep_their_letters() -> None:
    block = AnomalyBlock(4, trained_axes=TRAINED, clusters=(Cluster((None, 1.0)), Cluster((1.0, 1.0))))
    assert toned(anomaly_scatter(block, 0, 1, 60, 16), "accent") == ["2"]
    assert anomaly_scatter(AnomalyBlock(4, trained_axes=TRAINED, clusters=(Cluster((None, 1.0)),)), 0, 1, 60, 16) == []
    assert "No cluster has a value for both" in drawn(
        holding(AnomalyBlock(4, trained_axes=TRAINED, clusters=(Cluster((None, 1.0)),)))
    )


def test_letters() -> None:
    assert [letter(place) for place in (0, 8, 9, 34, 35, 60, 61)] == ["1", "9", "a", "z", "A", "Z", "+"]


def test_the_axes_go_round_and_are_never_the_same() -> None:
    look = AnomalyLook()
    seen = []
    for _ in range(4):
        look = look.over("x", 4)
        seen.append((look.x, look.y))
    assert seen == [(2, 1), (3, 1), (0, 1), (2, 1)]
    assert (AnomalyLook().over("y", 4).x, AnomalyLook().over("y", 4).y) == (0, 2)
    assert AnomalyLook().over("x", 2) == AnomalyLook().over("y", 2) == AnomalyLook(x=1, y=0)
    assert AnomalyLook().over("x", 1) == AnomalyLook().over("x", 0) == AnomalyLook()


numbers = st.none() | st.floats()


@given(
    st.lists(st.tuples(st.lists(numbers, max_size=4), numbers), max_size=5),
    st.lists(st.tuples(numbers, st.lists(numbers, max_size=4), st.lists(numbers, max_size=4)), max_size=5),
    st.text(max_size=30).map(clean),
    st.integers(0, 5),
)
def test_any_block_fits(clusters: Any, components: Any, name: Any, count: int) -> None:
    block = AnomalyBlock(
        4, name, name, tuple(AnomalyAxis(place, name, place % 2 == 0) for place in range(count)), count, trained=True,
        created=name, trained_axes=tuple(ScaledAxis(place, name, 0.5, None) for place in range(count)),
        clusters=tuple(Cluster(tuple(center), size) for center, size in clusters),
        components=tuple(Component(weight, tuple(mean), tuple(spread)) for weight, mean, spread in components),
        score_scale=1e300,
    )  # fmt: skip
    for look in (AnomalyLook(), AnomalyLook(x=3, y=7)):
        at_every_width(partial(anomaly.impulse_anomaly_lines, holding(block), look, Known(), now=START))


# The scores of images


def visual(*grids: tuple[tuple[float | None, ...], ...], **result: Any) -> VisualAnomalyScores:
    count = len(grids)
    given: dict[str, Any] = {
        "expected": [None] * count, "given": [1.0] * count, "method": "max", "grids": grids,
        "windows": Windows(("image.png",), [0] * count, list(range(count))),
    }  # fmt: skip
    return VisualAnomalyScores(**(given | result))


def grid(scores: VisualAnomalyScores, index: int = 0, threshold: float | None = 4.0, width: int = 80) -> list[str]:
    return text(anomaly_grid.anomaly_grid_lines(scores, index, threshold, width), width).splitlines()


def test_a_cell_above_the_threshold_has_a_sign_of_its_own() -> None:
    assert grid(visual(((0.0, 1.0, 2.5), (3.5, 4.0, 4.5)), given=[4.5], expected=[True])) == [
        "Cells  image 1 of 1  image.png",
        "  score by max 4.5, threshold 4: anomaly  labelled anomaly",
        "  ·0.00    ░1.00    ▒2.50",
        "  ▓3.50    ▓4.00    █4.50",
        "█ above the threshold; · ░ ▒ ▓ from the lowest score up to it.",
    ]


def test_a_score_that_is_the_threshold_is_no_anomaly() -> None:
    assert "threshold 4: no anomaly" in grid(visual(((1.0,),), given=[4.0]))[1]


def test_without_a_threshold_shades_go_up_to_the_highest() -> None:
    lines = grid(visual(((0.0, 9.0),)), threshold=None)
    assert lines[2:] == ["  ·0.00    ▓9.00", "· ░ ▒ ▓ from the lowest score of the image to its highest."]


def test_a_grid_with_many_columns_has_shades_only() -> None:
    lines = grid(visual(((0.0,) * 30 + (9.0,),)), width=80)
    assert lines[2] == "  " + "··" * 30 + "██"


def test_what_does_not_fit_is_said() -> None:
    assert grid(visual(((1.0,) * 99,) * 99))[-1] == "Only 60 of 99 rows and 39 of 99 columns fit."


def test_rows_of_different_lengths_and_cells_without_a_score() -> None:
    lines = grid(visual(((1.0, None), (2.0,), (float("nan"), 3.0))))
    assert lines[2:5] == ["  ·1.00    –", "  ░2.00    –", "  –        ▒3.00"]


@pytest.mark.parametrize(
    ("scores", "shown"),
    [
        ((0.012, -0.5), "▓0.012   ·-0.500"),
        ((123.4, 7.0), "▓123     ·7"),
        ((2e7, 0.5), "▓2e+07   ·0.5"),
        ((0.0, 0.0), "·0       ·0"),
        ((0.00001234, 0.0), "▓0.0000  ·0.0000"),
    ],
)
def test_all_scores_of_an_image_have_the_same_decimals(scores: tuple[float, float], shown: str) -> None:
    assert grid(visual((scores,)), threshold=None)[2] == f"  {shown}"


@pytest.mark.parametrize("cells", [(), ((),), ((None, None),), ((float("inf"),),)])
def test_an_image_without_scores_of_its_cells(cells: Any) -> None:
    assert grid(visual(cells))[-1] == anomaly_grid.NO_GRID


def test_sequences_that_are_too_short() -> None:
    scores = VisualAnomalyScores([True, None], [NO_SCORE])
    assert grid(scores)[1] == "  score –  labelled anomaly"
    assert grid(scores, 1)[1:] == ["  score –", anomaly_grid.NO_GRID]
    assert grid(scores, 99)[0].startswith("Cells  image 2 of 2")
    assert grid(VisualAnomalyScores([], [])) == ["The test set has no images."]
    assert Windows().place(0) is None
    assert Windows(("a",), [0], [3]).place(0) == WindowPlace("a", 3)


def visual_impulse() -> Impulse:
    limit = Threshold(ThresholdRef(1, 4, "min_anomaly_score"), value=4)
    return Impulse(1, learn=(LearnBlock(4, LEARN, "Visual", VISUAL, thresholds=(limit,)),))


@pytest.mark.parametrize(
    ("scores", "result"),
    [
        (NoScores("There are no model-testing results of this block: none"), "There are no model-testing results"),
        (ClassificationScores((), [], [], 0), "not for single cells."),
        (visual(((5.0,),), given=[5.0]), "threshold 4: anomaly"),
    ],
)
def test_what_is_said_of_a_visual_block(scores: Any, result: str) -> None:
    assert result in drawn(visual_impulse(), known=Known(None, scores))


def test_the_next_image_above_the_threshold() -> None:
    block = visual_impulse().learn[0]
    scores = visual((), (), (), (), given=[5.0, 4.0, 6.0, NO_SCORE], expected=[True] * 4)
    assert [anomaly.next_over(block, scores, at) for at in range(4)] == [2, 2, 0, 0]
    assert anomaly.next_over(block, visual((), given=[5.0]), 0) == 0
    assert anomaly.next_over(block, visual((), given=[3.0]), 0) is None
    assert anomaly.next_over(replace(block, thresholds=()), scores, 0) is None


def test_metrics_of_a_visual_block() -> None:
    made = visual_impulse()
    network = Network(validation={"int8": EvaluationDetail(0.25, 0.75)})
    found = drawn(replace(made, learn=(replace(made.learn[0], network=network),)), AnomalyLook(model_type="int8"))
    assert "Validation" in found
    assert "75.0%" in found
    assert "Validation" not in drawn(made)


def test_while_scores_are_asked_for() -> None:
    known = Known(note=("Loading this block…", "dim"))
    assert drawn(visual_impulse(), known=known).splitlines()[1] == "Loading this block…"
