"""The tabs of one impulse, as lines. All impulses are synthetic."""

from dataclasses import replace
from datetime import UTC
from functools import partial
from itertools import chain
from typing import Any

import pytest
from build import completed, run
from hypothesis import given
from hypothesis import strategies as st
from projects import demo_impulses
from trial_lines import at_every_width, text
from watching import START

from eitui.analysis.compare import compare_impulses
from eitui.analysis.figures import FigureKind, Lens
from eitui.domain.anomaly import AnomalyBlock, Dependencies
from eitui.domain.detail import (
    EON,
    TFLITE,
    ClassScore,
    Confusion,
    Device,
    EvaluationDetail,
    Memory,
    Metric,
    OnDevice,
    TrialDetail,
)
from eitui.domain.impulse import (
    DSP,
    LEARN,
    Dataset,
    DspBlock,
    DspCost,
    Features,
    Fold,
    Folds,
    Graph,
    Impulse,
    ImpulseCurve,
    ImpulseMetric,
    Layer,
    LearnBlock,
    Network,
)
from eitui.domain.run import Config, Target
from eitui.domain.text import clean
from eitui.domain.threshold import Option, Threshold, ThresholdRef
from eitui.domain.trial import UNKNOWN_COST, VALIDATION, Evaluation
from eitui.view.impulse import blocks, curves, metrics, thresholds
from eitui.view.kit.look import SMOOTHINGS, CurveLook
from eitui.view.kit.marks import mark
from eitui.view.run.compare import compare_table
from eitui.view.trial.device import device_lines

DEMO = demo_impulses()
BY_ID = {impulse.id: impulse for impulse in DEMO.impulses}
NOW = START

DRAW = {
    "blocks": lambda impulse, width: blocks.impulse_block_lines(impulse, width, NOW, UTC),
    "network": lambda impulse, width: blocks.network_lines(impulse, width, NOW, UTC),
    "metrics": lambda impulse, width: metrics.impulse_metric_lines(impulse, width, "int8"),
    "thresholds": thresholds.impulse_threshold_lines,
}


def drawn(tab: str, impulse: Impulse, width: int = 80) -> str:
    return text(DRAW[tab](impulse, width), width)


def squeezed(found: str) -> str:
    """Return lines with single blanks between their words."""
    return "\n".join(" ".join(line.split()) for line in found.splitlines())


@pytest.mark.parametrize("tab", DRAW)
@pytest.mark.parametrize("impulse", DEMO.impulses, ids=lambda impulse: str(impulse.id))
def test_every_tab_of_every_impulse_fits(tab: str, impulse: Any) -> None:
    for found in at_every_width(lambda width: DRAW[tab](impulse, width)):
        assert found.strip()


def test_blocks() -> None:
    found = drawn("blocks", BY_ID[1])
    assert found.splitlines()[:8] == [
        *("✓ complete", "id          1", "tags        synthetic, tuner", "author      Synthetic user"),
        *(
            "from trial  4011931",
            "dataset     1 · More noise · 12 Jan 09:30",
            "",
            "Input  Time series data · time-series · block 1",
        ),
    ]
    assert "  cost on the device  14 ms, 11.0 KB RAM" in found
    assert "  features            1,920 windows of 1,960 values   12 Jan 09:30" in found
    assert "  ✓ trained  12 Jan 09:30" in found


def test_blocks_of_impulses_that_are_not_as_they_should_be() -> None:
    assert "○ no features generated yet" in drawn("blocks", BY_ID[6])
    assert "○ not trained yet" in drawn("blocks", BY_ID[6])
    assert drawn("blocks", BY_ID[8]).startswith("✗ not configured\nNot all blocks are")
    assert "The data changed since" in drawn("blocks", BY_ID[4])
    assert drawn("blocks", Impulse(1)).startswith("? unknown\nEdge Impulse does not say whether all blocks are")
    nothing = Impulse(None, configured=True, problems=("impulse: unknown which it is",))
    assert drawn("blocks", nothing).splitlines() == [
        *("? malformed", "", "No blocks yet. Create them in the Studio.", ""),
        *("Not shown, as it could not be read:", "  impulse: unknown which it is"),
    ]


