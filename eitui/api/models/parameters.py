"""Parameters of blocks, as the Studio's forms describe them (DSPGroupItem)."""

from typing import Annotated, Any

from pydantic import Field, PlainValidator

from eitui.api.models.base import Items, Model, Part
from eitui.api.models.number import Flag, Number
from eitui.api.models.text import FreeForm, LongText, Text, Texts, to_free_form


def _values(value: object) -> tuple[Any, ...]:
    return tuple(map(to_free_form, value)) if isinstance(value, list | tuple) else ()


class SelectOption(Model):
    """One choice of a parameter."""

    value: Text = ""
    selected: Flag = None
    option_label: Text = ""
    priority: Number = None
    """A higher one is chosen first by the automatic configuration."""
    rom_estimate: Number = None
    """Bytes."""
    needs_ops: Texts = ()
    needs_features: Texts = ()


class ShowIf(Model):
    """When a parameter is shown."""

    parameter: Text = ""
    operator: Text = ""
    """`eq` or `neq`."""
    value: Text = ""


class DSPGroupItem(Model):
    """One parameter."""

    name: Text = ""
    value: Text = ""
    default_value: Text = ""
    type: Text = ""
    help: LongText = ""
    param: Text = ""
    """The parameter's id."""
    select_options: Items[SelectOption] = ()
    readonly: Flag = None
    should_show: Flag = None
    show_if: Part[ShowIf] = None
    invalid_text: Text = ""
    section: Text = ""
    multiline: Flag = None
    required: Flag = None
    hint: LongText = ""
    placeholder: Text = ""
    show_click_to_set: Flag = None
    valid: Annotated[tuple[Any, ...], PlainValidator(_values)] = ()
    items: FreeForm = Field(default_factory=dict)
    """What an element of a list is, described as a parameter again."""
    properties: FreeForm = Field(default_factory=dict)
    """What an object's fields are, described as parameters again."""
    min_val: Number = None
    max_val: Number = None


class DSPGroup(Model):
    """Parameters under one heading."""

    group: Text = ""
    items: Items[DSPGroupItem] = ()


class PostProcessingConfig(Model):
    """How a post-processing block is set up."""

    enabled: Flag = None
    parameters: Items[DSPGroupItem] = ()
