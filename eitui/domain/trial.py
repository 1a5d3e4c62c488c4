"""One candidate network of a tuner run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

PENDING, RUNNING, COMPLETED, FAILED = "pending", "running", "completed", "failed"
"""The statuses the API document names. A status is an open word: others are shown as they are."""

INT8, FLOAT32 = "int8", "float32"
"""The usual precisions of a trained network; others (`akida`) occur."""

VALIDATION, TEST, TRAIN = "validation", "test", "train"
"""The parts of the data set that a network is evaluated on."""


@dataclass(frozen=True)
class Progress:
    """The latest finished epoch of a trial, as the service reports it; anything may be missing or null."""

    epoch: int | None = None
    loss: float | None = None
    val_loss: float | None = None
    accuracy: float | None = None
    """0..1; 0 for networks without an accuracy (regression), see `Evaluation`."""
    val_accuracy: float | None = None


@dataclass(frozen=True)
class Evaluation:
    """How a trained network did on one part of the data, at one precision."""

    loss: float | None = None
    accuracy: float | None = None
    """0..1, or None where the service computes none (it then sends 0 beside an empty report)."""


class ValueSource(StrEnum):
    """Where a trial's accuracy and loss come from."""

    EVALUATION = "evaluation"
    """The trained network, evaluated at one precision."""
    EPOCH = "epoch"
    """The latest epoch of the training, which is of no precision: the network that is kept may be another epoch's."""


@dataclass(frozen=True)
class Performance:
    """What an impulse, or a part of it, costs on the run's target device, at one precision. None: not known."""

    latency_ms: float | None = None
    ram_bytes: int | None = None
    """Working memory with the EON compiler (TFLite where EON has no figure); None where not supported."""
    rom_bytes: int | None = None


UNKNOWN_COST = Performance()


@dataclass(frozen=True)
class Block:
    """One step of a trial's pipeline: `kind` is `input`, `dsp` or `learn`."""

    id: int | None
    kind: str
    status: str
    retries: int = 0
    last_active: float | None = None
    """Seconds since the Unix epoch."""


_BLOCK_NAMES = {"dsp": "DSP block", "learn": "learn block", "input": "input block"}


def block_name(kind: str) -> str:
    """Return what a block of this kind is called, wherever it is spoken of; other kinds by the service's own word."""
    return _BLOCK_NAMES.get(kind, f"{kind} block")


@dataclass(frozen=True)
class Payload:
    """A piece of JSON exactly as the service sent it, packed."""

    digest: bytes
    """BLAKE2b of the JSON, 16 bytes: equal digests mean nothing changed."""
    packed: bytes = field(repr=False)
    """The JSON, zlib-compressed; `eitui.api.state.unpack` gives it back."""


EMPTY_PAYLOAD = Payload(b"", b"")


@dataclass(frozen=True)
class Trial:
    """A trial at one instant. Equal payloads give the same object, so `is` tells whether anything changed."""

    id: str
    name: str
    status: str
    round: int | None = None
    """Optimisation round, from 0; None before the search assigns one."""
    retries: int = 0
    worker_id: str | None = None
    current_epoch: int | None = None
    progress: Progress = Progress()
    evaluations: Mapping[tuple[str, str], Evaluation] = field(default_factory=dict)
    """By (part, precision), for example `("validation", "int8")`."""
    performance: Mapping[str, Performance] = field(default_factory=dict)
    """Cost of the network alone, by precision, on the run's target device."""
    dsp: Performance = UNKNOWN_COST
    """Cost of the DSP blocks together. The service gives no ROM for them."""
    anomaly: Mapping[str, Performance] | None = None
    """Cost of the anomaly block beside the network, by precision; None where there is no such block."""
    blocks: tuple[Block, ...] = ()
    last_completed_epoch: float | None = None
    """Seconds since the Unix epoch, by the service's clock."""
    last_completed_training: float | None = None
    problem: str = ""
    """Why the service's description of this trial could not be read; empty when it could."""
    payload: Payload = field(default=EMPTY_PAYLOAD, compare=False, repr=False)

    def is_unchanged(self, before: "Trial | None") -> bool:
        """Whether this is `before`, or was read from the same JSON, perhaps by another process."""
        if before is self or before is None:
            return before is self
        return self.payload.digest == before.payload.digest != b""

    @property
    def epoch(self) -> int | None:
        """The latest finished epoch, from 1."""
        return self.progress.epoch if self.progress.epoch is not None else self.current_epoch

    @property
    def over(self) -> bool:
        """Whether this trial has come to an end."""
        return self.status in (COMPLETED, FAILED)
