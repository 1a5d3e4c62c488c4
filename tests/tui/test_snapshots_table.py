"""What the table's filter, columns and marks look like."""

from demo_scenes import demo_at, picture
from syrupy.assertion import SnapshotAssertion

SMALL, MEDIUM = (80, 24), (120, 40)


def keys(text: str) -> list[str]:
    return ["space" if char == " " else char for char in text]


async def test_a_filter_that_is_wrong(looks: SnapshotAssertion) -> None:
    async with demo_at(0.6, size=SMALL) as watch:
        await watch.press("slash", *keys("status:completed latency<fast"))
        assert picture(watch) == looks


async def test_a_filter_that_finds_nothing(looks: SnapshotAssertion) -> None:
    async with demo_at(0.6, size=SMALL, scenario="regression") as watch:
        await watch.press("slash", *keys("val_accuracy>0.9"))
        assert picture(watch) == looks


async def test_a_filter_in_force(looks: SnapshotAssertion) -> None:
    async with demo_at(1.05, size=MEDIUM, scenario="failures") as watch:
        await watch.press("slash", *keys("status:failed or val_acc<80%"), "enter")
        assert picture(watch) == looks


async def test_columns(looks: SnapshotAssertion) -> None:
    async with demo_at(0.6, size=SMALL) as watch:
        await watch.press("C", "j", "space", "j", "j", "D")
        assert picture(watch) == looks


async def test_marks(looks: SnapshotAssertion) -> None:
    async with demo_at(0.6, size=MEDIUM, scenario="detection") as watch:
        await watch.press("g", "space", "space", "j", "space", "b", "space")
        assert picture(watch) == looks


async def test_test_figures_and_the_worst_class(looks: SnapshotAssertion) -> None:
    async with demo_at(1.05, size=MEDIUM) as watch:
        await watch.press("C", *["j"] * 7, *["W"] * 7, "enter", "v")
        assert picture(watch) == looks


async def test_a_file_to_export_to(looks: SnapshotAssertion) -> None:
    async with demo_at(0.6, size=SMALL) as watch:
        await watch.press("e")
        assert picture(watch) == looks
