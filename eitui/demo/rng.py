"""Chance that can be repeated."""

from random import Random


def rng_for(seed: int, *purpose: object) -> Random:
    """Return a generator of its own for one purpose: what one part draws never shifts what another draws.

    Seeding with text is the same in every process and Python version, unlike `hash()`.
    """
    return Random("/".join(map(str, (seed, *purpose))))  # noqa: S311 - repeatable on purpose, never a secret
