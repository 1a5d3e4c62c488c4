"""The trials a search will try, with what becomes of each: drawn once from the seed."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from eitui.demo.families import WIDTHS, Dsp, Fatal, Net, Task, ordinary
from eitui.demo.kit import rng_for

VALIDATION_SAMPLES = 480
"""Accuracies are whole numbers of these samples, as a confusion matrix wants it."""

TRAINING_CYCLES = 50
"""Most epochs a trial may train."""


@dataclass(frozen=True)
class Spec:
    """One trial: its hyper-parameters, what they cost and bring, and its fate."""

    index: int
    id: str
    name: str
    round: int
    dsp: Dsp
    net: Net
    features: int
    width: int
    layers: int
    learning_rate: float
    dropout: float
    correct_int8: int
    """Validation samples the int8 network gets right, of `VALIDATION_SAMPLES`."""
    correct_float32: int
    latency_ms: float
    """Of the network on the target device, int8; RAM and ROM are bytes of the same."""
    ram: int
    rom: int
    startup_s: float
    """Simulated seconds, as all times of a trial."""
    dsp_s: float
    epoch_s: float
    epochs: int
    """Epochs it trains: fewer than `TRAINING_CYCLES` when training itself stops early."""
    profiling_s: float
    diverges: bool
    fatal: Fatal | None
    crashes: bool
    """Its first attempt ends in the middle; the second succeeds."""


@dataclass(frozen=True)
class Fates:
    """How many of the trials come to which end, as fractions of all."""

    failing: float = 0.15
    causes: int = 1
    """How many of the task's fatal combinations share the failures."""
    crashing: float = 0.06
    diverging: float = 0.06


@dataclass(frozen=True)
class Rounds:
    """How a search is divided: sizes of the rounds it evaluates, the initial one first."""

    sizes: tuple[int, ...]
    improving: int
    """Rounds, from the first, that find something better. Later ones do not."""

    @property
    def total(self) -> int:
        """All trials."""
        return sum(self.sizes)


@dataclass(frozen=True)
class _Choice:
    """The hyper-parameters that decide what a trial costs and brings."""

    dsp: Dsp
    net: Net
    features: int
    width: int
    layers: int

    @property
    def work(self) -> float:
        """Operations relative to an ordinary one-dimensional convolution."""
        usual = ordinary(self.dsp.choices)
        size: float = (self.width / 16) ** 1.3 * (self.features / usual) ** 0.8 * (0.6 + 0.2 * self.layers)
        return self.net.work * size

    def promise(self, task: Task) -> float:
        """Return the log-odds of a correct answer, before luck."""
        easier = 1.0 if task.kind == "object-detection" else 1.4
        return easier + self.dsp.gain + 0.5 * self.net.gain + 0.42 * math.log2(self.work + 0.4)

    def latency_ms(self, task: Task) -> float:
        """Return the latency expected on the target device, int8."""
        return task.scale * (3 + 21 * self.work)

    def ram(self, task: Task) -> float:
        """Return the bytes expected, int8."""
        scratch: float = 17_000 * self.work**0.75
        return task.scale * (7_000 + 900 * self.features * task.feature_ram + scratch)

    def value(self, task: Task) -> float:
        """Rate it as a search that knows the limits does."""
        over = max(0.0, self.latency_ms(task) / task.latency_ms - 1) + max(0.0, self.ram(task) / task.ram - 1)
        return self.promise(task) - 0.8 * over


def fastest_ms(task: Task) -> float:
    """Return the latency expected of the fastest combination of blocks, on the target device, int8."""
    return min(
        dsp.latency_ms * features / ordinary(dsp.choices) + _Choice(dsp, net, features, WIDTHS[0], 1).latency_ms(task)
        for dsp in task.dsps
        for net in task.nets
        for features in dsp.choices
    )


_End = Fatal | str | None
"""What a trial fails of, or `crash` or `diverge`; most come to a good end."""


def draw_specs(task: Task, rounds: Rounds, fates: Fates, seed: int) -> tuple[Spec, ...]:
    """Draw all trials of a search in the order they are proposed, from the seed alone."""
    rng = rng_for(seed, "search")
    # The first never comes to a bad end: something must be on the screen at once.
    indices = list(range(1, rounds.total))
    rng.shuffle(indices)
    wanted: list[_End] = [task.fatal[number % fates.causes] for number in range(round(fates.failing * rounds.total))]
    for word, share in (("crash", fates.crashing), ("diverge", fates.diverging)):
        wanted += [word] * (math.ceil(share * rounds.total) if rounds.total > 4 else 0)
    ends = dict(zip(reversed(indices), wanted, strict=False))

    first_id = 4_000_000 + rng.randrange(900_000)
    names: set[str] = set()
    specs: list[Spec] = []
    for index, number in enumerate(number for number, size in enumerate(rounds.sizes) for _ in range(size)):
        spec = _draw(task, rng_for(seed, "trial", index), index, number, ends.get(index))
        while (name := f"{spec.name}-{rng.randrange(0x1000):03x}") in names:
            pass
        names.add(name)
        specs.append(replace(spec, id=str(first_id + 3 * index), name=name))
    return tuple(_let_rounds_improve(specs, rounds, rng_for(seed, "improvement")))


