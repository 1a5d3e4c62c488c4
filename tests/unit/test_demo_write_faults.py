"""Ways in which a write to the look-alike goes wrong, and whether it was done all the same. All data are synthetic."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from faults import WRITE_FAULTS, Fault, planned
from look_alike import LookAlike

from eitui.api.client import Client
from eitui.api.errors import ApiError, BadAnswer, Busy, Rejected, Unreachable
from eitui.api.requests import SetImpulseThresholdsRequest, ThresholdChange
from eitui.config import Secret
from eitui.demo.options import Options
from eitui.demo.service import PROJECT_ID

KEY = "ei_demo_0123456789abcdef"
NEW = 0.8125
APPLIED = {"lose-answer", "cut-answer", "html", "wrong-shape", "not-json"}


class Pair:
    """A look-alike on a socket, and a client of it."""

    def __init__(self, server: LookAlike, client: Client) -> None:
        self.server, self.client = server, client

    async def write(self, value: float = NEW) -> Any:
        change = ThresholdChange(block_id=3, key="min_score", value=value)
        return await self.client.set_thresholds(PROJECT_ID, 1, SetImpulseThresholdsRequest(thresholds=(change,)))

    async def refused(self) -> ApiError:
        """Write; return the error that comes of it."""
        with pytest.raises(ApiError) as raised:
            await self.write()
        return raised.value

    async def value(self) -> object:
        """Read the threshold."""
        return (await self.client.impulses_detailed(PROJECT_ID)).impulses[0].thresholds[0].value

    def writes(self) -> int:
        return sum(method == "POST" for method, _ in self.server.requests)


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    with LookAlike(Options(windows=8), key=KEY, clock=lambda: 1_760_000_000.0) as server:
        async with Client(server.url, Secret(KEY)) as client:
            yield Pair(server, client)


def expect(pair: Pair, *words: str) -> None:
    for fault, times in planned(words):
        pair.server.faults.add(fault, times, writes=True)


@pytest.mark.parametrize("name", sorted(set(WRITE_FAULTS) - {"wrong-shape"}))
async def test_a_fault_hits_the_next_write_and_no_read(pair: Pair, name: str) -> None:
    expect(pair, name)
    assert await pair.value() == 0.6
    error = await pair.refused()
    assert await pair.value() == (NEW if name in APPLIED else 0.6)
    # Where it may have been done, the error says so; where it surely was not, it need not.
    assert error.may_have_acted or name not in APPLIED
    assert pair.writes() == 1
    assert (await pair.write(0.5)).regenerate_model_testing_status == "regenerated"


async def test_an_answer_of_another_shape_does_not_say_what_became_of_the_results(pair: Pair) -> None:
    expect(pair, "wrong-shape")
    assert (await pair.write()).regenerate_model_testing_status == ""
    assert await pair.value() == NEW


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("refuse", Rejected),
        ("read-only", Rejected),
        ("busy", Busy),
        ("drop", Unreachable),
        ("lose-answer", Unreachable),
        ("cut-answer", Unreachable),
        ("html", BadAnswer),
        ("not-json", BadAnswer),
    ],
)
async def test_what_a_client_makes_of_it(pair: Pair, name: str, kind: type[ApiError]) -> None:
    expect(pair, name)
    assert type(await pair.refused()) is kind


async def test_a_read_only_key_is_refused_in_plain_text_for_good(pair: Pair) -> None:
    expect(pair, "read-only:all")
    for _ in range(5):
        error = await pair.refused()
        assert isinstance(error, Rejected)
        assert error.final
        assert "read-only" in error.what
    with pytest.raises(Rejected, match="read-only"):
        await pair.client.start_classify_job(PROJECT_ID, 1)
    assert await pair.value() == 0.6


async def test_faults_line_up(pair: Pair) -> None:
    expect(pair, "drop:2", "refuse")
    kinds = [type(await pair.refused()) for _ in range(3)]
    assert kinds == [Unreachable, Unreachable, Rejected]
    await pair.write()
    assert await pair.value() == NEW


async def test_planned_faults_can_be_dropped(pair: Pair) -> None:
    expect(pair, "drop:all")
    pair.server.faults.clear()
    await pair.write()


async def test_a_fault_for_any_answer_waits_for_those_for_writes(pair: Pair) -> None:
    pair.server.faults.add(Fault.refuse(503))
    expect(pair, "refuse")
    assert isinstance(await pair.refused(), Rejected)
    with pytest.raises(Busy):
        await pair.value()


async def test_somebody_changes_a_value_at_the_next_read(pair: Pair) -> None:
    pair.server.meddle((3, "min_score", 0.77))
    assert await pair.value() == 0.77


async def test_somebody_changes_a_value_between_the_write_and_the_read_back(pair: Pair) -> None:
    pair.server.meddle((3, "min_score", 0.77), at_read=2)
    assert await pair.value() == 0.6
    await pair.write()
    assert await pair.value() == 0.77


async def test_somebody_changes_a_value_now(pair: Pair) -> None:
    pair.server.meddle((3, "min_score", 0.77), at_read=0)
    await pair.write()
    assert await pair.value() == NEW


async def test_what_somebody_changes_fits_the_test_results(pair: Pair) -> None:
    pair.server.meddle((3, "min_score", 0.99), (33, "min_score", 0.9), at_read=0)
    found = await pair.client.classify_result(PROJECT_ID, 1)
    assert found.blocks[0].thresholds == {"min_score": 0.99}
    assert (await pair.client.classify_result(PROJECT_ID, 4)).no_results == "should_rerun_full_job"


def test_a_change_that_makes_no_sense_is_refused_when_it_is_made() -> None:
    server = LookAlike(Options(windows=8))
    with pytest.raises(ValueError, match="not a number"):
        server.meddle((3, "min_score", "high"), at_read=0)
    server.stop()


@pytest.mark.parametrize("word", ["unheard-of", "", "refuse:0x", "drop:-1", "drop:many", "drop:1:2"])
def test_a_fault_that_is_none_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="fault"):
        planned((word,))


@pytest.mark.parametrize(
    ("field", "value"),
    [("windows", 0), ("windows", 50_001), ("job_s", -1.0), ("job_s", float("nan"))],
)
def test_options_that_make_no_sense_are_refused(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        Options(**{field: value})  # type: ignore[arg-type]
