"""The trials a search will try, with what becomes of each: drawn once from the seed."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from eitui.demo.families import WIDTHS, Dsp, Fatal, Net, Task, middle
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
    """On the target device, int8."""
    ram: int
    """Bytes, int8."""
    rom: int
    """Bytes, int8."""
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

    @property
    def work(self) -> float:
        """Operations relative to an ordinary one-dimensional convolution."""
        return work(self.dsp, self.net, self.features, self.width, self.layers)


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

    def each(self) -> Iterator[tuple[int, int]]:
        """(trial index, round) of every trial."""
        index = 0
        for number, size in enumerate(self.sizes):
            for _ in range(size):
                yield index, number
                index += 1


def work(dsp: Dsp, net: Net, features: int, width: int, layers: int) -> float:
    """Return the operations of a network relative to an ordinary one-dimensional convolution."""
    size: float = (width / 16) ** 1.3 * (features / middle(dsp.choices)) ** 0.8 * (0.6 + 0.2 * layers)
    return net.work * size


@dataclass(frozen=True)
class _Choice:
    dsp: Dsp
    net: Net
    features: int
    width: int
    layers: int

    def promise(self, task: Task) -> float:
        """Return the log-odds of a correct answer, before luck."""
        size = work(self.dsp, self.net, self.features, self.width, self.layers)
        easier = 1.0 if task.kind == "object-detection" else 1.4
        return easier + self.dsp.gain + 0.5 * self.net.gain + 0.42 * math.log2(size + 0.4)

    def latency_ms(self, task: Task) -> float:
        """Return the latency expected on the target device, int8."""
        return task.scale * (3 + 21 * work(self.dsp, self.net, self.features, self.width, self.layers))

    def ram(self, task: Task) -> float:
        """Return the bytes expected, int8."""
        size = work(self.dsp, self.net, self.features, self.width, self.layers)
        scratch: float = 17_000 * size**0.75
        return task.scale * (7_000 + 900 * self.features * task.feature_ram + scratch)

    def value(self, task: Task) -> float:
        """Rate it as a search that knows the limits does."""
        over = max(0.0, self.latency_ms(task) / task.latency_ms - 1) + max(0.0, self.ram(task) / task.ram - 1)
        return self.promise(task) - 0.8 * over


def draw_specs(task: Task, rounds: Rounds, fates: Fates, seed: int) -> tuple[Spec, ...]:
    """Draw all trials of a search in the order they are proposed, from the seed alone."""
    rng = rng_for(seed, "search")
    ends = _deal_fates(task, rounds.total, fates, rng)
    first_id = 4_000_000 + rng.randrange(900_000)
    names: set[str] = set()
    specs: list[Spec] = []
    for index, number in rounds.each():
        spec = _draw(task, rng_for(seed, "trial", index), index, number, ends.get(index))
        name = _unique_name(spec, rng, names)
        specs.append(replace(spec, id=str(first_id + 3 * index), name=name))
    return tuple(_let_rounds_improve(specs, rounds, rng_for(seed, "improvement")))


_End = Fatal | str


def _deal_fates(task: Task, total: int, fates: Fates, rng: Random) -> dict[int, _End]:
    """Which trials fail, crash or diverge. The first never does: something must be on the screen at once."""
    indices = list(range(1, total))
    rng.shuffle(indices)
    ends: dict[int, _End] = {}
    for number in range(round(fates.failing * total)):
        if indices:
            ends[indices.pop()] = task.fatal[number % fates.causes]
    for word, share in (("crash", fates.crashing), ("diverge", fates.diverging)):
        for _ in range(math.ceil(share * total) if total > 4 else 0):
            if indices:
                ends[indices.pop()] = word
    return ends


def _draw(task: Task, rng: Random, index: int, number: int, end: _End | None) -> Spec:
    choice = _choose(task, rng, index, number, end if isinstance(end, Fatal) else None)
    size = work(choice.dsp, choice.net, choice.features, choice.width, choice.layers)
    chance = 1 / (1 + math.exp(-(choice.promise(task) + rng.gauss(0, 0.3))))
    correct = _clip(chance, 0.3, 0.965)
    if end == "diverge":
        correct = 1 / max(2, len(task.classes))
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
        epoch_s=_clip(11 + 9 * size, 11, 44) * rng.uniform(0.9, 1.1),
        epochs=epochs,
        profiling_s=rng.uniform(40, 100),
        diverges=end == "diverge",
        fatal=end if isinstance(end, Fatal) else None,
        crashes=end == "crash",
    )


def _choose(task: Task, rng: Random, index: int, number: int, fatal: Fatal | None) -> _Choice:
    """Hyper-parameters: a doomed trial gets the fatal ones, a later round the most promising of several."""
    if fatal is not None:
        dsps = [dsp for dsp in task.dsps if fatal.features in dsp.choices]
        dsp = rng.choice([dsp for dsp in dsps if fatal.block == "learn" or dsp.name == fatal.part])
        nets = [net for net in task.nets if fatal.block == "dsp" or net.name == fatal.part]
        return _Choice(dsp, rng.choice(nets), fatal.features, rng.choice(WIDTHS), rng.randint(1, 3))
    candidates = [_candidate(task, rng) for _ in range(6 if index == 0 else 1 + number)]
    if index == 0:
        return min(candidates, key=lambda c: work(c.dsp, c.net, c.features, c.width, c.layers))
    return max(candidates, key=lambda c: c.value(task))


def _candidate(task: Task, rng: Random) -> _Choice:
    while True:
        dsp, net = rng.choice(task.dsps), rng.choice(task.nets)
        features = rng.choice(dsp.choices)
        if not any(fatal.hits(dsp, net, features) for fatal in task.fatal):
            return _Choice(dsp, net, features, rng.choice(WIDTHS), rng.randint(1, 3))


def _unique_name(spec: Spec, rng: Random, taken: set[str]) -> str:
    while True:
        name = f"{spec.name}-{rng.randrange(0x1000):03x}"
        if name not in taken:
            taken.add(name)
            return name


def _let_rounds_improve(specs: Sequence[Spec], rounds: Rounds, rng: Random) -> Iterator[Spec]:
    """Make every improving round find a new best, and none of the later ones: the search then stops early."""
    best = 0
    for number in range(len(rounds.sizes)):
        group = [spec for spec in specs if spec.round == number]
        healthy = [spec for spec in group if spec.fatal is None and not spec.diverges]
        leader = max(healthy, key=lambda spec: spec.correct_int8, default=None)
        for spec in group:
            yield _adjust(spec, best, number < rounds.improving, spec is leader, rng)
        if leader is not None and number < rounds.improving:
            best = max(best, _adjusted_lead(leader, best))


def _adjust(spec: Spec, best: int, improving: bool, leads: bool, rng: Random) -> Spec:
    if improving:
        gain = _adjusted_lead(spec, best) - spec.correct_int8 if leads else 0
        return replace(spec, correct_int8=spec.correct_int8 + gain, correct_float32=_cap(spec.correct_float32 + gain))
    correct = min(spec.correct_int8, best - rng.randint(0, 12))
    loss = spec.correct_int8 - correct
    return replace(spec, correct_int8=correct, correct_float32=spec.correct_float32 - loss)


def _adjusted_lead(leader: Spec, best: int) -> int:
    """Return what the best trial of a round gets right: at least one sample more than `best`, if that is possible."""
    return max(leader.correct_int8, min(best + 2, VALIDATION_SAMPLES - 2))


def _cap(correct: int) -> int:
    return min(correct, VALIDATION_SAMPLES - 1)


def _clip(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
