"""The table of keys, the user's own keys, and the names of keys in prose."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import eitui
from eitui.cli.demo import monitor_settings
from eitui.cli.keys import keys_command
from eitui.config import SettingsError
from eitui.thresholds.editor import Hint
from eitui.tui.keys import KEYS, PLACES, check_keymap, exists, names, split_keys, with_keymap, written_key
from eitui.tui.screens.overlay import Overlay
from eitui.view.kit.keys import keyed, name_keys

IDS = {key.id for key in KEYS}
ROOT = Path(eitui.__file__).parent
PROSE = [path for room in ("view", "tui", "thresholds") for path in sorted((ROOT / room).rglob("*.py"))]

FIXED = {
    "enter, esc",  # a text field or a list has these keys, whatever the keymap says
    "enter, esc quits",
    (
        "1. Open your project in the Edge Impulse Studio: Dashboard > Keys. Copy the API key.\n"
        "2. Paste it here and press enter. It is not shown, and is sent to no other host than {}.{}\n\nAPI key:"
    ),
    "A key is a character, or a name such as space, enter, f2, ctrl+s; a comma is `comma`.",
}
OF_THE_PROGRAM = {"key.help", "editor.hint", "stage.hint"}
"""What else may hold ids of keys: the table's own help, and `Hint`, whose members are constants."""

LITERAL = re.compile(
    r"[←→↑↓]{2}"
    r"|\b(?:[Ee]sc|ctrl\+\w)\b"
    r"|\b(?:with|press|Press) (?:space(?!s)|enter|tab|[b-zA-Z/](?![\w/]))"
    r"|(?:^|[.,;:·(] ?)(?:space|enter|tab|[b-zA-HJ-Z/@?]) (?:[a-z]{3,}s)\b"
)


@cache
def parsed(path: Path) -> list[ast.AST]:
    return [*ast.walk(ast.parse(path.read_text()))]


def prose_of(path: Path) -> Iterator[str]:
    """Yield each string that is no docstring, with `{}` in place of what is put in."""
    nodes = parsed(path)
    docs = {
        id(first.value)
        for node in nodes
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        for first in node.body[:1]
        if isinstance(first, ast.Expr)
    }
    notes = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in nodes:
        if id(node) in docs | notes | parts:
            continue
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.value


def test_prose_names_no_key_itself() -> None:
    found = [(path, text) for path in PROSE for text in prose_of(path) if LITERAL.search(text) and text not in FIXED]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "Mark two with space, then compare",
        "r asks again.",
        "{} Asking again; r asks at once.",
        "←→ more columns",
        "The filter hides {}; esc shows all trials.",
        "x shows another cost.",
        "tab completes",
        "No point. m shows the {}.",
    ],
)
def test_a_key_named_in_prose_is_found(text: str) -> None:
    assert LITERAL.search(text)


def test_only_constants_are_given_names_of_keys() -> None:
    # What the service sends may hold braces: it must never be part of what `keyed` is given.
    for node in (node for path in PROSE for node in parsed(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "keyed":
            (given,) = node.args
            assert constant(given) or ast.unparse(given) in OF_THE_PROGRAM, ast.unparse(node)


def constant(node: ast.expr) -> bool:
    """Whether this is a literal, a constant, an entry of a constant table, or one or the other of them."""
    match node:
        case ast.Constant():
            return True
        case ast.Name(id=name):
            return name.strip("_").isupper()
        case ast.Subscript(value=table):
            return constant(table)
        case ast.IfExp(body=one, orelse=other):
            return constant(one) and constant(other)
    return False


@pytest.mark.parametrize("hint", Hint)
def test_a_hint_of_the_editor_names_a_key(hint: Hint) -> None:
    assert keyed(hint) != hint


def test_every_id_in_prose_is_an_id_of_the_table() -> None:
    held = {found for path in PROSE for found in re.findall(r"\{([a-z_]+\.[a-z_]+)\}", path.read_text())}
    code = {found for path in PROSE for text in prose_of(path) for found in re.findall(r"\{([a-z_]+\.[a-z_]+)\}", text)}
    assert code <= IDS
    assert code, held


def test_a_text_is_given_the_users_own_keys() -> None:
    name_keys(names(with_keymap({"trial.mark": "X,space", "trial.compare": "f5"})))
    assert keyed("Mark with {trial.mark}, press {trial.compare}. {other}") == "Mark with X, press f5. {other}"


def test_an_id_that_no_key_has_is_a_bug() -> None:
    with pytest.raises(KeyError):
        keyed("{trial.nothing} does something")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("escape", "esc"),
        ("space", "space"),
        ("enter", "enter"),
        ("slash", "/"),
        ("at", "@"),
        ("underscore", "_"),
        ("ctrl+p", "^p"),
        ("shift+right", "⇧→"),
        ("f2", "f2"),
        ("G", "G"),
    ],
)
def test_a_key_is_written_as_people_read_it(name: str, shown: str) -> None:
    assert written_key(name) == shown
    assert exists(name)


