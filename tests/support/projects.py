"""A project for the monitor in tests: what the look-alike service answers, and what goes wrong. All is synthetic."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import cast

from demo_scenes import KEY
from watching import START

from eitui.api.classify import ClassifyReader
from eitui.api.errors import Rejected
from eitui.api.impulses import impulses_of
from eitui.api.learn_blocks import anomaly_of
from eitui.api.lenient import answer as read_answer
from eitui.api.scores import scores_of
from eitui.demo.options import Options
from eitui.demo.service import PROJECT_ID, Service
from eitui.domain.anomaly import AnomalyAnswer
from eitui.domain.edit import Entry
from eitui.domain.impulse import Impulse, ImpulseTable
from eitui.domain.run import KeyInfo
from eitui.domain.scores import Scored
from eitui.thresholds.act import Actor
from eitui.thresholds.journal import JournalHistory
from eitui.thresholds.project import Followed
from eitui.thresholds.send import Owner, Sender

WINDOWS = 40


@cache
def service(scenario: str = "default") -> Service:
    """Return a look-alike service at its first second; it is not changed by being asked."""
    return Service(Options(scenario, windows=WINDOWS), KEY, lambda: START)


def answer(path: str, scenario: str = "default") -> bytes:
    """Return what the service answers to a question about its project."""
    return service(scenario).answer("GET", f"/v1/api/{PROJECT_ID}/{path}", KEY).body


def demo_impulses(scenario: str = "default") -> ImpulseTable:
    """Return the look-alike's impulses."""
    return impulses_of(answer("impulses-detailed", scenario))


def demo_anomaly(impulse_id: int, block_id: int, kind: str = "") -> tuple[AnomalyAnswer, ...]:
    """Return what the look-alike answers about one of its anomaly blocks."""
    answers = []
    for place, name in enumerate(("config", "metadata", "gmm/metadata")):
        path = f"training/anomaly/{block_id}{'' if name == 'config' else f'/{name}'}"
        try:
            part = read_answer(answer(path))
        except Rejected:
            answers.append(AnomalyAnswer(name))
            continue
        parts = [part if place == at else None for at in range(3)]
        answers.append(AnomalyAnswer(name, anomaly_of(block_id, *parts, impulse_id=impulse_id, kind=kind)))
    return tuple(answers)


def demo_scores(impulse_id: int, block_id: int) -> Scored:
    """Return the scores of one of the look-alike's blocks."""
    reader = ClassifyReader(answer(f"classify/all/result?impulseId={impulse_id}"))
    for _ in reader.steps():
        pass
    return scores_of(reader.result(), block_id)


class NothingSent:
    """A sender of which nobody wants anything but whether something is left over, and who it is."""

    owner = Owner("studio.example.test", 12345, "ada@box")

    async def unsettled(self) -> Sequence[Entry]:
        return ()

    async def never_answered(self) -> Sequence[Entry]:
        return ()


@dataclass
class FakeProject:
    """Answers as the look-alike does, or with what it is told to."""

    table: ImpulseTable = field(default_factory=demo_impulses)
    trouble: Exception | None = None
    """What every question ends in."""
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    """Cleared, it holds up every answer until it is set."""
    asked: list[str] = field(default_factory=list)
    """The questions, in order."""
    blocks: dict[int, tuple[AnomalyAnswer, ...]] = field(default_factory=dict)
    """Anomaly blocks that are answered otherwise, by id."""
    scored: dict[int, Scored] = field(default_factory=dict)
    """Scores that are answered otherwise, by the block's id."""

    def __post_init__(self) -> None:
        self.gate.set()

    async def _answered(self, question: str) -> None:
        self.asked.append(question)
        await self.gate.wait()
        if self.trouble is not None:
            raise self.trouble

    @property
    def sender(self) -> Sender:
        return cast("Sender", NothingSent())

    @property
    def actor(self) -> Actor:
        return cast("Actor", NothingSent())

    async def key_info(self) -> KeyInfo:
        return KeyInfo("admin")

    async def impulses(self) -> ImpulseTable:
        await self._answered("impulses")
        return self.table

    async def anomaly(self, impulse_id: int, block_id: int, kind: str = "") -> tuple[AnomalyAnswer, ...]:
        await self._answered(f"anomaly {block_id}")
        return self.blocks.get(block_id) or demo_anomaly(impulse_id, block_id, kind)

    async def with_anomalies(self, impulse: Impulse) -> Impulse:
        learn = [block.also(self.blocks.get(block.id or 0, ())) for block in impulse.learn]
        return replace(impulse, learn=tuple(learn))

    async def scores(self, impulse_id: int, block_id: int) -> Scored:
        await self._answered(f"scores {block_id}")
        return self.scored.get(block_id) or demo_scores(impulse_id, block_id)

    async def history(self) -> JournalHistory:
        return JournalHistory()

    def follow_job(self, job_id: int) -> AsyncIterator[Followed]:
        raise AssertionError("no job is followed here")

    async def close(self) -> None:
        self.asked.append("close")