def test_a_dsp_block_whose_cost_is_not_known_and_that_is_wrong() -> None:
    block = DspBlock(2, DSP, "Spectral", cost=DspCost(), features=Features(), error="Window is too short")
    found = drawn("blocks", Impulse(1, dsp=(block,)))
    assert "! Window is too short" in found
    assert "cost on the device  unknown" in found
    only_text = replace(block, cost=DspCost(text="12,400 cycles"), error="")
    assert "cost on the device  12,400 cycles" in drawn("blocks", Impulse(1, dsp=(only_text,)))


def test_how_features_were_generated_and_what_of_them_failed() -> None:
    made = (("window size", "1000 ms"), ("feature names", "a, b"))
    features = Features(True, count=2, windows=9, made_with=made, failed=("The feature explorer failed (job 7)",))
    found = squeezed(drawn("blocks", Impulse(1, dsp=(DspBlock(2, DSP, "Spectral", features=features),))))
    assert "features 9 windows of 2 values\nwindow size 1000 ms\nfeature names a, b" in found
    assert "! The feature explorer failed (job 7)" in found


def test_network() -> None:
    found = drawn("network", BY_ID[1])
    assert "  model types        float32, int8 (recommended: int8)" in found
    assert "  1  reshape, columns 40" in found
    assert "  x_input        1,960  conv1d           784  int8" in found
    assert drawn("network", BY_ID[2]) == "This impulse has no network."


def test_a_network_by_a_script_and_with_layers_without_names() -> None:
    block = LearnBlock(3, LEARN, network=Network(script=("import keras", "fit()"), layers=(Layer(), Layer("a", 1))))
    found = drawn("network", Impulse(1, learn=(block,)))
    assert found.splitlines()[0] == "Block without a name  block 3"
    assert "Unknown whether it was trained." in found
    assert "Training script  2 lines\n  import keras\n  fit()" in found
    assert "– – – – –" in squeezed(found)


def test_metrics_of_blocks_with_and_without_them() -> None:
    found = drawn("metrics", BY_ID[1])
    assert "  Accuracy                   88.8%  Of the validation set, int8" in found
    assert "Confusion  on validation, int8" in found
    assert "No validation metrics for this block." in found
    assert "Cost  on " in found
    assert "○ Not trained yet: no metrics." in drawn("metrics", BY_ID[6])
    assert drawn("metrics", BY_ID[8]) == "This impulse has no learn block: no metrics."


def test_no_thresholds_and_thresholds_that_the_service_does_not_send() -> None:
    block = LearnBlock(3, LEARN, "C")
    assert "It has no thresholds." in drawn("thresholds", Impulse(1, learn=(block,)))
    unsent = replace(block, thresholds_sent=False)
    assert "Unknown: Edge Impulse sent no thresholds." in drawn("thresholds", Impulse(1, learn=(unsent,)))


def test_the_cost_of_an_impulse_is_the_sum_of_its_parts() -> None:
    network = Network(trained=True, devices={"int8": OnDevice(Device(latency_ms=20, memory={EON: Memory(2048, 4096)}))})
    block = LearnBlock(3, LEARN, "C", network=network)
    anomaly = LearnBlock(4, LEARN, "A", anomaly=AnomalyBlock(4, devices={"float32": OnDevice(Device(latency_ms=1))}))
    dsp = tuple(DspBlock(number, DSP, cost=DspCost(50.0, 1024)) for number in (1, 2))
    found = squeezed(drawn("metrics", Impulse(1, dsp=dsp, learn=(block, anomaly))))
    assert "DSP 100 ms 2 KB –\nnetwork 20 ms 2 KB 4 KB\nanomaly block 1.0 ms – –\ntotal 121 ms 4 KB 4 KB" in found
    assert "latency 121 ms" in found
    # What the other parts take beside one of two networks is not known.
    assert "total" not in drawn("metrics", Impulse(1, dsp=dsp, learn=(block, replace(block, id=5))))


