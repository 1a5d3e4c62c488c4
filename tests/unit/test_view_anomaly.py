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

from eitui.domain.anomaly import VISUAL, AnomalyAnswer, AnomalyAxis, AnomalyBlock, Cluster, Component, ScaledAxis
from eitui.domain.detail import EON, ClassScore, Confusion, Device, EvaluationDetail, Memory, OnDevice
from eitui.domain.impulse import LEARN, Impulse, LearnBlock, Network
from eitui.domain.scores import NO_SCORE, ClassificationScores, NoScores, VisualAnomalyScores, WindowPlace, Windows
from eitui.domain.text import clean
from eitui.domain.threshold import METADATA, OtherValue, StatedValue, Threshold, ThresholdRef, ThresholdValue
from eitui.view.impulse import anomaly, anomaly_picture
from eitui.view.impulse.anomaly import AnomalyLook, Known, merged
from eitui.view.impulse.anomaly_picture import anomaly_scatter, letter

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
            known = Known((), demo_scores(impulse.id, block.id or 0))
        draw = partial(anomaly.impulse_anomaly_lines, impulse, AnomalyLook(place), known)
        for found in at_every_width(
            lambda width: draw(width, START)  # noqa: B023 called at once
        ):
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
    assert "anomaly block 1 of 2 · d next" in found
    assert "○ not trained yet\nTrain it in the Studio to see what it learns." in found
    assert drawn(BY_ID[8]) == "This impulse has no anomaly block."


def test_features_chosen_since_it_was_trained_are_said() -> None:
    block = AnomalyBlock(4, axes=AXES, trained=True, trained_axes=TRAINED[:1], clusters=(Cluster((1.0,), 1.0),))
    found = drawn(holding(block))
    assert "! The chosen features" in found
    assert "Only one feature: no" in found


def of_config(block: AnomalyBlock, **more: Any) -> AnomalyAnswer:
    return AnomalyAnswer("config", replace(block, has_config=True), **more)


def of_metadata(block: AnomalyBlock, **more: Any) -> AnomalyAnswer:
    return AnomalyAnswer("metadata", replace(block, has_metadata=True), **more)


def test_an_answer_replaces_what_it_is_about_whatever_it_holds() -> None:
    known = replace(
        K_MEANS, created=1.0, validation={"int8": EvaluationDetail(0.5)}, recommended="int8",
        components=(Component(1.0),), thresholds=(limit(0.3),),
    )  # fmt: skip
    # Of the set-up alone what was trained stays.
    config = of_config(AnomalyBlock(4, "B", "anomaly", (AnomalyAxis(0, "new", True),), 3))
    assert merged(known, [config]) == replace(
        known, name="B", axes=(AnomalyAxis(0, "new", True),), cluster_count=3,
        trained_axes=(ScaledAxis(0, "new", 2.0, 0.5), TRAINED[1]),
    )  # fmt: skip
    # An answer about the training leaves nothing of before; the Gaussians are an answer of their own.
    metadata = of_metadata(AnomalyBlock(4, trained=True, trained_axes=(ScaledAxis(1, "axis 1"),)))
    assert merged(known, [metadata]) == replace(
        known, trained_axes=(ScaledAxis(1, "y"),), created=None, validation={}, recommended="", clusters=(),
        has_metadata=True,
    )  # fmt: skip
    mixture = AnomalyAnswer("gmm/metadata", AnomalyBlock(4, has_mixture=True))
    assert merged(known, [mixture]) == replace(known, components=(), has_mixture=True)
    # Of a block that is not trained (any more) nothing that it learnt is shown.
    untrained = merged(known, [of_config(AnomalyBlock(4, trained=False))])
    assert untrained == AnomalyBlock(4, trained=False, thresholds=known.thresholds)
    # An answer that failed and never was one changes nothing.
    assert merged(known, [AnomalyAnswer("metadata", None, problem="No")]) is known
    assert merged(known, []) is known
    assert merged(None, []) is None
    assert merged(None, [config, mixture]) == replace(
        config.block or AnomalyBlock(4), has_config=False, has_mixture=True
    )


def test_no_clusters_are_shown_where_the_service_has_none_any_more() -> None:
    found = drawn(holding(K_MEANS), known=Known((of_metadata(replace(K_MEANS, clusters=())),)))
    assert "The service lists no cluster of the trained block." in found
    assert "Clusters  " not in found
    mixture = AnomalyBlock(4, type="anomaly-gmm", trained=True, trained_axes=TRAINED, has_mixture=True)
    assert "The service lists no component of the trained mixture." in drawn(holding(mixture))
    assert "The service lists no" not in drawn(holding(replace(mixture, has_mixture=False)))


def limit(value: ThresholdValue | None, *others: StatedValue, **more: Any) -> Threshold:
    return Threshold(ThresholdRef(1, 4, "min_anomaly_score"), "Score threshold", value=value, others=others, **more)