def _draw(task: Task, rng: Random, index: int, number: int, end: _End) -> Spec:
    """Draw a trial of round `number`; what makes its name and id its own is left open."""
    fatal = end if isinstance(end, Fatal) else None
    choice = _choose(task, rng, index, number, fatal)
    chance = 1 / (1 + math.exp(-(choice.promise(task) + rng.gauss(0, 0.3))))
    correct = 1 / max(2, len(task.classes)) if end == "diverge" else _clip(chance, 0.3, 0.965)
    float32 = round(correct * VALIDATION_SAMPLES)
    stops_early = rng.random() < 0.35
    epochs = round(TRAINING_CYCLES * (rng.uniform(0.55, 0.9) if stops_early else 1))
    filters = choice.width * choice.net.weights
    return Spec(
        index=index,
        id="",
        name=f"{choice.dsp.name}-{choice.net.name}",
        round=number,
        dsp=choice.dsp,
        net=choice.net,
        features=choice.features,
        width=choice.width,
        layers=choice.layers,
        learning_rate=rng.choice((0.0005, 0.001, 0.005)) if end != "diverge" else 0.05,
        dropout=rng.choice((0.0, 0.1, 0.25, 0.5)),
        correct_int8=max(1, float32 - rng.randint(0, 9)),
        correct_float32=float32,
        latency_ms=round(choice.latency_ms(task) * rng.lognormvariate(0, 0.12), 2),
        ram=round(choice.ram(task) * rng.lognormvariate(0, 0.06)),
        rom=round(task.scale * (30_000 + 1_900 * filters * choice.layers) * rng.lognormvariate(0, 0.05)),
        startup_s=rng.uniform(8, 25),
        dsp_s=rng.uniform(50, 110) + choice.features,
        epoch_s=_clip(11 + 9 * choice.work, 11, 44) * rng.uniform(0.9, 1.1),
        epochs=epochs,
        profiling_s=rng.uniform(40, 100),
        diverges=end == "diverge",
        fatal=fatal,
        crashes=end == "crash",
    )


def _choose(task: Task, rng: Random, index: int, number: int, fatal: Fatal | None) -> _Choice:
    """Hyper-parameters: a doomed trial gets the fatal ones, a later round the most promising of several."""
    if fatal is not None:
        dsps = [dsp for dsp in task.dsps if fatal.features in dsp.choices]
        dsp = rng.choice([dsp for dsp in dsps if fatal.block == "learn" or dsp.name == fatal.part])
        nets = [net for net in task.nets if fatal.block == "dsp" or net.name == fatal.part]
        return _Choice(dsp, rng.choice(nets), fatal.features, rng.choice(WIDTHS), rng.randint(1, 3))
    candidates: list[_Choice] = []
    while len(candidates) < (6 if index == 0 else 1 + number):
        dsp, net = rng.choice(task.dsps), rng.choice(task.nets)
        features = rng.choice(dsp.choices)
        if not any(fatal.hits(dsp, net, features) for fatal in task.fatal):
            candidates.append(_Choice(dsp, net, features, rng.choice(WIDTHS), rng.randint(1, 3)))
    if index == 0:
        return min(candidates, key=lambda choice: choice.work)
    return max(candidates, key=lambda choice: choice.value(task))


def _let_rounds_improve(specs: Sequence[Spec], rounds: Rounds, rng: Random) -> Iterator[Spec]:
    """Make every improving round find a new best, and none of the later ones: the search then stops early."""
    best = 0
    for number in range(len(rounds.sizes)):
        group = [spec for spec in specs if spec.round == number]
        healthy = [spec for spec in group if spec.fatal is None and not spec.diverges]
        leader = max(healthy, key=lambda spec: spec.correct_int8, default=None)
        if number >= rounds.improving:
            for spec in group:
                loss = max(0, spec.correct_int8 - (best - rng.randint(0, 12)))
                yield replace(spec, correct_int8=spec.correct_int8 - loss, correct_float32=spec.correct_float32 - loss)
            continue
        # More than any before, if that is possible.
        lead = max(leader.correct_int8, min(best + 2, VALIDATION_SAMPLES - 2)) if leader else best
        for spec in group:
            gain = lead - spec.correct_int8 if spec is leader else 0
            float32 = min(spec.correct_float32 + gain, VALIDATION_SAMPLES - 1)
            yield replace(spec, correct_int8=spec.correct_int8 + gain, correct_float32=float32)
        best = max(best, lead)


def _clip(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