def folded(folds: Folds) -> str:
    validation = {"int8": EvaluationDetail(0.3, 0.9)}
    block = LearnBlock(3, LEARN, "C", network=Network(trained=True, validation=validation, folds=folds))
    return squeezed(drawn("metrics", Impulse(1, learn=(block,))))


def test_which_fold_the_values_are_of_and_how_far_the_folds_lie_apart() -> None:
    accuracies = (0.9, 0.8, 0.85)
    folds = tuple(
        Fold(str(place), {"int8": Evaluation(0.1 * place, accuracy)}) for place, accuracy in enumerate(accuracies, 1)
    )
    found = folded(Folds(folds, "1", chosen_by="int8"))
    assert "Trained in 3 folds. The values are of fold 1, chosen by int8.\n" in found
    assert (
        "Spread over the folds on validation, int8\nlowest mean highest\n"
        "accuracy 80.0% 85.0% 90.0%\nloss 0.1000 0.2000 0.3000" in found
    )
    assert "The values are of Fold A." in folded(Folds(folds, "Fold A"))
    assert "The values are of the final run on all training data." in folded(Folds(folds, final=True))
    unknown = folded(Folds((Fold("1"), Fold("2", {"float32": Evaluation(None, float("nan"))}))))
    assert "Trained in 2 folds. The values are of one of them, unknown which." in unknown
    assert "on validation, float32\nlowest mean highest\naccuracy – – –\nloss – – –" in unknown


def test_the_classes_of_several_heads_are_told_by_key() -> None:
    data = Dependencies(classes=("left", "slow"), heads=(("side", ("left", "right")), ("speed", ("slow",))))
    block = LearnBlock(3, LEARN, "C", network=Network(class_names=("o1", "o2"), dependencies=data))
    found = squeezed(drawn("network", Impulse(1, learn=(block,))))
    assert "outputs o1, o2\nclasses of side left, right\nclasses of speed slow" in found
    assert "\nclasses left" not in found


def test_the_dataset_version() -> None:
    found = drawn("blocks", Impulse(1, dataset=Dataset(41, 3, "More noise")))
    assert "dataset  3 · More noise" in found
    assert "dataset  id 41" in drawn("blocks", Impulse(1, dataset=Dataset(41)))


def test_the_cost_of_an_impulse_is_told_as_that_of_a_trial() -> None:
    memory = {EON: Memory(None, 198_950, None, 194_950), TFLITE: Memory(None, 252_792)}
    costs = {
        "int8": OnDevice(
            Device("m4f", "Cortex M4F", 8.35, memory, custom=(("cycles", "12k"),)),
            others=(Device("esp32", "ESP32", 30.0, {EON: Memory(64 * 1024, 1024)}),),
            supported=False,
            why_not="Calculated arena size is >6MB",
            profiling_job=7,
            profiling_failed=True,
        ),
        "float32": OnDevice(Device(problem="Profiling did not finish")),
    }
    block = LearnBlock(3, LEARN, "C", network=Network(trained=True, devices=costs))
    found = drawn("metrics", Impulse(1, learn=(block,)))
    # The limits are a run's: an impulse has none.
    performance = {kind: one.target.performance for kind, one in costs.items() if one.target is not None}
    trial = run(replace(completed("1"), performance=performance, dsp=UNKNOWN_COST), config=Config(target=Target()))
    of_trial = text(device_lines(TrialDetail(devices=costs), trial.trials[0], trial, 80, Lens(VALIDATION, "int8")), 80)
    assert found.partition("Cost  on Cortex M4F\n")[2] == of_trial.partition("no limits set\n\n")[2]
    assert "✗ No microcontroller can run it: Calculated arena size is >6MB" in found
    assert "! Profiling failed (job 7)." in found
    assert "  with EON: arena – of the RAM, model 190 KB of the ROM" in found
    assert "  ROM      TFLite   247 KB" in found
    assert "  cycles: 12k" in found
    assert "! Profiling did not finish" in found
    assert "ESP32     30 ms    64 KB" in found


