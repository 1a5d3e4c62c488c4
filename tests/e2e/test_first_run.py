"""The first run in a terminal: a key is pasted, checked and stored, and nothing shows it."""

import sys
from pathlib import Path

import psutil
from look_alike import LookAlike
from pty_harness import Terminal

EITUI = str(Path(sys.executable).with_name("eitui"))


def test_a_pasted_key_is_checked_stored_and_never_shown(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with LookAlike() as server:
        environ = {
            "EI_API_ENDPOINT": server.environment()["EI_API_ENDPOINT"], "XDG_CONFIG_HOME": str(tmp_path),
            "EITUI_LOG": str(log),
        }  # fmt: skip
        with Terminal([EITUI], environ=environ) as terminal:
            terminal.wait_for("eitui needs an API key")
            terminal.send("\x1b[200~ei_" + "0" * 64 + "\x1b[201~\r")
            terminal.wait_for("The API key was refused")
            terminal.send(f"\x1b[200~{server.key}\n\x1b[201~\r")
            terminal.wait_for("The key opens project 424242. Where shall it be stored?")
            terminal.send("\r")
            terminal.wait_for("LIVE")
            assert server.key not in " ".join(psutil.Process(terminal.pid).cmdline())
            assert server.key not in str(psutil.Process(terminal.pid).environ())
            terminal.send("q")
            assert terminal.wait_exit() == 0
            assert server.key[:20].encode() not in terminal.raw
        (file,) = (tmp_path / "eitui" / "keys").iterdir()
        assert file.stat().st_mode & 0o777 == 0o600
        assert server.key[:20] not in log.read_text()
        with Terminal([EITUI], environ=environ) as terminal:
            terminal.wait_for("LIVE")
            assert "needs an API key" not in terminal.text
        file.chmod(0o644)
        with Terminal([EITUI], environ=environ) as terminal:
            assert terminal.wait_exit() == 2
            assert "others may read" in terminal.text


def test_who_gives_no_key_is_told_what_else_can_be_done() -> None:
    with Terminal([EITUI], environ={"EI_API_ENDPOINT": "http://127.0.0.1:9/v1"}) as terminal:
        terminal.wait_for("eitui needs an API key")
        terminal.send("\x1b")
        assert terminal.wait_exit() == 2
        terminal.wait_read()
        assert "No API key is set" in terminal.text
        assert not terminal.alternate
