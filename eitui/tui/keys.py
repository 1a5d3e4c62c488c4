"""Every key there is, once, as `keys.txt` has them, and how keys are written for people."""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

from textual.binding import Binding, BindingType, InvalidBinding
from textual.keys import Keys, format_key

from eitui.config import SettingsError
from eitui.domain.text import clean, did_you_mean

_MODIFIERS = {"ctrl": "^", "shift": "⇧", "alt": "alt+", "meta": "meta+", "super": "super+", "hyper": "hyper+"}
_KNOWN = frozenset(key.value for key in Keys)


@dataclass(frozen=True)
class Key:
    """One thing that a key does."""

    id: str
    """Its name in a user's keymap and in prose."""
    keys: str
    """Textual's names of the keys, separated by commas."""
    action: str
    label: str
    """One or two words, for the footer."""
    help: str
    """A sentence, for the help screen and the palette; it may hold ids of keys, see `eitui.view.kit.keys`."""
    group: str
    footer: int = 0
    """Its place in the footer; 0: not there."""
    past: tuple[int, str] = (0, "")
    """Its place in the footer while the past is shown, and what it is called there; 0: not there."""

    @property
    def names(self) -> tuple[str, ...]:
        """Textual's names of the keys."""
        return split_keys(self.keys)

    @property
    def first(self) -> str:
        """The first of the keys, for the footer and for prose: `esc`."""
        return written_key(self.names[0])

    @property
    def display(self) -> str:
        """All of the keys: `esc q`."""
        return " ".join(map(written_key, self.names))


def split_keys(keys: str) -> tuple[str, ...]:
    """Return Textual's names of keys that commas separate; a character stands for its own key: `/` for `slash`.

    Raises:
        textual.binding.InvalidBinding: there is nothing between two commas.
    """
    return tuple(binding.key for binding in Binding.make_bindings([Binding(keys, "")]))


def exists(name: str) -> bool:
    """Whether some terminal can send the key with this name of Textual's."""
    *modifiers, base = name.split("+") if len(name) > 1 else [name]
    return (base in _KNOWN or len(format_key(base)) == 1) and all(modifier in _MODIFIERS for modifier in modifiers)


def written_key(name: str) -> str:
    """Return a key as people read it: `^p` for `ctrl+p`, `/` for `slash`."""
    *modifiers, base = name.split("+") if len(name) > 1 else [name]
    shown = base if base == "enter" else format_key(base)
    return "".join(_MODIFIERS.get(modifier, f"{modifier}+") for modifier in modifiers) + shown


def _read_table() -> Iterator[Key]:
    group = ""
    for line in (Path(__file__).parent / "keys.txt").read_text(encoding="utf-8").splitlines():
        if line[:1] not in ("", " ", "#"):
            group = line
        elif line.startswith(" "):
            id_, keys, action, label, help_, *places = re.split(r"\s{2,}", line.strip())
            footer, past = [*places, "-", "-"][:2]
            place, _, called = ("0" if past == "-" else past).partition(" ")
            names = ",".join(split_keys(keys))
            yield Key(id_, names, action, label, help_, group, int(footer.replace("-", "0")), (int(place), called))


KEYS = tuple(_read_table())

_RENAMED = {"threshold.yes": "confirm.yes"}
"""Ids that keys had in earlier versions, and have now."""


def with_keymap(keymap: Mapping[str, str]) -> tuple[Key, ...]:
    """Return the table with a user's own keys, by id."""
    keymap = _as_named_now(keymap)
    return tuple(replace(key, keys=",".join(split_keys(keymap[key.id]))) if key.id in keymap else key for key in KEYS)


def names(keys: Sequence[Key]) -> dict[str, str]:
    """Return the name of every key in prose, by id."""
    return {key.id: key.first for key in keys}


