"""What a network costs: against the run's limits, and on other devices."""

from dataclasses import replace
from typing import Any

import pytest
from build import TARGET, completed, run
from trial_lines import at_every_width, text, toned

from eitui.analysis.figures import Lens
from eitui.domain.detail import EON, EON_RAM, TFLITE, Device, Memory, OnDevice, TrialDetail
from eitui.domain.run import Config, Target
from eitui.domain.trial import FAILED, FLOAT32, INT8, UNKNOWN_COST, VALIDATION, Performance, Trial
from eitui.view.trial import device

KIB = 1024
MEASURED = Device(
    "cortex-m4f-80mhz",
    "Cortex-M4F 80MHz",
    50,
    {EON: Memory(64 * KIB, 256 * KIB, 60 * KIB, 200 * KIB), TFLITE: Memory(192 * KIB, 512 * KIB)},
    (("cycles", "12k"),),
)
TRIAL = completed("1")


def lines(on_device: OnDevice, width: int = 80, target: Target = TARGET, trial: Trial = TRIAL) -> Any:
    return device.device_lines(
        TrialDetail(devices={INT8: on_device}), trial, run(trial, config=Config(target=target)), width
    )


def shown(on_device: OnDevice, width: int = 80, target: Target = TARGET, trial: Trial = TRIAL) -> list[str]:
    return text(lines(on_device, width, target, trial), width).splitlines()


def test_costs_are_bars_against_the_limits() -> None:
    assert shown(OnDevice(MEASURED)) == [
        "Target  cortex-m4f-80mhz",
        "limits: 100 ms latency, 128 KB RAM, 512 KB ROM",
        "",
        "int8",
        "            latency       RAM       ROM",
        "  DSP        0.0 ms       0 B         –",
        "  network     50 ms     64 KB    256 KB",
        "  total       50 ms     64 KB    256 KB",
        "  latency            50 ms  █████████████·············    50% of 100 ms",
        "  RAM      EON       64 KB  █████████████·············    50% of 128 KB",
        "  RAM      TFLite   192 KB  █████████████████████████▶   150% of 128 KB over",
        "  ROM      EON      256 KB  █████████████·············    50% of 512 KB",
        "  ROM      TFLite   512 KB  ██████████████████████████   100% of 512 KB",
        "  with EON: arena 60 KB of the RAM, model 200 KB of the ROM",
        "  cycles: 12k",
        "",
        "No values for other devices.",
    ]


def test_the_whole_impulse_is_held_against_the_limits() -> None:
    whole = replace(TRIAL, dsp=Performance(300.0, 96 * KIB), anomaly={FLOAT32: Performance(2.0, KIB, 8 * KIB)})
    found = shown(OnDevice(MEASURED), trial=whole)
    assert found[4:10] == [
        "                  latency       RAM       ROM",
        "  DSP              300 ms     96 KB         –",
        "  network           50 ms     64 KB    256 KB",
        "  anomaly block    2.0 ms      1 KB      8 KB",
        "  total            352 ms    161 KB    264 KB",
        "  latency           352 ms  █████████████████████████▶   352% of 100 ms over",
    ]
    assert found[10].split()[:4] == ["RAM", "EON", "161", "KB"]
    assert found[11].split()[:4] == ["RAM", "TFLite", "289", "KB"]


def test_without_dsp_values_the_total_is_said_to_be_of_the_network_only() -> None:
    found = shown(OnDevice(MEASURED), trial=replace(TRIAL, dsp=UNKNOWN_COST))
    assert "! The total lacks what the service did not send (latency: network only, RAM:" in found
    assert "network only)." in " ".join(found)


def test_over_a_limit_is_said_in_words_too() -> None:
    assert toned(lines(OnDevice(MEASURED)), "over")[-2:] == ["150%", "over"]


@pytest.mark.parametrize(("size", "percent"), [(128 * KIB - 1, "99%"), (128 * KIB, "100%"), (128 * KIB + 1, "101%")])
def test_at_a_limit_is_not_over_it(size: Any, percent: str) -> None:
    (line,) = [line for line in shown(OnDevice(Device(memory={EON: Memory(size)}))) if line.startswith("  RAM")]
    assert f" {percent} of 128 KB" in line
    assert ("over" in line) == (size > 128 * KIB)


def test_without_limits_there_are_figures_without_bars() -> None:
    found = shown(OnDevice(MEASURED), target=Target("cortex-m4f-80mhz"))
    assert found[1] == "no limits set"
    assert found[8] == "  latency            50 ms"
    assert "█" not in "".join(found)


def test_all_engines_fit_every_width() -> None:
    full = replace(MEASURED, memory={**MEASURED.memory, EON_RAM: Memory(1, 10**12, 3, 4)}, latency_ms=1e9)
    for found in at_every_width(lambda width: lines(OnDevice(full, (full, replace(full, name="x" * 80))), width)):
        assert "EON, RAM optimised" in found


def test_a_network_that_no_microcontroller_runs_says_why() -> None:
    found = shown(OnDevice(replace(MEASURED, memory={EON: Memory(None, 100)}), supported=False, why_not="Too large"))
    assert "✗ No microcontroller can run it: Too large" in found
    (ram,) = [line for line in found if line.startswith("  RAM")]
    assert ram.split(maxsplit=3) == ["RAM", "EON", "–", "not known, or not supported"]


def test_profiling_is_reported() -> None:
    assert "Profiling is still running (job 7)." in shown(OnDevice(profiling_job=7))
    assert "! Profiling failed (job 7)." in shown(OnDevice(profiling_job=7, profiling_failed=True))
    assert "! Out of flash" in shown(OnDevice(Device(problem="Out of flash")))
    assert "No values for the target at this precision." in shown(OnDevice())


def test_other_devices_are_a_table_with_the_fastest_first() -> None:
    others = (
        Device(name="slow", latency_ms=200, memory={TFLITE: Memory(KIB, 2 * KIB)}),
        Device(id="no-name", problem="Not supported"),
        Device(
            name="fast", latency_ms=2, memory={EON: Memory(KIB), TFLITE: Memory(5, 3 * KIB)}, custom=(("fps", "9"),)
        ),
        Device(name="silent"),
    )
    assert shown(OnDevice(MEASURED, others))[-6:] == [
        "Other devices  int8, network only, the fastest first; memory with EON",
        "  device   latency      RAM      ROM",
        "  fast      2.0 ms     1 KB     3 KB  fps 9",
        "  slow      200 ms     1 KB     2 KB",
        "  no-name  Not supported",
        "  silent   no values",
    ]


def test_the_precision_of_the_lens_comes_first() -> None:
    both = TrialDetail(devices={INT8: OnDevice(MEASURED), FLOAT32: OnDevice(MEASURED)})
    found = text(device.device_lines(both, TRIAL, run(TRIAL), 80, Lens(VALIDATION, FLOAT32)), 80).splitlines()
    assert found.index(FLOAT32) < found.index(INT8)


def test_why_there_is_nothing() -> None:
    found = text(device.device_lines(TrialDetail(), Trial("1", "x", FAILED), run(), 80), 80)
    assert found == "Failed before there were values for devices; the log shows why."


@pytest.mark.parametrize(("latency", "limit"), [(1.7e308, 50.0), (20.0, 1e-320), (1e308, 1e308)])
def test_costs_beyond_all_measure_are_shown_all_the_same(latency: float, limit: float) -> None:
    result = shown(OnDevice(Device("", "", latency)), target=Target("", latency_ms=limit))
    assert any("latency" in line for line in result)
