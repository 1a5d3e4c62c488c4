"""What a desk takes for an anomaly block that is not trained yet, and what for trouble. All is synthetic."""

import json
from pathlib import Path

import httpx
import pytest

from eitui.api.client import Client
from eitui.api.errors import ApiError, BadAnswer, Busy, Rejected
from eitui.change.desk import ProjectDesk
from eitui.change.journal import Journal
from eitui.change.send import Owner
from eitui.change.service import ApiService
from eitui.config import Secret
from eitui.domain.threshold import Change, ThresholdRef

HOST = "studio.example.test"
REFUSED = httpx.Response(200, json={"success": False, "error": "No trained model"})


def desk(tmp_path: Path, metadata: httpx.Response, trained: bool | None) -> ProjectDesk:
    config = {"success": True, "axes": [], "selectedAxes": [], "trained": trained}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/metadata"):
            return metadata
        return httpx.Response(200, content=json.dumps(config).encode())

    client = Client(f"https://{HOST}", Secret("ei_synthetic"), transport=httpx.MockTransport(answer))
    return ProjectDesk(client, Journal(tmp_path / "journal", now=lambda: 0.0), Owner(HOST, 1, "ada@box"))


@pytest.mark.parametrize("metadata", [REFUSED, httpx.Response(404)], ids=["success:false", "404"])
@pytest.mark.parametrize("trained", [False, None])
async def test_a_block_of_which_the_service_has_nothing_is_not_trained(tmp_path, metadata, trained):
    block = await desk(tmp_path, metadata, trained).anomaly(1, 4, "anomaly")
    assert block.trained is trained
    assert block.trained_axes == ()


@pytest.mark.parametrize(
    ("metadata", "raised"),
    [
        (httpx.Response(500), Rejected),
        (httpx.Response(400), Rejected),
        (httpx.Response(403), Rejected),
        (httpx.Response(429), Busy),
        (httpx.Response(503), Busy),
        (httpx.Response(200, content=b"[]"), BadAnswer),
    ],
    ids=["500", "400", "403", "429", "503", "shape"],
)
@pytest.mark.parametrize("trained", [True, False, None])
async def test_trouble_is_not_taken_for_a_block_that_is_not_trained(tmp_path, metadata, raised, trained):
    with pytest.raises(raised):
        await desk(tmp_path, metadata, trained).anomaly(1, 4, "anomaly")


@pytest.mark.parametrize("metadata", [REFUSED, httpx.Response(404)], ids=["success:false", "404"])
async def test_a_trained_block_without_a_description_is_trouble(tmp_path, metadata):
    with pytest.raises(ApiError):
        await desk(tmp_path, metadata, True).anomaly(1, 4, "anomaly")


@pytest.mark.parametrize("error", [RecursionError(), KeyError("x"), MemoryError()])
async def test_what_nobody_foresaw_is_an_answer_that_cannot_be_read(tmp_path, error):
    def answer(request: httpx.Request) -> httpx.Response:
        raise error

    client = Client(f"https://{HOST}", Secret("ei_synthetic"), transport=httpx.MockTransport(answer))
    asked = ProjectDesk(client, Journal(tmp_path / "journal", now=lambda: 0.0), Owner(HOST, 1, "ada@box"))
    service = ApiService(client, 1)
    change = Change(ThresholdRef(1, 4, "minimum_confidence_rating"), 0.6, 0.7)
    edit = asked.sender.edit(1, "Impulse", [change])
    for question in (
        asked.impulses(),
        asked.anomaly(1, 4),
        asked.scores(1, 4),
        service.thresholds(1),
        service.test_again(1),
        service.job(1),
        service.set_once(edit),
    ):
        with pytest.raises(BadAnswer, match="unexpected") as raised:
            await question
        assert raised.value.may_have_acted
