"""What can go wrong between this program and the service.

    ApiError            every error below; never raised itself
    ├── Unreachable     no answer: network, name, timeout, TLS handshake, proxy, a gateway that found nobody
    ├── Busy            the service asks for patience (429, 503), perhaps saying how long
    ├── Rejected        the service, or a check of whom we talk to, said no
    ├── BadAnswer       there is an answer, and it is not the one asked for
    └── BadSettings     the request cannot be made as things are set

Every message is one clean line, never empty. The client takes care that none holds the API key.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from eitui.config.hiding import redacted
from eitui.domain.moment import Problem
from eitui.domain.text import clean
from eitui.errors import Code, EituiError, ExitCode
from eitui.log import log


class ApiError(EituiError):
    """A call to the service did not succeed."""

    code = Code.SERVICE
    exit_code = ExitCode.UNREACHABLE
    fallback = "The call to the service failed"
    final = False
    """Whether asking again cannot help until the user changes something."""

    def __init__(
        self, what: str = "", advice: str = "", *, may_have_acted: bool = False, code: Code | None = None
    ) -> None:
        super().__init__(clean(what).strip() or self.fallback, advice.strip(), code=code)
        self.may_have_acted = may_have_acted
        """Whether the service may have done what was asked all the same: matters for a change, not for a look."""

    def without(self, secret: str) -> "ApiError":
        """Take `secret` out of what is said, should anything have carried it there; return self."""
        self.what, self.advice = redacted(self.what, secret), redacted(self.advice, secret)
        self.args = (self.what,)
        return self


class Unreachable(ApiError):
    """No answer came: the network, the name, a timeout, the TLS handshake, a proxy, or a gateway that found nobody."""

    fallback = "The service cannot be reached"


class Busy(ApiError):
    """The service asks for patience: status 429 or 503."""

    fallback = "The service is busy"

    def __init__(
        self, what: str = "", advice: str = "", *, retry_after: float | None = None, may_have_acted: bool = False
    ) -> None:
        super().__init__(what, advice, may_have_acted=may_have_acted)
        self.retry_after = retry_after
        """Seconds after which to ask again, as the service said it, within bounds; None when it did not say."""


class Rejected(ApiError):
    """The service said no, or a check of whom we talk to did.

    A refused key (401), a refused right (403), a redirect and a certificate that is not trusted are `final`; an
    answer of `success: false` and other statuses are not.
    """

    fallback = "The service refused, without a reason"

    def __init__(
        self,
        what: str = "",
        advice: str = "",
        *,
        final: bool = False,
        may_have_acted: bool = False,
        answered: bool = False,
        code: Code | None = None,
    ) -> None:
        super().__init__(what, advice, may_have_acted=may_have_acted, code=code)
        self.final = final
        self.answered = answered
        """Whether that was the answer to the question, `success: false` or 404: not a failure, nor a wrong question."""


class BadAnswer(ApiError):
    """There is an answer and it is not the one asked for: not JSON, of another shape, a web page, too large."""

    fallback = "The service's answer cannot be read"

    def __init__(self, what: str = "", advice: str = "", *, may_have_acted: bool = True) -> None:
        super().__init__(what, advice, may_have_acted=may_have_acted)


class BadSettings(ApiError):
    """The request cannot be made as things are set: the address, the key, a proxy, a certificate file."""

    code = Code.SETTINGS
    exit_code = ExitCode.USAGE
    fallback = "A setting is malformed"
    final = True


def as_api_error(error: Exception) -> ApiError:
    """Return `error` where it is an ApiError; anything else as an answer that cannot be read, or what the system said.

    Its traceback goes to the log. What was asked for may have been done: nobody knows where it came from.
    """
    if isinstance(error, ApiError):
        return error
    log.error("An unexpected error while the service was asked", exc_info=error)
    if isinstance(error, OSError):  # No answer is one: a limit of open files, a package that cannot be read.
        why = (error.strerror or type(error).__name__).lower()
        return Unreachable(f"The service could not be asked, as this machine refused: {why}", may_have_acted=True)
    return BadAnswer(f"The service's answer was unexpected ({type(error).__name__})")


@contextmanager
def only_api_errors() -> Iterator[None]:
    """Let nothing out but ApiErrors: whatever an answer sets off ends the question, and not the program."""
    try:
        yield
    except Exception as error:
        raise as_api_error(error) from None


def problem(error: Exception) -> Problem:
    """Return what to show for `error`: its own words, or that it was unexpected (see `as_api_error`)."""
    known = error if isinstance(error, EituiError) else as_api_error(error)
    return Problem(known.what, known.guidance, final=getattr(known, "final", False))
