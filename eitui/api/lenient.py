"""Pieces of JSON taken as what they should be: what is of another shape is left out and said, never an error."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from eitui.api.errors import BadAnswer
from eitui.api.models.text import to_free_form
from eitui.api.parse import decode
from eitui.api.size import MOST_STEPPED_OVER, MOST_VALUES, check_size, values_in
from eitui.domain.text import clean

T = TypeVar("T")

MOST_PROBLEMS = 20
"""More are not worth reading."""

Fields = Mapping[str, msgspec.Raw]

_ABSENT = (b"", b"null")
_EXPECTED = {"dict": "an object", "list": "a list"}


class Reader:
    """Takes pieces of JSON, and keeps in mind which could not be read."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def doubt(self, where: str, what: str) -> None:
        """Note that something is not as it should be."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(clean(f"{where}: {what}"))

    def take(self, raw: msgspec.Raw | None, kind: type[T], where: str) -> T | None:
        """Return `raw` as `kind`; None where it is missing, null or something else (which is noted)."""
        if raw is None or bytes(raw) in _ABSENT:
            return None
        if values_in(raw, MOST_VALUES) > MOST_VALUES:
            self.doubt(where, "is too large to be read")
            return None
        try:
            return msgspec.json.decode(raw, type=kind)
        except (msgspec.DecodeError, ValueError, RecursionError):
            # Not why: the parser's words may repeat what was there, and speak of types nobody knows.
            self.doubt(where, f"is not {_EXPECTED.get(getattr(kind, '__name__', ''), 'of the expected shape')}")
            return None

    def fields(self, raw: msgspec.Raw | None, where: str) -> dict[str, msgspec.Raw]:
        """Return an object's fields, undecoded; none where it is no object."""
        return self.take(raw, dict[str, msgspec.Raw], where) or {}

    def items(self, raw: msgspec.Raw | None, where: str) -> list[msgspec.Raw]:
        """Return a list's items, undecoded; none where it is no list."""
        return self.take(raw, list[msgspec.Raw], where) or []

    def objects(self, raw: msgspec.Raw | None, where: str) -> list[dict[str, Any]]:
        """Return the objects in a list, decoded; other items are left out."""
        found = [self.take(item, dict[str, Any], where) for item in self.items(raw, where)]
        return [item for item in found if item is not None]

    def value(self, raw: msgspec.Raw | None, where: str) -> Any:
        """Return any JSON value, decoded; None where it is missing."""
        return self.take(raw, object, where)


def fields_of(body: bytes) -> dict[str, msgspec.Raw]:
    """Return the fields of a JSON object, undecoded.

    Raises:
        BadAnswer: it is not an object, or no JSON at all, or too large.
    """
    check_size(body, MOST_STEPPED_OVER)
    try:
        return msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, ValueError, RecursionError):
        repaired = _repaired(body)
    return msgspec.json.decode(repaired, type=dict[str, msgspec.Raw])


def _repaired(body: bytes) -> bytes:
    """Return JSON that msgspec takes: NaN and infinities as null, texts clean, nothing nested without end."""
    try:
        return json.dumps(to_free_form(decode(body)), ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise BadAnswer("The service's description of this trial cannot be read") from None
