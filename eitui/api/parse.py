"""From an answer's bytes to a model."""

import json
from typing import TYPE_CHECKING, Any, TypeVar

from eitui.api.errors import BadAnswer, Rejected, as_api_error
from eitui.api.size import check_size
from eitui.domain.text import LIMIT, clean

if TYPE_CHECKING:  # pydantic costs 50 ms to import; whoever calls `parse` has it already
    from pydantic import BaseModel

    M = TypeVar("M", bound=BaseModel)


def decode(body: bytes) -> dict[str, Any]:
    """Return the JSON object in `body`.

    The standard library's parser is used because it takes what services have been seen to send and stricter ones
    refuse: NaN, and half of a surrogate pair where a name was cut in the middle of an emoji.

    Raises:
        BadAnswer: it is not JSON, not an object, or more than there is memory for.
    """
    check_size(body)
    try:
        value = json.loads(body)
    except json.JSONDecodeError as error:
        raise BadAnswer(f"The service's answer is not JSON (byte {error.pos} of {len(body)}: {error.msg})") from None
    except UnicodeDecodeError as error:
        raise BadAnswer(f"The service's answer is not UTF-8 text (byte {error.start} of {len(body)})") from None
    except RecursionError:
        raise BadAnswer("The service's answer is nested too deeply to be read") from None
    except ValueError:
        raise BadAnswer("The service's answer has a number that is too long to be read") from None
    if not isinstance(value, dict):
        raise BadAnswer("The service's answer is JSON, but not an object")
    return value


def _refuse_failure(answer: dict[str, Any]) -> None:
    """Refuse the service's own way to say no: status 200 and `{"success": false, "error": "prose"}`."""
    if answer.get("success") is False:
        raise Rejected(f"The service refused: {prose(answer)}", answered=True)


def prose(answer: dict[str, Any], limit: int = LIMIT) -> str:
    """Return the service's own words for what went wrong, clean, never empty, and `limit` characters at most."""
    error = answer.get("error")
    return (clean(error, limit).strip() if isinstance(error, str) else "") or "it gave no reason"


def parse(model: "type[M]", body: bytes) -> "M":
    """Return `body` as `model`.

    Raises:
        Rejected: the service says that it did not succeed.
        BadAnswer: `body` is not JSON, or not what `model` describes; the message says where, and never repeats what
            was there.
    """
    from pydantic import ValidationError

    answer = decode(body)
    _refuse_failure(answer)
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise BadAnswer(f"The service's answer is not of the expected shape ({where}: {first['msg']})") from None
    except RecursionError:
        raise BadAnswer("The service's answer is nested too deeply to be read") from None
    except Exception as error:
        raise as_api_error(error) from None
