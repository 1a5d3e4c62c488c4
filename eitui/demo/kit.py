"""What all answers share: JSON as the service writes it, and chance that can be repeated."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

Json = dict[str, object]
Encode = Callable[[object], bytes]


def encode_json(value: object) -> bytes:
    """Compact JSON in ASCII: what is not ASCII, lone surrogates too, is written as an escape."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def success(**fields: object) -> Json:
    """Build the answer to a request that was granted, marked as made up."""
    return {"success": True, "synthetic": True, **fields}


def refusal_json(error: str) -> Json:
    """Build the answer to a request that was not granted."""
    return {"success": False, "synthetic": True, "error": error}


def zulu(unix: float) -> str:
    """Write a date-time as most of the service does, for example `2026-01-31T09:30:00.125Z`."""
    return datetime.fromtimestamp(unix, UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def naive(unix: float) -> str:
    """Write a date-time as some of the service's fields have it: UTC without saying so, with microseconds."""
    return datetime.fromtimestamp(unix, UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def rng_for(seed: int, *purpose: object) -> Random:
    """Return a generator of its own for one purpose: what one part draws never shifts what another draws.

    Seeding with text is the same in every process and Python version, unlike `hash()`.
    """
    return Random("/".join(map(str, (seed, *purpose))))  # noqa: S311 - repeatable on purpose, never a secret
