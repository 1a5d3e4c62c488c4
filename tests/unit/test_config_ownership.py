"""Files that are obeyed: whose they must be, and who may write to them. All users but the present one are made up.

The rule is a function of what the file system says, so that a table can try every owner; what needs a second user in
the file system changes the mode instead, as no test has a second user.
"""

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.config import SettingsError, load
from eitui.config.ownership import Fault, fault

KEY = "ei_synthetic_key_0123456789abcdef"
ME, ROOT, OTHER = 1000, 0, 1001
MINE, SHARED = 1000, 100


def found(kind: int, mode: int, owner: int = ME, group: int = SHARED) -> os.stat_result:
    return os.stat_result((kind | mode, 1, 1, 1, owner, group, 0, 0, 0, 0))


def judged(seen: os.stat_result) -> Fault | None:
    return fault(seen, {ME, ROOT}, {MINE}.__contains__)


@pytest.mark.parametrize(
    ("kind", "mode", "owner", "group", "wrong"),
    [
        (stat.S_IFREG, 0o600, ME, SHARED, None),
        (stat.S_IFREG, 0o644, ME, SHARED, None),
        (stat.S_IFREG, 0o644, ROOT, SHARED, None),
        (stat.S_IFREG, 0o600, OTHER, SHARED, Fault.OWNER),
        (stat.S_IFREG, 0o444, OTHER, MINE, Fault.OWNER),
        (stat.S_IFREG, 0o664, ME, SHARED, Fault.WRITERS),
        (stat.S_IFREG, 0o664, ROOT, SHARED, Fault.WRITERS),
        (stat.S_IFREG, 0o664, ME, MINE, None),
        (stat.S_IFREG, 0o666, ME, MINE, Fault.WRITERS),
        (stat.S_IFREG, 0o602, ME, MINE, Fault.WRITERS),
        (stat.S_IFREG, stat.S_ISVTX | 0o666, ME, MINE, Fault.WRITERS),
        (stat.S_IFDIR, 0o755, ROOT, SHARED, None),
        (stat.S_IFDIR, 0o775, ME, SHARED, Fault.WRITERS),
        (stat.S_IFDIR, 0o775, ME, MINE, None),
        (stat.S_IFDIR, 0o777, ROOT, SHARED, Fault.WRITERS),
        (stat.S_IFDIR, stat.S_ISVTX | 0o777, ROOT, SHARED, None),
        (stat.S_IFDIR, stat.S_ISVTX | 0o777, OTHER, SHARED, Fault.OWNER),
        (stat.S_IFLNK, 0o777, ME, SHARED, None),
        (stat.S_IFLNK, 0o777, OTHER, SHARED, Fault.OWNER),
    ],
)
def test_whose_it_must_be_and_who_may_write(kind: int, mode: int, owner: int, group: int, wrong: Fault | None) -> None:
    assert judged(found(kind, mode, owner, group)) is wrong


@given(
    st.sampled_from([stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK]), st.integers(0, 0o7777),
    st.sampled_from([ME, ROOT, OTHER]), st.sampled_from([MINE, SHARED]),
)  # fmt: skip
def test_the_rule_never_trusts_another_owner_and_more_rights_never_make_it_better(
    kind: int, mode: int, owner: int, group: int
) -> None:
    wrong = judged(found(kind, mode, owner, group))
    assert (wrong is Fault.OWNER) is (owner == OTHER)
    # Reading and executing have nothing to do with it.
    assert judged(found(kind, mode & ~0o555, owner, group)) is wrong
    if wrong:
        assert judged(found(kind, mode | (0o022 if kind == stat.S_IFREG else 0), owner, group)) is wrong
    if owner != OTHER:
        assert judged(found(kind, mode & ~0o022, owner, group)) is None


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "a" / "b").mkdir(mode=0o755, parents=True)
    path = tmp_path / "a" / "b" / "config.toml"
    path.write_text("interval = 7\n")
    path.chmod(0o644)
    return path


