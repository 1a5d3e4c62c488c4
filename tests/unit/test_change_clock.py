"""Changes that were not answered, and a clock that somebody sets. All values are synthetic."""

from pathlib import Path

import pytest
from changing import ANOMALY, GRACE, IMPULSE, LATE, SCORE, FakeService, change, sender

from eitui.change.errors import Underway
from eitui.change.send import Result
from eitui.domain.edit import Outcome


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "changes.db"


async def sent(service: FakeService, path: Path) -> Result:
    one = sender(service, path)
    return await one.send(one.edit(IMPULSE, "", [change(service, SCORE, 0.7)]))


@pytest.mark.parametrize("ahead", [-2.0, -86_400.0, GRACE * 2])
async def test_setting_the_clock_changes_nothing_for_who_has_sent_it(
    service: FakeService, path: Path, ahead: float
) -> None:
    service.trouble = "lost and late"
    one = sender(service, path)
    lost = await one.send(one.edit(IMPULSE, "", [change(service, SCORE, 0.7)]))
    service.clock.elapsed += LATE / 2
    service.clock.ahead = ahead
    waiting = await one.settle(lost.entry)
    assert waiting.entry.outcome is Outcome.UNKNOWN
    assert waiting.again_in_s == GRACE - LATE / 2
    service.clock.elapsed += GRACE
    assert (await one.settle(lost.entry)).entry.outcome is Outcome.SETTLED_APPLIED


@pytest.mark.parametrize("behind", [2.0, 86_400.0])
async def test_after_the_clock_was_set_back_a_change_is_waited_for_once(
    service: FakeService, path: Path, behind: float
) -> None:
    service.trouble = "lost before"
    lost = (await sent(service, path)).entry
    service.clock.ahead = -behind
    one = sender(service, path)
    with pytest.raises(Underway) as raised:
        await one.send(one.edit(IMPULSE, "", [change(service, ANOMALY, 0.4)]))
    assert raised.value.again_in_s == GRACE
    service.clock.elapsed += GRACE / 2
    assert (await sender(service, path).settle(lost)).again_in_s == GRACE / 2
    service.clock.elapsed += GRACE / 2
    settled = await sender(service, path).settle(lost)
    assert settled.entry.outcome is Outcome.SETTLED_NOT_APPLIED
    assert service.posts.total() == 1


async def test_without_room_to_write_it_is_waited_once_in_each_process(service: FakeService, path: Path) -> None:
    service.trouble = "lost before"
    lost = (await sent(service, path)).entry
    service.clock.ahead = -86_400
    one = sender(service, path, reports_fail=True)
    assert (await one.settle(lost)).again_in_s == GRACE
    service.clock.elapsed += GRACE
    assert "no space left" in (await one.settle(lost)).problem
    assert (await sender(service, path).settle(lost)).again_in_s == GRACE