def test_the_model_type_to_look_at_is_the_recommended_one() -> None:
    assert metrics.model_types(BY_ID[1]) == ("float32", "int8")
    assert metrics.usual_type(BY_ID[1]) == "int8"
    assert metrics.usual_type(BY_ID[2]) == "float32"
    assert metrics.usual_type(BY_ID[8]) == ""


def test_figures_of_one_model_type_only() -> None:
    score = ClassScore("a", 0.5, 0.25, None, 4)
    detail = EvaluationDetail(accuracy=0.5, scores=(score,), confusion=Confusion(("a", "b"), ((1, 3), (0, 4))))
    block = LearnBlock(3, LEARN, "C", network=Network(trained=True, validation={"float32": detail}))
    found = drawn("metrics", Impulse(1, learn=(block,)))
    assert "Classes  on validation, float32" in found
    assert "a predicted as b      3   75.0%" in found


def test_curves() -> None:
    charts = curves.charts(BY_ID[1])
    assert [chart.title for chart in charts] == ["Loss", "Accuracy", "Learning rate"]
    assert (charts[0].x.low, charts[0].x.high) == (1, 50)
    assert [(series.sign, series.label) for series in charts[0].series] == [("", "train"), ("", "val")]
    assert [chart.y.kind for chart in charts] == ["number", "percent", "number"]
    assert all(series.latest.endswith("%") for series in charts[1].series)
    assert [chart.note for chart in curves.charts(BY_ID[4])][:1] == ["of Object detection"]


def losses_and_others() -> Impulse:
    trained = ImpulseCurve("Training", (1.0, 0.5, 0.0, 0.25))
    validated = ImpulseCurve("Validation", (2.0, 1.0, 0.5, None))
    graphs = (
        Graph("Loss", (trained, validated), "Epoch", "Loss"),
        Graph("Accuracy", (replace(trained, values=(0.1, 0.2, 0.3, 0.4)), replace(validated, values=(0.1, 0.9, 0.5)))),
        Graph("Learning rate", (ImpulseCurve("lr", (0.1, 0.01)),)),
    )
    return Impulse(1, learn=(LearnBlock(3, LEARN, network=Network(graphs=graphs)),))


def test_the_best_step_of_the_validation_data_has_a_star() -> None:
    loss, accuracy, rate = curves.charts(losses_and_others())
    starred = [(point.x, point.y, point.char) for point in (*loss.points, *accuracy.points)]
    assert starred == [(3, 0.5, "★"), (2, 0.9, "★")]
    assert not rate.points


def test_graphs_are_read_at_a_step_smoothed_and_on_a_logarithmic_axis() -> None:
    impulse = losses_and_others()
    assert list(curves.steps_to_read(impulse)) == [1, 2, 3, 4]
    loss, accuracy, rate = curves.charts(impulse, CurveLook(at=4))
    assert [series.latest for series in loss.series] == ["0.2500", "–"]
    assert [series.latest for series in accuracy.series] == ["40.0%", "–"]
    assert [series.latest for series in rate.series] == ["–"]
    assert "at epoch 4" in loss.note
    loss, accuracy, _ = curves.charts(impulse, CurveLook(log=True, smoothing=SMOOTHINGS[1]))
    assert (loss.y.log, accuracy.y.log) == (True, False)
    assert "log axis, light smoothing, 1 not above 0" in loss.note
    assert [series.label for series in loss.series] == ["", "", "train", "val"]
    assert loss.series[0].segments == (((1, 1.0), (2, 0.5)), ((4, 0.25),))
    assert loss.series[2].segments != loss.series[0].segments


def test_curves_with_holes_and_graphs_that_would_be_hidden() -> None:
    graph = Graph("Loss", (ImpulseCurve("t", (None, 1.0, 2.0, None, float("nan"), 3.0, None)),), hidden=True)
    other = Graph("", (), x_label="epoch")
    block = LearnBlock(3, LEARN, network=Network(graphs=(graph, other)))
    first, second = curves.charts(Impulse(1, learn=(block,)))
    assert (first.title, first.empty, first.x.high) == ("Graph without a name", True, 2)
    assert second.series[0].segments == (((2, 1.0), (3, 2.0)), ((6, 3.0),))
    assert second.series[0].latest == "3.000"
    assert (second.x.low, second.x.high) == (1, 7)


