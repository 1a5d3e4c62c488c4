"""One row of the table of keys, and how keys are written for people."""

from dataclasses import dataclass

from textual.binding import Binding
from textual.keys import Keys, format_key

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