def check_keymap(keymap: Mapping[str, str]) -> None:
    """Refuse a user's keymap that would make a key ambiguous, or unusable.

    Raises:
        SettingsError: an id or a key does not exist, or two actions of one place would have the same key; so the keys
            that quit always work.
    """
    usual = {key.id: key for key in KEYS}
    keymap = _as_named_now(keymap)
    for id_, keys in keymap.items():
        if id_ not in usual:
            raise SettingsError(
                f"[keys] names an action that does not exist: {clean(id_)}",
                did_you_mean(id_, usual, "`eitui keys` lists the actions."),
            )
        try:
            wrong = next((name for name in split_keys(keys) if not exists(name)), None)
        except InvalidBinding:
            wrong = ""
        if wrong is not None:
            raise SettingsError(
                f"[keys] gives {id_} a key that does not exist: {clean(wrong) or 'none'}",
                "A key is a character, or a name such as space, enter, f2, ctrl+s; a comma is `comma`.",
            )
    own = with_keymap(keymap)
    for place in PLACES:
        for one, other in combinations([key for key in own if key.group in place], 2):
            if one.action == other.action or not {one.id, other.id} & keymap.keys():
                continue
            # Where a screen's own key hides one of the monitor's by default, it is meant to.
            meant = {*usual[one.id].names}.intersection(usual[other.id].names)
            if twice := [name for name in one.names if name in other.names and name not in meant]:
                raise SettingsError(
                    f"[keys] gives the key {written_key(twice[0])} to both {one.id} and {other.id}",
                    "They work on the same screen: give one of them another key.",
                )


def _as_named_now(keymap: Mapping[str, str]) -> dict[str, str]:
    return {_RENAMED.get(id_, id_): keys for id_, keys in keymap.items()}


_OVER = ("Over the monitor", "Moving", "Time", "Run")
PLACES: tuple[tuple[str, ...], ...] = (
    ("Panes", "Trials", "Moving", "Time", "Run", "Program"),
    ("Runs", *_OVER),
    ("Impulses", *_OVER),
    ("Impulse view", *_OVER),
    ("Comparison", "Figures", *_OVER),
    ("Trade-offs", "Figures", *_OVER),
    ("Figures", *_OVER),
    ("Failures", *_OVER),
    ("Trial view", "Log", *_OVER),
    ("Job logs", "Log", *_OVER),
    ("Thresholds", "Confirmation", *_OVER),
    ("Journal", *_OVER),
    ("Columns",),
    ("Filter",),
    ("Confirmation", "Over the monitor"),
)
"""The groups whose keys work at the same time: on the monitor, on each screen over it, and in each dialog. On a screen
over the monitor a key that quits goes back, see `never_leaving`."""


def never_leaving(keymap: Mapping[str, str]) -> dict[str, str]:
    """Make the keys that quit only close a screen over the monitor: pressed out of habit, they never end a long watch.

    Returns the user's keymap, by id.
    """
    keymap = _as_named_now(keymap)
    own = with_keymap(keymap)
    table = {key.id: key.names for key in own}
    quitting, going_back = table.pop("app.quit"), table["over.back"]
    elsewhere = {name for key, names in table.items() if key != "columns.discard" for name in names}
    missing = [name for name in quitting if name not in elsewhere]
    keymap = {key.id: key.keys for key in own if key.id in keymap}
    return {**keymap, "over.back": ",".join([*going_back, *missing])} if missing else keymap


def bindings(*groups: str, below: bool = False, only: Container[str] | None = None) -> list[BindingType]:
    """Return the bindings of `groups`, of which `only` may be some by their ids.

    With `below` they are for a screen over the monitor, which does what they say.
    """
    return [
        Binding(
            key.keys,
            f"below({key.action!r})" if below else key.action,
            key.label,
            show=False,
            id=key.id,
            priority=key.id == "app.leave",
        )
        for key in KEYS
        if key.group in groups and (only is None or key.id in only)
    ]


def keys_of(keys: Sequence[Key], *groups: str) -> tuple[Key, ...]:
    """Return those of `keys` that are in `groups`."""
    return tuple(key for key in keys if key.group in groups)


def keys_over(keys: Sequence[Key], *groups: str, also: Container[str] = ()) -> tuple[Key, ...]:
    """Return what the footer of a screen over the monitor shows: its own `groups`, and how to leave the past.

    `also` has the ids of keys that the monitor sees to, and that matter there.
    """
    own = [replace(key, past=(key.footer, key.label)) for key in keys_of(keys, *groups, "Over the monitor")]
    own += [replace(key, footer=8, past=(8, key.label)) for key in keys if key.id in also]
    time = [replace(key, footer=0, past=(80, key.past[1])) for key in keys if key.id in ("time.back", "time.forth")]
    rest = [replace(key, footer=90, past=(90, key.label)) for key in keys if key.id == "app.help"]
    return (*own, *time, *rest)


def keys_typing(keys: Sequence[Key]) -> tuple[Key, ...]:
    """Return what the footer shows while a filter is being typed."""
    return tuple(replace(key, past=(key.footer, key.label)) for key in keys_of(keys, "Filter"))
