"""Files are written whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from eitui.config.files import NotWritten, replacing, write


def test_it_is_written_and_nothing_else_is_left(tmp_path: Path) -> None:
    write(tmp_path / "out", b"one")
    write(tmp_path / "out", b"two")
    assert (tmp_path / "out").read_bytes() == b"two"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def _fail_halfway(path: Path) -> None:
    with replacing(path) as new:
        new.write_bytes(b"half")
        raise RuntimeError("in the middle")


def test_what_fails_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"mine")
    with pytest.raises(RuntimeError, match="in the middle"):
        _fail_halfway(tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"mine"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "there")
    write(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there").read_bytes() == b"new"


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        write(tmp_path / "pipe", b"through")
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@pytest.mark.parametrize(
    ("name", "why"),
    [("", "it is a directory"), ("no/out", "there is no directory"), ("a\0b", "null [bc]"), ("x" * 300, "too long")],
)
def test_why_it_cannot_be_written_is_one_line(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(NotWritten, match=why) as raised:
        write(tmp_path / name, b"x")
    assert "\n" not in str(raised.value)
    assert "\0" not in str(raised.value)


def test_a_hostile_name_is_shown_clean(tmp_path: Path) -> None:
    with pytest.raises(NotWritten) as raised:
        write(tmp_path / "\x1b]0;x\x07" / "out", b"x")
    assert "\x1b" not in str(raised.value)