@pytest.mark.parametrize(
    ("number", "why"),
    [(2, "This impulse has no"), (3, "The service kept no"), (6, "Not trained yet: no")],
)
def test_why_there_are_no_curves(number: int, why: str) -> None:
    assert not curves.charts(BY_ID[number])
    assert curves.why_no_curves(BY_ID[number]).startswith(why)


def test_thresholds() -> None:
    found = drawn("thresholds", BY_ID[3])
    assert squeezed(found).splitlines()[1:3] == ["threshold current suggested", "min_anomaly_score 5.25 4.8 differs"]
    assert "One of: max, mean, top_k" in found
    assert drawn("thresholds", BY_ID[8]) == "This impulse has no thresholds."


def test_thresholds_in_full_and_with_words_that_are_not_clean() -> None:
    ref = ThresholdRef(1, 3, "min\x1b[31m")
    odd = Threshold(ref, value=0.1 + 0.2, suggested="x\x1b", options=(Option("a\n"),))
    found = drawn("thresholds", Impulse(1, learn=(LearnBlock(3, LEARN, thresholds=(odd, Threshold(ref))),)))
    assert "0.30000000000000004" in found
    assert "min␛[31m" in found
    assert "x␛  differs" in found
    assert "One of: a␊" in found
    assert "not set" in found
    assert "It has no thresholds." in drawn("thresholds", Impulse(1, learn=(LearnBlock(3, LEARN),)))


def test_two_impulses_differ_in_parameters_and_metrics() -> None:
    one = Impulse(
        1,
        "one",
        metrics={
            "m": (ImpulseMetric("a", "m", "Accuracy", "90%", 0.901), ImpulseMetric("b", "m", "RAM", "1K", 1024.0))
        },
        dsp=(DspBlock(2, DSP, "MFE", "mfe", (("filters", "32"),), cost=DspCost(5.0)),),
        learn=(LearnBlock(3, LEARN, "Classifier", parameters=(("DSP", "2"),), dsp=(2,)),),
        complete=True,
    )
    two = replace(
        one,
        id=7,
        name="two",
        metrics={
            "m": (ImpulseMetric("a", "m", "Accuracy", "90%", 0.902), ImpulseMetric("b", "m", "RAM", "1K", 1024.0))
        },
        dsp=(replace(one.dsp[0], id=8, parameters=(("filters", "40"),)),),
        learn=(replace(one.learn[0], id=9, parameters=(("DSP", "8"),), dsp=(8,)),),
        stale=True,
    )
    found = compare_impulses([one, two])
    assert [(row.name, row.values) for row in found.parameters] == [("DSP: filters", ("32", "40"))]
    assert [(row.name, row.values) for row in found.figures] == [
        ("state", ("complete", "stale")),
        ("Accuracy", (0.901, 0.902)),
    ]
    assert (found.same_parameters, found.same_figures) == (3, 1)
    assert not any(row.best for row in (*found.parameters, *found.figures))


def with_filters(*pairs: tuple[str, str]) -> Impulse:
    return Impulse(1, "one", dsp=(DspBlock(2, DSP, "MFE", "mfe", pairs),))


def test_parameters_of_the_same_name_are_compared_each_with_its_own() -> None:
    found = compare_impulses(
        [
            with_filters(("Scale", "1"), ("Scale", "5"), ("Scale (2)", "8")),
            with_filters(("Scale", "2"), ("Scale", "5"), ("Scale (2)", "9")),
        ]
    )
    assert [(row.name, row.values) for row in found.parameters] == [
        ("DSP: Scale", ("1", "2")),
        ("DSP: Scale (2) (2)", ("8", "9")),
    ]
    assert found.same_parameters == 2  # the block, and the second of the two


