"""A tuner's search space (TunerSpaceImpulse)."""

from typing import Annotated, Any

from pydantic import Field, PlainValidator

from eitui.api.models.base import Model
from eitui.api.models.text import FreeForm, FreeForms, to_free_form


def _alternatives(value: object) -> tuple[tuple[dict[str, Any], ...], ...]:
    lists = [item for item in value if isinstance(item, list | tuple)] if isinstance(value, list | tuple) else []
    return tuple(tuple(to_free_form(block) for block in blocks if isinstance(block, dict)) for blocks in lists)


class TunerSpaceImpulse(Model):
    """One family of impulses to search in, its blocks in the tuner's own free form."""

    parameters: FreeForm = Field(default_factory=dict)
    """Values to try, for parameters that any block here may use."""
    input_blocks: FreeForms = ()
    dsp_blocks: FreeForms = ()
    learn_blocks: Annotated[tuple[tuple[dict[str, Any], ...], ...], PlainValidator(_alternatives)] = ()
    """A list of lists of blocks."""
