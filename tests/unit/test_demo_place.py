"""A demo's directory: gone when the demo ends, and removed by the next when it was killed."""

import os
import subprocess
import sys
import threading
from pathlib import Path

from eitui.cli.demo import PREFIX, UNLOCKED_S, DemoPlace, sweep

HOLD = """
import sys, pathlib
from eitui.cli.demo import DemoPlace
place = DemoPlace(pathlib.Path(sys.argv[1]))
print(place.make(), flush=True)
sys.stdin.read()
"""


class Another:
    """Another process with a demo's directory, until it is killed."""

    def __init__(self, parent: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(parent)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.path = Path(self._process.stdout.readline().strip())
        (self.path / "127.0.0.1_5").mkdir()
        (self.path / "127.0.0.1_5" / "1-2.eitui").write_text("recorded")

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


def test_it_is_there_while_the_demo_lives_and_for_its_user_only(tmp_path: Path) -> None:
    place = DemoPlace(tmp_path)
    path = place.make()
    assert place.make() == path
    assert path.stat().st_mode & 0o077 == 0
    place.remove()
    place.remove()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_demo_left_is_removed_and_what_a_living_one_has_is_not(tmp_path: Path) -> None:
    dead, alive = Another(tmp_path), Another(tmp_path)
    dead.kill()
    assert dead.path.exists()
    place = DemoPlace(tmp_path)
    path = place.make()
    assert set(tmp_path.iterdir()) == {alive.path, path}
    assert (alive.path / "127.0.0.1_5" / "1-2.eitui").read_text() == "recorded"
    place.remove()
    alive.kill()
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_one_that_is_being_made_and_what_is_none_is_left_alone(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ".lock").touch()
    young, old = tmp_path / f"{PREFIX}young", tmp_path / f"{PREFIX}old"
    young.mkdir()
    old.mkdir()
    os.utime(old, (0, old.stat().st_mtime - UNLOCKED_S - 60))
    (tmp_path / f"{PREFIX}file").touch()
    (tmp_path / f"{PREFIX}link").symlink_to(elsewhere)
    sweep(tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"elsewhere", f"{PREFIX}young", f"{PREFIX}file", f"{PREFIX}link"}
    assert (elsewhere / ".lock").exists()
    sweep(tmp_path / "nowhere")


def test_many_demos_that_start_at_once_keep_their_directories(tmp_path: Path) -> None:
    dead = Another(tmp_path)
    dead.kill()
    places = [DemoPlace(tmp_path) for _ in range(12)]
    threads = [threading.Thread(target=place.make) for place in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    paths = {place.make() for place in places}
    assert set(tmp_path.iterdir()) == paths
    assert len(paths) == len(places)
    for place in places:
        place.remove()
    assert list(tmp_path.iterdir()) == []


def test_what_is_made_after_the_end_is_removed_at_once(tmp_path: Path) -> None:
    place = DemoPlace(tmp_path)
    place.remove()
    place.make()
    assert list(tmp_path.iterdir()) == []