@given(st.sampled_from([*map(chr, range(33, 127)), *"äöüéñçøß"]))
def test_a_character_stands_for_its_key(character: str) -> None:
    if character == ",":
        return
    (name,) = split_keys(character)
    assert written_key(name) == character
    assert exists(name)


@pytest.mark.parametrize(
    ("keymap", "told"),
    [
        ({"app.quit": "j"}, ("app.quit", "move.down")),
        ({"trial.mark": "W", "trial.sort": "W"}, ("trial.mark", "trial.sort")),
        ({"trial.filter": "?"}, ("trial.filter", "app.help")),
        ({"trade.cost": "h"}, ("trade.cost", "move.left")),
        ({"trial.sort": "ctrl+c"}, ("trial.sort", "app.leave")),
        ({"trial.mrk": "x"}, ("trial.mrk", "trial.mark")),
        ({"trial.mark": "spacey"}, ("trial.mark", "spacey")),
        ({"app.quit": "x,,y"}, ("app.quit",)),
    ],
)
def test_a_keymap_that_cannot_work_is_refused(keymap: dict[str, str], told: tuple[str, ...]) -> None:
    with pytest.raises(SettingsError) as refused:
        check_keymap(keymap)
    assert all(word in refused.value.what + refused.value.advice for word in told)


@pytest.mark.parametrize(
    "keymap",
    [
        {},
        {key.id: key.keys for key in KEYS},
        {"app.quit": "x"},
        {"trial.sort": "u"},  # undoes a threshold, on another screen
        {"trial.sort": "c", "trial.compare": "s"},
        {"app.quit": "f10", "app.leave": "ctrl+q,f10"},
    ],
)
def test_a_keymap_that_works_is_taken(keymap: dict[str, str]) -> None:
    check_keymap(keymap)


@given(st.dictionaries(st.sampled_from(sorted(IDS)), st.text("abcxyzABC,é/ ", min_size=1, max_size=5), max_size=4))
def test_whatever_keymap_is_taken_leaves_keys_that_quit(keymap: dict[str, str]) -> None:
    try:
        check_keymap(keymap)
    except SettingsError:
        return
    table = {key.id: key for key in with_keymap(keymap)}
    others = {name for key in table.values() if key.group in PLACES[0] and key.action != "quit" for name in key.names}
    assert {*table["app.quit"].names, *table["app.leave"].names} - others


def test_the_places_are_those_of_the_screens() -> None:
    from eitui.tui.screens import (  # noqa: F401
        comparison,
        failures,
        impulse,
        impulses,
        journal,
        search,
        thresholds,
        trade_offs,
        trial,
    )

    everywhere = set.intersection(*(set(place) for place in PLACES if "Time" in place and "Panes" not in place))
    assert everywhere >= {"Over the monitor", "Moving", "Time", "Run", "Views", "app.help", "app.leave"}
    for screen in Overlay.__subclasses__():
        bound = {*screen.GROUPS, *screen.WITH}
        assert any(bound == set(place) - everywhere for place in PLACES) or not bound


def printed(*words: str) -> str:
    result = CliRunner().invoke(keys_command, words, standalone_mode=False)
    assert result.exception is None
    return result.output


def test_the_command_lists_every_key_with_its_default(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[keys]\n"trial.mark" = "W"\n')
    lines = printed("--config", str(file)).splitlines()
    assert {line.split()[0] for line in lines if line} >= IDS
    (marking,) = (line for line in lines if line.startswith("trial.mark "))
    assert marking.split()[1:3] == ["W", "space"]


def test_what_the_command_prints_as_toml_changes_nothing(tmp_path: Path) -> None:
    section = tomllib.loads(printed("--toml", "--config", "/dev/null"))["keys"]
    assert section.keys() == IDS
    check_keymap(section)
    assert [key.names for key in with_keymap(section)] == [key.names for key in KEYS]


def test_the_demo_has_the_users_keys_and_theme_and_nothing_of_the_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config.toml"
    file.write_text('theme = "nord"\ninterval = 9\nproject_id = 7\n[keys]\n"trial.mark" = "W"\n')
    monkeypatch.setenv("EITUI_CONFIG", str(file))
    look = monitor_settings({"theme": None})
    assert (look.theme, look.keys, look.project_id) == ("nord", {"trial.mark": "W"}, None)
    assert look.interval_s < 9
    assert monitor_settings({"theme": "dracula"}).theme == "dracula"