def refusal(file: Path, environ: dict[str, str] | None = None) -> SettingsError:
    with pytest.raises(SettingsError) as raised:
        load({}, environ if environ is not None else {"EI_API_KEY": KEY}, file)
    assert KEY not in raised.value.what + raised.value.advice
    return raised.value


@pytest.mark.parametrize("mode", [0o646, 0o666, 0o602])
def test_a_file_that_others_may_write_is_refused_whatever_it_says(file: Path, mode: int) -> None:
    file.chmod(mode)
    error = refusal(file)
    assert error.what == f"Others may change the settings file {file}"
    assert error.advice == f"Run: chmod go-w {file}"


def test_what_it_says_to_type_helps(file: Path) -> None:
    spaced = file.with_name("my config.toml")
    file.rename(spaced)
    spaced.chmod(0o666)
    subprocess.run(["/bin/sh", "-c", refusal(spaced).advice.removeprefix("Run: ")], check=True)
    assert load({}, {"EI_API_KEY": KEY}, spaced).interval_s == 7


@pytest.mark.parametrize("above", [0, 1])
def test_a_directory_on_the_way_in_which_others_may_replace_it_is_refused(file: Path, above: int) -> None:
    directory = file.parents[above]
    directory.chmod(0o777)
    error = refusal(file)
    assert error.what == f"Others may change {directory}, where {file} is"
    assert error.advice == f"Run: chmod go-w {directory}"
    directory.chmod(0o1777)
    assert load({}, {"EI_API_KEY": KEY}, file).interval_s == 7


@pytest.mark.parametrize("relative", [False, True])
def test_the_way_of_a_link_counts_too(tmp_path: Path, file: Path, relative: bool) -> None:
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    (open_to_all / "second").symlink_to(file)
    (tmp_path / "first").symlink_to("a/../open/second" if relative else open_to_all / "second")
    assert load({}, {"EI_API_KEY": KEY}, tmp_path / "first").interval_s == 7
    open_to_all.chmod(0o777)
    assert f"Others may change {open_to_all}" in refusal(tmp_path / "first").what


def test_a_link_that_leads_to_itself_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert "cannot be read" in refusal(tmp_path / "loop").what


