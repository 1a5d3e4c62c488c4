"""The dialog that asks before something is done."""

from typing import Any

import pytest
from build import completed, run
from watching import watching

from eitui.tui.kit.dialog import Confirm

RUN = run(completed("1", 0.9))
CONSEQUENCES = ["Trials that are training now are lost.", "The run cannot be continued. " * 8]


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (("y",), True),
        (("n",), False),
        (("escape",), False),
        (("q",), False),
        (("enter", "space", "tab", "Y", "n"), False),
        (("y", "n"), True),
        (("n", "y"), False),
    ],
)
async def test_only_y_is_yes(keys: Any, answer: Any) -> None:
    answers: list[Any] = []
    async with watching(RUN) as watch:
        watch.app.push_screen(Confirm("Cancel this run?", CONSEQUENCES, "cancel it", no="let it go on"), answers.append)
        await watch.press(*keys[:-1])
        await watch.press(keys[-1])
        assert answers == [answer]
        assert watch.app.screen is watch.monitor


async def test_a_users_own_keys_are_shown_and_work() -> None:
    answers: list[Any] = []
    async with watching(RUN, keymap={"threshold.yes": "f6", "confirm.no": "f7"}) as watch:
        watch.app.push_screen(Confirm("Cancel this run?", CONSEQUENCES, "cancel it"), answers.append)
        await watch.press("y", "n")
        assert "f6 cancel it  f7/esc back" in watch.text()
        await watch.press("f6")
    assert answers == [True]


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12), (36, 7)], ids=str)
async def test_the_question_and_its_keys_are_in_sight_at_every_size(size: Any) -> None:
    async with watching(RUN, size=size) as watch:
        watch.app.push_screen(Confirm("Cancel this run?", CONSEQUENCES, "cancel it"))
        await watch.settle()
        assert "Cancel this run?" in watch.text()
        assert "y cancel it  n/esc back" in watch.text()
        assert ("Trials that are training now are lost." in watch.text()) == (size[0] >= 80)