def measured(**evaluations: EvaluationDetail) -> Impulse:
    return Impulse(1, "one", learn=(LearnBlock(3, LEARN, "Classifier", network=Network(validation=evaluations)),))


def test_metrics_are_compared_at_every_model_type() -> None:
    one = measured(
        int8=EvaluationDetail(0.5, 0.75, (Metric("F1", "0.7", 0.71), Metric("AUC", "", 0.9))),
        float32=EvaluationDetail(0.25, 0.875),
    )
    two = measured(int8=EvaluationDetail(0.5, 0.625, (Metric("F1", "0.7", 0.72), Metric("AUC", "", 0.8))))
    found = compare_impulses([one, two])
    assert [(row.name, row.values, row.kind) for row in found.figures] == [
        ("learn, int8: accuracy", (0.75, 0.625), FigureKind.SHARE),
        ("learn, int8: F1", (0.71, 0.72), FigureKind.PARAMETER),
        ("learn, int8: AUC", (0.9, 0.8), FigureKind.PARAMETER),
        ("learn, float32: accuracy", (0.875, None), FigureKind.SHARE),
        ("learn, float32: loss", (0.25, None), FigureKind.LOSS),
    ]
    assert found.same_figures == 2  # the state, and the loss at int8


def both_rams(own: str, of_dsp: str) -> Impulse:
    kinds = (("impulseMetrics", own), ("dspBlockConfig", of_dsp))
    return Impulse(1, "one", metrics={kind: (ImpulseMetric("ram", kind, "RAM", text),) for kind, text in kinds})


def test_metrics_with_the_same_title_name_their_category() -> None:
    found = compare_impulses([both_rams("1K", "2K"), both_rams("3K", "4K")])
    assert [row.name for row in found.figures] == ["impulse: RAM", "DSP: RAM"]


def test_metrics_stand_below_their_category() -> None:
    found = [line.split() for line in drawn("metrics", both_rams("1K", "2K")).splitlines()[1:5]]
    assert found == [["Impulse", "metrics"], ["RAM", "1K"], ["DSP", "block", "config"], ["RAM", "2K"]]


def test_an_impulse_compared_with_itself_does_not_differ() -> None:
    for impulse in DEMO.impulses:
        found = compare_impulses([impulse, replace(impulse, name="other")])
        assert not found.parameters
        assert not found.figures


@pytest.mark.parametrize("other", DEMO.impulses, ids=lambda impulse: str(impulse.id))
def test_every_comparison_fits(other: Any) -> None:
    found = compare_impulses([BY_ID[1], other])
    at_every_width(lambda width: list(chain(*compare_table(found, [mark(0), mark(1)], width))))


hostile = st.text(max_size=60).map(clean)


@given(hostile, st.lists(st.tuples(hostile, hostile), max_size=3), st.lists(st.none() | st.floats(), max_size=4))
def test_any_words_fit(words: Any, pairs: Any, numbers: Any) -> None:
    ref = ThresholdRef(1, 3, words)
    shown = Threshold(ref, words, words, words or None, words or None, words, (Option(words),))
    graph = Graph(words, (ImpulseCurve(words, tuple(numbers)),), words, words)
    made = Network(
        words, tuple(pairs), (words,), (words,), layers=(Layer(words, 1, words, None, words),), graphs=(graph,)
    )
    dsp = DspBlock(1, words, words, words, tuple(pairs), words, words, DspCost(text=words), Features(shape=words))
    learn = LearnBlock(3, words, words, words, tuple(pairs), network=made, thresholds=(shown,))
    described = Impulse(
        1, words, words, {words: (ImpulseMetric(words, words, words, words, hint=words),)}, tags=(words,), author=words,
        from_trial=words, model_file=words, dsp=(dsp,), learn=(learn,), problems=(words,) if words else (),
    )  # fmt: skip
    for draw in DRAW.values():
        at_every_width(partial(draw, described))
    curves.charts(described)
    at_every_width(
        lambda width: list(chain(*compare_table(compare_impulses([described, BY_ID[1]]), [mark(0), mark(1)], width)))
    )
