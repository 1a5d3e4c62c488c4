"""The one kind of error that this program raises on purpose: what happened, what is still safe, and what to do."""

from enum import Enum, IntEnum, auto

from eitui.domain.text import clean, sentences


class ExitCode(IntEnum):
    """The exit codes of every command: scripts rely on them."""

    OK = 0
    """All is well."""
    FAILED = 1
    """The run failed, or the condition was not met."""
    USAGE = 2
    """The command or a setting is malformed, a file is not what it should be, there is no such thing to change, or this
    terminal cannot show the monitor."""
    UNREACHABLE = 3
    """The service could not be reached, or refused."""
    TIMEOUT = 4
    """The time given was up."""
    CRASHED = 70
    """A bug in eitui (EX_SOFTWARE of sysexits.h)."""
    INTERRUPTED = 130
    """Ctrl+C."""


class Code(Enum):
    """Which error it is, for a program: nothing depends on the wording of a message."""

    FAILED = auto()
    """None of those below."""
    SETTINGS = auto()
    """A setting is missing or malformed."""
    SERVICE = auto()
    """A call to the service did not succeed."""
    KEY_REFUSED = auto()
    """The service does not know the API key, or the key does not allow this."""
    NO_PROJECT = auto()
    """There is no project to ask."""
    FILE = auto()
    """A file cannot be read or written."""
    NO_LOG = auto()
    """A log cannot be had."""
    MALFORMED = auto()
    """What was typed is no filter, or no value."""
    RECORDING = auto()
    """A recording cannot be read or written."""
    JOURNAL = auto()
    """The journal of changes cannot be read or written."""
    READ_ONLY = auto()
    """Changes are turned off."""
    ALREADY_SENT = auto()
    """The same change was sent before."""
    NO_SUCH_THRESHOLD = auto()
    """There is no such impulse, block or threshold."""
    UNFIT = auto()
    """The value cannot be one of this threshold's."""
    UNDERWAY = auto()
    """Another change of the same impulse is not settled."""
    POINTLESS = auto()
    """What is asked for is so already, or cannot be."""
    CONFLICT = auto()
    """Somebody changed a value meanwhile."""


LONGEST_ERROR = 8192
"""Longest message, in characters: some list all that there is to choose from."""


class EituiError(Exception):
    """Something that was asked for was not done.

    Every subclass says which error it is and which exit code a command ends with; one error may have another code than
    its class has.
    """

    code = Code.FAILED
    exit_code = ExitCode.FAILED

    def __init__(self, what: str, advice: str = "", *, safe: str = "", code: Code | None = None) -> None:
        self.what = clean(what, LONGEST_ERROR)
        """What happened: one clean line, never empty."""
        self.advice = clean(advice, LONGEST_ERROR)
        """What to do about it; may be empty."""
        self.safe = safe
        """What can be relied on all the same, a sentence; may be empty."""
        if code is not None:
            self.code = code
        super().__init__(self.what)

    def __str__(self) -> str:
        return self.what

    @property
    def guidance(self) -> str:
        """What is safe and what to do, in sentences; may be empty."""
        return " ".join(filter(None, (self.safe, self.advice)))

    @property
    def sentence(self) -> str:
        """All of it, in sentences."""
        return sentences(self.what, self.safe, self.advice)