def test_a_relative_path_is_checked_from_the_root(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    file.parent.parent.chmod(0o777)
    assert f"Others may change {file.parent.parent}" in refusal(Path("config.toml")).what


def test_a_key_file_is_checked_in_the_same_way(file: Path) -> None:
    beside = file.parent / "deeper" / "key"
    beside.parent.mkdir(mode=0o755)
    beside.touch(mode=0o600)
    beside.write_text(KEY)
    file.write_text('api_key_file = "deeper/key"')
    assert load({}, {}, file).api_key.reveal() == KEY
    beside.parent.chmod(0o777)
    assert refusal(file, {}).what == f"Others may change {beside.parent}, where {beside} is"
    beside.parent.chmod(0o755)
    beside.chmod(0o606)
    assert refusal(file, {}).what == f"Others may change the API key's file {beside}"


def test_what_holds_no_key_is_not_to_be_made_private(file: Path) -> None:
    beside = file.parent / "shadow"
    beside.write_text("root:*:19000:0:99999:7:::\nnobody:*:19000:0:99999:7:::\n")
    beside.chmod(0o644)
    file.write_text('api_key_file = "shadow"')
    error = refusal(file, {})
    assert "white space" in error.what
    assert "chmod" not in error.advice


UNTRUSTED = """
import os, sys
from pathlib import Path
from eitui.config import SettingsError, load
file, uid = Path(sys.argv[1]), int(sys.argv[2])
load({}, dict(os.environ), file)  # imports what another user may not be able to read
import grp, pwd
os.chown(file, uid, -1)
file.chmod(int(sys.argv[4], 8))
os.seteuid(int(sys.argv[3]))
try:
    print(load({}, dict(os.environ), file).interval_s)
except SettingsError as error:
    print(error.what, error.advice, sep="\\n")
"""


def as_users(file: Path, owner: int, reader: int, mode: int = 0o644) -> list[str]:
    """Give `file` to one user and read it as another, in a process of its own; for root only."""
    os.chown(file, 0, 0)
    done = subprocess.run(
        [sys.executable, "-c", UNTRUSTED, str(file), str(owner), str(reader), f"{mode:o}"],
        env={"EI_API_KEY": KEY}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.splitlines()


@pytest.fixture
def open_file() -> Iterator[Path]:
    """A settings file that every user can reach: pytest's own directories are for their owner."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        path = Path(directory, "config.toml")
        path.write_text("interval = 7\n")
        path.chmod(0o644)
        yield path


def test_a_file_of_another_user_is_refused_and_one_of_root_is_not(open_file: Path) -> None:
    file = open_file
    if os.geteuid() != 0:  # nobody else may give a file away: the table above has the rule
        assert load({}, {"EI_API_KEY": KEY}, file).interval_s == 7
        return
    what, advice = as_users(file, 54321, 0)
    assert what == f"The settings file {file} belongs to user 54321, neither to you nor to root"
    assert "chmod" not in advice
    assert as_users(file, 0, 54321) == ["7.0"]
    assert as_users(file, 54321, 54321) == ["7.0"]
    what, advice = as_users(file, 0, 54321, 0o666)  # root's: who cannot change its mode is not told to
    assert what == f"Others may change the settings file {file}"
    assert "chmod" not in advice


@pytest.mark.parametrize("name", ["config", "key"])
def test_a_pipe_is_not_waited_for(file: Path, name: str) -> None:
    pipe = file.parent / "pipe"
    os.mkfifo(pipe)
    file.write_text(f'api_key_file = "{pipe}"')
    error = refusal(pipe if name == "config" else file, {})
    what = "The settings file" if name == "config" else "The API key's file"
    assert error.what == f"{what} cannot be read: {pipe} (it is a pipe)"
    assert "api_key_command" in error.advice


@pytest.mark.parametrize("name", ["config", "key"])
def test_a_device_that_never_ends_is_not_read(file: Path, name: str) -> None:
    file.write_text('api_key_file = "/dev/zero"')
    assert "it is a device" in refusal(Path("/dev/zero") if name == "config" else file, {}).what


def test_the_null_device_is_an_empty_settings_file() -> None:
    assert load({}, {"EI_API_KEY": KEY}, Path(os.devnull)).interval_s == 5


def test_a_byte_order_mark_is_no_part_of_the_settings(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbfinterval = 9\n")
    assert load({}, {"EI_API_KEY": KEY}, file).interval_s == 9


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ('["yes"]', "prints more than a key"),
        ('["sh", "-c", "yes; true"]', "prints more than a key"),
        ('["head", "-c", "3000000000", "/dev/zero"]', "prints more than a key"),
        ('["sh", "-c", "exit 7"]', "code 7"),
    ],
)
def test_a_command_that_prints_without_end_is_ended(file: Path, command: str, words: str) -> None:
    file.write_text(f"api_key_command = {command}")
    # A process of its own whose memory is limited: reading all of it would end in a MemoryError.
    code = (
        "import os, resource, sys; resource.setrlimit(resource.RLIMIT_AS, (2**29, 2**29))\n"
        "from pathlib import Path; from eitui.config import SettingsError, load\n"
        "try: load({}, dict(os.environ), Path(sys.argv[1]))\n"
        "except SettingsError as error: print(error.what)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(file)], capture_output=True, text=True, timeout=30,
        env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert words in done.stdout
    assert done.stderr == ""


def test_a_command_that_takes_too_long_is_ended(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eitui.config.key.COMMAND_TIMEOUT_S", 0.05)
    file.write_text('api_key_command = ["sleep", "600"]')
    assert "took longer than" in refusal(file, {}).what
    file.write_text('api_key_command = ["sh", "-c", "exec >&-; exec sleep 600"]')
    assert "took longer than" in refusal(file, {}).what
