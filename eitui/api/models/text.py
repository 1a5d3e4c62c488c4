"""Texts as the models hold them: clean to show, and raw only where they are written back."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator

from eitui.domain.text import clean

LONG = 65_536
"""Longest text kept of those that are meant to be long (scripts, help), in characters."""

BIGGEST = 10**30
"""Integers beyond this are not written out: Python refuses to above some 4,300 digits."""


@dataclass(frozen=True, repr=False)
class Raw:
    """A text that goes back to the service exactly as it came. Showing it shows it clean."""

    raw: str

    def __str__(self) -> str:
        return clean(self.raw)

    def __repr__(self) -> str:
        return f"Raw({clean(self.raw)!r})"


def to_text(value: object, limit: int = 512) -> str:
    """Return a text clean, a number or boolean as JSON writes it (ids come as either), and "" for anything else."""
    if isinstance(value, str):
        return clean(value, limit)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) < BIGGEST:
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < BIGGEST else str(value)
    return ""


def _long_text(value: object) -> str:
    return to_text(value, LONG)


def _texts(value: object) -> tuple[str, ...]:
    # Positions are kept: class names are looked up by index.
    return tuple(map(to_text, value)) if isinstance(value, list | tuple) else ()


def _text_map(value: object) -> dict[str, str]:
    return {clean(key): to_text(item) for key, item in value.items()} if isinstance(value, dict) else {}


def _text_lists(value: object) -> dict[str, tuple[str, ...]]:
    return {clean(key): _texts(item) for key, item in value.items()} if isinstance(value, dict) else {}


def _as_it_came(value: object) -> object:
    return value.raw if isinstance(value, Raw) else value


def _raw(value: object) -> Raw:
    if isinstance(value, Raw):
        return value
    return Raw(value if isinstance(value, str) else to_text(value))


Text = Annotated[str, PlainValidator(to_text)]
"""One line."""
LongText = Annotated[str, PlainValidator(_long_text)]
"""A text that may have many lines; line ends are shown as their pictures."""
Texts = Annotated[tuple[str, ...], PlainValidator(_texts)]
TextMap = Annotated[dict[str, str], PlainValidator(_text_map)]
AsItCame = PlainSerializer(_as_it_came, return_type=Any)
TextLists = Annotated[dict[str, tuple[str, ...]], PlainValidator(_text_lists)]
RawText = Annotated[Raw, PlainValidator(_raw), AsItCame]

DEEPEST = 64
"""How deep a free-form object is followed."""


def to_free_form(value: object, depth: int = DEEPEST) -> Any:
    """Return any JSON value with its texts and keys clean and its NaN and infinities as None."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, dict):
        return {clean(key): to_free_form(item, depth - 1) for key, item in value.items()} if depth else {}
    if isinstance(value, list | tuple):
        return tuple(to_free_form(item, depth - 1) for item in value) if depth else ()
    return value


def _free_form_object(value: object) -> Any:
    return to_free_form(value) if isinstance(value, dict) else {}


def _free_form_objects(value: object) -> tuple[Any, ...]:
    return tuple(map(_free_form_object, value)) if isinstance(value, list | tuple) else ()


FreeForm = Annotated[dict[str, Any], PlainValidator(_free_form_object)]
"""An object whose content the document leaves open."""
FreeForms = Annotated[tuple[dict[str, Any], ...], PlainValidator(_free_form_objects)]