def test_each_value_of_a_threshold_is_shown_with_its_answer_and_its_age() -> None:
    listed = limit(0.3, StatedValue(METADATA, 0.3), suggested=0.27, suggested_text="from the training data")
    odd = limit(OtherValue("true"), place=METADATA, suggested=0.27)
    asked = (
        of_config(replace(K_MEANS, thresholds=(limit(0.77),))),
        of_metadata(replace(K_MEANS, thresholds=(odd,)), age_s=300.0, problem="The service failed (500)"),
    )
    impulse = Impulse(1, learn=(LearnBlock(4, LEARN, "Anomaly", "anomaly", anomaly=K_MEANS, thresholds=(listed,)),))
    lines = drawn(impulse, known=Known(asked, listed_s=12 * 60.0, asked_s=0.0)).splitlines()
    at = lines.index("Thresholds  t edits them")
    assert lines[at + 1 : at + 8] == [
        "  min_anomaly_score",
        "    Score threshold",
        "    0.77  anomaly config                      just now",
        "    true  anomaly metadata                    5m ago",
        "     0.3  impulses-detailed config, metadata  12m ago",
        "    0.27  suggested",
        "    0.27  suggested, from the training data",
    ]
    assert lines[at + 8] == "    ! The service has several values."
    failed = "! The anomaly metadata could not be read: The service failed (500). The data shown is 5m old."
    assert failed in " ".join(lines)
    alone = drawn(impulse).splitlines()
    at = alone.index("Thresholds  t edits them")
    assert alone[at + 3] == "     0.3  impulses-detailed config, metadata"
    assert "several values" not in "\n".join(alone)


def test_a_threshold_without_a_value_is_shown_all_the_same() -> None:
    found = drawn(
        holding(replace(K_MEANS)),
        known=Known((of_config(replace(K_MEANS, thresholds=(limit(None),))),), asked_s=3600.0),
    )
    assert "    not set  anomaly config  1h 00m ago" in found
    assert "Thresholds" not in drawn(holding(K_MEANS))


def test_metrics_matrix_and_cost_are_shown_as_of_a_trial() -> None:
    evaluation = EvaluationDetail(
        0.25, None,
        scores=(ClassScore("anomaly", 0.5, 0.75, 0.6, 20), ClassScore("no anomaly", 1.0, 1.0, 1.0, 380)),
        confusion=Confusion(("anomaly", "no anomaly"), ((15.0, 5.0), (0.0, 380.0))),
    )  # fmt: skip
    cost = OnDevice(
        Device("m4", "Cortex-M4F", 12.0, {EON: Memory(1024, 2048, 512, 256)}),
        (Device("m7", "Cortex-M7", problem="No figures for it"),),
        supported=False, why_not="It is too large", profiling_job=7, profiling_failed=True,
    )  # fmt: skip
    asked = replace(
        K_MEANS, validation={"int8": evaluation}, devices={"int8": cost},
        model_types=("int8", "float32"), recommended="int8",
    )  # fmt: skip
    found = drawn(holding(K_MEANS), AnomalyLook(model_type="int8"), Known((of_metadata(asked),)), 100)
    for words in (
        "recommended type  int8", "anomaly             20     50.0%", "Confusion  on validation, int8",
        "Cost  on Cortex-M4F", "No microcontroller can run it: It is too large", "Profiling failed (job 7)",
        "arena 512 B of the RAM, model 256 B of the ROM", "Cortex-M7  No figures for it",
    ):  # fmt: skip
        assert words in found, found


def test_the_recommended_model_type_is_looked_at_first() -> None:
    block = replace(K_MEANS, validation={"int8": EvaluationDetail()}, devices={"float32": OnDevice()})
    assert anomaly.model_types_of(block) == ("int8", "float32")
    assert anomaly.model_types_of(replace(block, recommended="float32")) == ("float32", "int8")
    assert anomaly.model_types_of(K_MEANS) == ()


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
    return text(anomaly_picture.anomaly_grid_lines(scores, index, threshold, width), width).splitlines()


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
    assert grid(visual(cells))[-1] == anomaly_picture.NO_GRID


def test_sequences_that_are_too_short() -> None:
    scores = VisualAnomalyScores([True, None], [NO_SCORE])
    assert grid(scores)[1] == "  score –  labelled anomaly"
    assert grid(scores, 1)[1:] == ["  score –", anomaly_picture.NO_GRID]
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
        (NoScores("The service has no scores"), "The service has no scores."),
        (NoScores("Not tested yet", untested=True), "Not tested yet: t opens the threshold editor, in which ^t starts"),
        (ClassificationScores((), [], [], 0), "not for single cells."),
        (visual(((5.0,),), given=[5.0]), "threshold 4: anomaly"),
    ],
)
def test_what_is_said_of_a_visual_block(scores: Any, result: str) -> None:
    assert result in drawn(visual_impulse(), known=Known((), scores))


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
