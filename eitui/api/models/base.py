"""What all models share."""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict

from eitui.api.models.number import Flag
from eitui.api.models.text import Text
from eitui.domain.text import clean

_EXCEPTIONS = {name: name for name in ("val_loss", "val_accuracy", "eon_ram_optimized", "original_trial_id")} | {
    "momf": "MOMF",
    "enable_sem": "enableSEM",
    "accuracy_sem": "accuracySEM",
    "latency_sem": "latencySEM",
    "min_maccs": "minMACCS",
    "max_maccs": "maxMACCS",
    "hide_in_ui": "hideInUI",
}
"""Names that the API does not write in camel case."""


def api_name(name: str) -> str:
    """Return the API's name of the field `name`."""
    first, *rest = name.split("_")
    return _EXCEPTIONS.get(name) or first + "".join(map(str.capitalize, rest))


class Model(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=api_name,
        # A model is made ready when it is first used: a command pays for the models it needs.
        defer_build=True,
        # Names such as `model` and `model_type` are the API's.
        protected_namespaces=(),
    )


class Answer(Model):
    """What every answer has (GenericApiResponse)."""

    success: Flag = None
    error: Text = ""
    """Why it did not succeed, in the service's words."""


def _only_objects(value: object) -> object:
    return [item for item in value if isinstance(item, dict | Model)] if isinstance(value, list | tuple) else ()


def _the_objects(value: object) -> object:
    return _only_objects(value) if isinstance(value, list) else value


def _object_or_none(value: object) -> object:
    return value if isinstance(value, dict | Model) else None


def _object_values(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        return {}
    return {clean(str(key)): item for key, item in value.items() if isinstance(item, dict | Model)}


T = TypeVar("T")

Part = Annotated[T | None, BeforeValidator(_object_or_none)]
"""An object; None where there is none."""
Items = Annotated[tuple[T, ...], BeforeValidator(_only_objects)]
"""A list of objects; what is not an object is left out."""
Mapped = Annotated[dict[str, T], BeforeValidator(_object_values)]
"""Objects by name; what is not an object is left out."""
Required = Annotated[tuple[T, ...], BeforeValidator(_the_objects)]
"""The list of objects that an answer is about: an answer without it is not that answer."""
