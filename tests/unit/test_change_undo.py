"""Taking changes back, against a service in memory. All values are synthetic."""

from datetime import datetime
from pathlib import Path

import pytest
from changing import IMPULSE, METHOD, PROJECT, SCORE, START, FakeService, an_edit, change, sender

from eitui.change.errors import ChangeError, Conflicted
from eitui.change.journal import Journal
from eitui.change.send import Sender
from eitui.domain.edit import Edit
from eitui.domain.threshold import Change


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "changes.db"


def to_send(service: FakeService, one: Sender, score: float = 0.7, method: str | None = None) -> Edit:
    changes = [change(service, SCORE, score)]
    if method is not None:
        changes.append(change(service, METHOD, method))
    return one.edit(IMPULSE, "Keywords (synthetic)", changes)


async def test_an_undo_goes_the_same_way_and_can_be_undone(service: FakeService, path: Path) -> None:
    one = sender(service, path)
    first = (await one.send(to_send(service, one, score=0.7, method="mean"))).entry
    edit = one.undo(first)
    assert edit.undo_of == first.edit.id
    assert edit.changes == (Change(SCORE, 0.7, 0.6), Change(METHOD, "mean", "max"))
    second = await one.send(edit)
    assert (service.values[SCORE], service.values[METHOD]) == (0.6, "max")
    await one.send(one.undo(second.entry))
    assert (service.values[SCORE], service.values[METHOD]) == (0.7, "mean")
    assert service.posts.total() == 3


async def test_what_somebody_changed_since_is_not_undone_unasked(service: FakeService, path: Path) -> None:
    one = sender(service, path)
    entry = (await one.send(to_send(service, one))).entry
    service.meddle(SCORE, 0.9)
    with pytest.raises(Conflicted, match="A threshold was changed by somebody else meanwhile"):
        await one.send(one.undo(entry))
    assert service.values[SCORE] == 0.9


async def test_what_was_changed_from_here_since_is_not_somebody_elses(service: FakeService, path: Path) -> None:
    one = sender(service, path)
    first = (await one.send(to_send(service, one, method="mean"))).entry
    second = (await one.send(to_send(service, one, score=0.8))).entry
    at = f"{datetime.fromtimestamp(START):%Y-%m-%d %H:%M}"
    with pytest.raises(Conflicted, match=f"A threshold was changed by your change 2 of {at} meanwhile") as raised:
        await one.send(one.undo(first))
    assert [conflict.by for conflict in raised.value.conflicts] == [second]
    assert [conflict.by for conflict in await one.prepare(one.undo(first))] == [second]
    service.meddle(METHOD, "max")
    with pytest.raises(
        Conflicted, match=f"2 thresholds were changed by your change 2 of {at} and by somebody else meanwhile"
    ):
        await one.send(one.undo(first))
    service.meddle(SCORE, 0.75)
    with pytest.raises(Conflicted, match="changed by somebody else meanwhile"):
        await one.send(one.undo(first))


async def test_what_was_not_applied_cannot_be_undone(service: FakeService, path: Path) -> None:
    service.trouble = "refused"
    one = sender(service, path)
    refused = (await one.send(to_send(service, one))).entry
    with pytest.raises(ChangeError, match="Change 1 was not applied"):
        one.undo(refused)
    foreign = Journal(path).intend(an_edit(id="b1", project_id=PROJECT + 1))
    with pytest.raises(ChangeError, match="another project"):
        one.undo(foreign)


async def test_without_a_value_before_there_is_no_undo(service: FakeService, path: Path) -> None:
    one = sender(service, path)
    service.values[SCORE] = None
    entry = (await one.send(to_send(service, one))).entry
    assert service.values[SCORE] == 0.7
    with pytest.raises(ChangeError, match="What was there before change 1 is not known"):
        one.undo(entry)
