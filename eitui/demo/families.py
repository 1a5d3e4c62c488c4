"""What a trial can be made of: signal processing, networks, and what each costs and brings.

All figures are made up, but scaled so that a wider network is slower, larger and more accurate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

TaskKind = Literal["classification", "regression", "object-detection"]


@dataclass(frozen=True)
class Dsp:
    """A way to turn samples into features."""

    name: str
    """As in trial names, for example `mfe`."""
    title: str
    parameter: str
    """The parameter that sets how many features there are."""
    choices: tuple[int, ...]
    gain: float
    """What it adds to the log-odds of a correct answer."""
    latency_ms: float
    """With the ordinary number of features, as the RAM; both grow with it."""
    ram: int
    """Bytes."""


@dataclass(frozen=True)
class Net:
    """A kind of network."""

    name: str
    gain: float
    work: float
    """Operations relative to a one-dimensional convolution of the same width."""
    weights: float
    """Parameters relative to the same."""
    scored: bool = True
    """False for detection networks of which the service computes no accuracy."""


@dataclass(frozen=True)
class Fatal:
    """A combination that cannot work: the cause that some failures share."""

    block: Literal["dsp", "learn"]
    part: str
    """Name of the DSP or network."""
    features: int
    """Value of the DSP's parameter with which it fails."""
    reason: str

    def hits(self, dsp: Dsp, net: Net, features: int) -> bool:
        """Whether this combination is the fatal one."""
        return features == self.features and self.part == (net.name if self.block == "learn" else dsp.name)


@dataclass(frozen=True)
class Task:
    """What the networks learn, and the space that is searched."""

    title: str
    kind: TaskKind
    data_type: Literal["audio", "image", "motion"]
    template: str
    category: str
    classes: tuple[str, ...]
    dsps: tuple[Dsp, ...]
    nets: tuple[Net, ...]
    fatal: tuple[Fatal, ...]
    device: str
    latency_ms: int
    """Limit on the target device, as RAM and ROM in bytes."""
    ram: int
    rom: int
    scale: float = 1.0
    """Size of these networks relative to keyword spotting."""
    feature_ram: float = 1.0
    """Memory that a feature takes, relative to keyword spotting."""


_MEMORY = (
    "ResourceExhaustedError: OOM when allocating the first layer of the transfer learning network for an input of "
    "{features} {parameter}"
)

_TOO_LONG = "ERR: Estimated training time (38m 30s) is larger than compute time limit (20m 0s)."
_NEEDS_GPU = "This block requires training on the GPU, but this impulse is configured to train on CPU."

KEYWORDS = Task(
    title="Keyword spotting (synthetic)",
    kind="classification",
    data_type="audio",
    template="speech_keyword",
    category="Keyword spotting",
    classes=("no", "noise", "unknown", "yes"),
    dsps=(
        Dsp("mfe", "Audio (MFE)", "num_filters", (20, 32, 40, 80), 0.55, 14, 11_300),
        Dsp("mfcc", "Audio (MFCC)", "num_cepstral", (10, 13, 20, 40), 0.45, 19, 12_900),
        Dsp("spectr", "Spectrogram", "fft_length", (32, 64, 128, 256), 0.15, 8, 8_700),
        Dsp("raw", "Raw data", "decimation_points", (32, 64, 96, 128), -0.7, 1, 4_100),
    ),
    nets=(
        Net("dense", -0.35, 0.35, 1.3),
        Net("conv1d", 0.3, 1.0, 1.0),
        Net("conv2d", 0.45, 2.4, 1.5),
        Net("transfer", 0.6, 4.2, 5.0),
    ),
    fatal=(
        Fatal("learn", "transfer", 80, _MEMORY),
        Fatal("dsp", "spectr", 256, "ValueError: FFT length 256 is larger than the frame of 160 samples"),
    ),
    device="cortex-m4f-80mhz",
    latency_ms=100,
    ram=128 * 1024,
    rom=512 * 1024,
)

REGRESSION = Task(
    title="Load estimation, regression (synthetic)",
    kind="regression",
    data_type="motion",
    template="motion_continuous",
    category="Accelerometer",
    classes=("load",),
    dsps=(
        Dsp("flatten", "Flatten", "axes_features", (8, 16, 24, 96), 0.2, 1.8, 1_400),
        Dsp("spectr", "Spectral analysis", "fft_length", (16, 32, 64, 256), 0.5, 6.5, 3_900),
        Dsp("raw", "Raw data", "window_points", (32, 64, 96, 128), -0.3, 0.6, 1_000),
    ),
    nets=(Net("dense", 0.0, 0.4, 1.2), Net("conv1d", 0.35, 1.0, 1.0), Net("lstm", 0.4, 2.8, 1.8)),
    fatal=(
        Fatal("learn", "lstm", 128, _TOO_LONG),
        Fatal("dsp", "spectr", 256, "ValueError: FFT length 256 is larger than the window of 200 samples"),
    ),
    device="cortex-m4f-80mhz",
    latency_ms=60,
    ram=64 * 1024,
    rom=384 * 1024,
    scale=0.6,
    feature_ram=0.6,
)

DETECTION = Task(
    title="Parts on a belt, object detection (synthetic)",
    kind="object-detection",
    data_type="image",
    template="object_detection_centroids",
    category="Object detection",
    classes=("_background", "bolt", "nut", "washer"),
    dsps=(
        Dsp("rgb", "Image (RGB)", "image_width", (64, 96, 160, 320), 0.5, 9, 12_300),
        Dsp("gray", "Image (grayscale)", "image_width", (64, 96, 160, 240), 0.2, 6, 8_200),
    ),
    nets=(
        Net("fomo", 0.3, 1.0, 1.0),
        Net("akida", 0.2, 0.8, 1.2),
        Net("ssd", 0.6, 4.5, 5.0, scored=False),
        Net("yolo", 0.7, 3.6, 4.0, scored=False),
    ),
    fatal=(
        Fatal("learn", "ssd", 320, _NEEDS_GPU),
        Fatal("dsp", "gray", 240, "ValueError: 240 is not a multiple of the network's stride of 32"),
    ),
    device="cortex-m7-216mhz",
    latency_ms=400,
    ram=400 * 1024,
    rom=1536 * 1024,
    scale=3.0,
    feature_ram=0.5,
)

WIDTHS = (8, 12, 16, 24, 32, 48)
"""Filters or neurons of the first layer."""


def ordinary(choices: Sequence[int]) -> int:
    """Return the choice that counts as ordinary: costs are relative to it."""
    return choices[len(choices) // 2 - 1]
