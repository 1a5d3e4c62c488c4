"""Why a trial failed, as far as its log tells.

The service gives no reason; a log is what Edge Impulse, TensorFlow, Keras, numpy, the Linux kernel and Kubernetes had
to say, each in its own words. `RULES` is those words. A cause is a likely one: the line it was taken from is always
shown beside it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from eitui.domain.log import DEBUG, ERROR, LogLine
from eitui.domain.trial import FAILED, Block


class CauseKind(StrEnum):
    """What kind of thing went wrong."""

    OUT_OF_MEMORY = "out of memory"
    SHAPE_MISMATCH = "shape mismatch"
    TIMEOUT = "timeout"
    COMPUTE_LIMIT = "compute time limit"
    NEEDS_GPU = "needs a GPU"
    UNFIT_BLOCK = "block does not fit the impulse"
    UNSUPPORTED_OPERATION = "unsupported operation"
    DATA = "data"
    PLATFORM = "fault of the platform"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Cause:
    """Why a trial failed, and where."""

    kind: CauseKind = CauseKind.UNKNOWN
    telling: int | None = None
    """Index of the line that gave it away; for an unknown cause, of the last line that tells anything."""
    line: LogLine | None = None
    """That line."""
    block: str = ""
    """Kind of the block that failed: `input`, `dsp` or `learn`; empty where the service marks none."""
    retries: int = 0
    """How often it was tried again: that block, else the block that was tried most often."""
    advice: str = ""
    """What to do about it, a sentence; empty where that depends."""


_JOB_MEMORY = "Raise the job memory{} in the project's dashboard."
"""What to do where a job was out of memory."""


def with_job_memory(cause: Cause, mebibytes: int | None) -> Cause:
    """Return `cause`; where it advises to raise the job memory, with what that is, if the run says so."""
    if _JOB_MEMORY.format("") != cause.advice or mebibytes is None:
        return cause
    return replace(cause, advice=_JOB_MEMORY.format(f" (now {mebibytes:,} MiB)"))


_HEAD, _TAIL = 400, 200
"""Characters at the beginning and the end of a line in which the words are looked for."""


@dataclass(frozen=True)
class _Rule:
    """Words that stand for a cause."""

    kind: CauseKind
    stems: tuple[str, ...]
    """One of these is in every text that the pattern matches: looking for them first is some twenty times faster."""
    pattern: re.Pattern[str]
    advice: str = ""
    """What to do, a sentence; empty where that depends."""

    def matches(self, text: str, lowered: str) -> bool:
        """Return whether `text`, which is `lowered` in lower case, has the words."""
        return any(stem in lowered for stem in self.stems) and self.pattern.search(text) is not None


def _rule(kind: CauseKind, stems: str, *patterns: str, advice: str = "") -> _Rule:
    pattern = re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
    return _Rule(kind, tuple(stems.split("|")), pattern, advice)


_AGAIN = "The network is not to blame: run it again; if it fails again, ask support."

RULES = (
    _rule(
        CauseKind.OUT_OF_MEMORY,
        "cuda|resize buffer",
        # Not the job's own memory: that of the GPU, and the arena that the network would have on the device.
        r"\bCUDA_ERROR_OUT_OF_MEMORY\b",
        r"\bCUDA out of memory\b",
        r"\bfailed to resize buffer",
        advice="Search for smaller networks, batches or inputs.",
    ),
    _rule(
        CauseKind.OUT_OF_MEMORY,
        "oom|memory|exhausted|alloc",
        r"\bResourceExhaustedError\b",
        r"\bRESOURCE_EXHAUSTED: (?!.{0,200}message larger than)",
        # Only in capitals, as TensorFlow writes it; the kernel's own words in small letters are below.
        r"\b(?-i:OOM) (?:when|for|while|error)\b",
        r"\bOOM-?Killed\b",
        r"\boom[-_](?:kill|reaper)",
        r"(?<!not )\bout of memory\b",
        r"\b_?(?:Array)?MemoryError\b",
        r"\bunable to allocate \S+ ?[KMGT]?i?B\b",
        r"\bcannot allocate memory\b",
        r"\bfailed to allocate (?:memory|\d)",
        r"\bstd::bad_alloc\b",
        r"\bnode was low on resource: memory\b",
        advice=_JOB_MEMORY.format(""),
    ),
    _rule(
        CauseKind.COMPUTE_LIMIT,
        "compute time",
        r"\b(?:larger|greater|longer|more) than (?:the )?(?:remaining )?(?:(?:CPU|GPU) )?compute time limit\b",
        r"\bexceed\w* .{0,60}\bcompute time\b",
        r"\bcompute time\b.{0,30}\b(?:exceeded|has passed|was reached|used up)\b",
        advice="Use fewer training cycles or less data, or a plan with more compute time.",
    ),
    _rule(
        CauseKind.NEEDS_GPU,
        "gpu",
        r"\brequires? (?:training on )?(?:(?:the|a) )?GPU\b",
        r"\b(?:can|must) only be trained on (?:the|a) GPU\b",
        advice="Train the learn block on a GPU, or leave it out of the search space.",
    ),
    _rule(
        CauseKind.UNFIT_BLOCK,
        "only",
        r"\bonly (?:supports?|accepts?|takes?|works? with) (?:an? )?"
        r"(?:\(?\d+ ?[x×,] ?\d+|(?:input|window|image|frequency|sampl\w+|RGB|gray\w*|\d+(?:\.\d+)? ?(?:ms|Hz|kHz))\b)",
        advice="Give the impulse the input that the block takes, or leave the block out.",
    ),
    _rule(
        CauseKind.PLATFORM,
        "metadata for dsp|metadata for learn",
        r"\bfailed to load metadata for (?:DSP|learn)\b",
        advice=_AGAIN,
    ),
    _rule(
        CauseKind.TIMEOUT,
        "deadline|timeout|timed out|exceed|has passed|was reached",
        r"\bDeadlineExceeded\b",
        r"\bDEADLINE_EXCEEDED\b",
        r"\bactive longer than specified deadline\b",
        r"^(?:\w+\.)*Timeout(?:Error|Expired)\b",
        r"\b(?:job|trial|training|process|block|command|container|script)\b.{0,80}\btimed out\b(?!.{0,40}\bretry)",
        r"\bexceed\w* .{0,60}\b(?:time limit|training time|run ?time|deadline)\b",
        r"\b(?:time limit|training time|deadline)\b.{0,30}\b(?:exceeded|has passed|was reached)\b",
    ),
    _rule(
        CauseKind.UNSUPPORTED_OPERATION,
        "custom op|flex op|need custom|supported|select tensorflow|opcode|not registered|opkernel|unrolled|implemented",
        r"\bop is neither a custom op nor a flex op\b",
        r"\b(?:unresolved|need) custom (?:op|implementation)",
        r"\bnot supported by the native TFLite runtime\b",
        r"\bSelect TensorFlow op\(s\), included in the given model,",
        r"\bdidn't find op for builtin opcode\b",
        r"\bOp type not registered\b",
        r"\bNo (?:OpKernel|registered '\w+' OpKernel)\b",
        r"\bunsupported (?:op|ops|operator|operation|layer|layer type|opcode)\b",
        # Not the kernel's "[Errno 95] Operation not supported", which is about files and sockets.
        r"\b(?:op|ops|operator|operators|layer|layers|opcode)\b.{0,80}\b(?:not (?:yet |be )?supported|unsupported)\b",
        r"\boperation .{1,60} (?:is|are) not (?:yet )?supported\b",
        r"\bcannot be unrolled\b",
        r"^(?:\w+\.)*(?:Unimplemented|NotImplemented)Error\b",
        r"\bUNIMPLEMENTED: ",
    ),
    _rule(
        CauseKind.SHAPE_MISMATCH,
        "incompatible|not compatible|dimension|output size|shape|total size|broadcast|not aligned|"
        "larger than the|multiple of",
        r"\bis incompatible with the layer\b",
        r"\bincompatible shapes?\b",
        r"\bshapes? .{1,120} (?:are|is) (?:incompatible|not compatible)\b",
        r"\bmatrix size-incompatible\b",
        r"\bdimensions? .{0,120}\bmust (?:be equal|match|be compatible)\b",
        r"\bnegative dimension size\b",
        r"\bcomputed output size would be negative\b",
        r"\bcannot reshape (?:array|a tensor)\b",
        r"\binput to reshape is a tensor with\b",
        r"\btotal size of (?:the tensor|new array) must be unchanged\b",
        r"\bcould not (?:be )?broadcast\b",
        r"\bnot be broadcast together\b",
        r"\bshapes \(.{1,60}\) not aligned\b",
        r"\bmismatch in its core dimension\b",
        r"\b(?:inhomogeneous shape|must have the same shape|must have the same first dimension)\b",
        r"\bshapes cannot be multiplied\b",
        r"\binput array dimensions .{0,60}must match\b",
        r"\bis larger than the (?:frame|window|input)\b",
        r"\b\d+ is not a multiple of\b",
    ),
    _rule(
        CauseKind.DATA,
        "label",
        r"\bnon-?numeric(?:al)? labels?\b",
        r"\blabels? (?:(?:is|are) not|must be) (?:a )?(?:numbers?|numeric)\b",
        advice="A regression needs a number as the label of each sample.",
    ),
    _rule(
        CauseKind.DATA,
        "no data|no training|no validation|no test|no samples|no features|no windows|no images|is empty|"
        "n_samples|0 sample|0 image|not enough|least populated|number of|only one class|contain|"
        "valid range|zero-size|ran out|cannot identify|failed to|corrupt|filenotfound",
        r"\bno (?:(?:training|validation|test) )?(?:data|samples|features|windows|images) (?:found|left|in|to|were)\b",
        r"\b(?:training|validation|test) (?:data|set|data ?set) is empty\b",
        r"\bn_samples ?= ?0\b",
        r"\b(?:found|with) (?:array with )?0 (?:samples?|sample\(s\)|images)\b",
        r"\bnot enough (?:data|samples|windows|images)\b",
        r"\bleast populated class\b",
        r"\bnumber of classes has to be greater than one\b",
        r"\bonly one class (?:present|in)\b",
        r"\bcontains? (?:NaN|infinity)\b",
        r"\boutside the valid range of \[",
        r"\bcannot be greater than the number of (?:members|samples)\b",
        r"\bzero-size array to reduction\b",
        r"\bran out of data\b",
        r"\bcannot identify image file\b",
        r"\bfailed to (?:read|load|parse|decode) (?:the )?(?:data|samples?|image|features|labels)",
        r"\bcorrupt(?:ed)? (?:data|file|image|sample|JPEG|PNG)\b",
        r"^FileNotFoundError\b.{0,400}\.(?:npy|npz|json|cbor|wav|jpe?g|png|csv|tfrecord)\b",
    ),
)
"""What causes are told by, the plainest first: a line that two rules match is the first one's."""

HINTS = (
    # A process that is killed outright was nearly always out of memory, but a deadline kills as well.
    _rule(
        CauseKind.OUT_OF_MEMORY,
        "exit|kill|signal",
        r"\bexit(?:ed)?\b.{0,24}\b137\b",
        r"^\s*Killed\s*$",
        r"\d+ Killed\b",
        r"\bSIGKILL\b",
        r"\bsignal 9\b",
        advice=_JOB_MEMORY.format(""),
    ),
    _rule(CauseKind.TIMEOUT, "timeout|timed out", r"^(?:\w+\.)*\w*Timeout(?:Error)?: ", r"\bread timed out\b"),
    # At the end of the line: of a path that is missing and then made, more is said.
    _rule(
        CauseKind.PLATFORM,
        "not a directory|not exist",
        r"(?:^|\s)['\"]?/\S* (?:is not a directory|does not exist)\W*$",
        advice=_AGAIN,
    ),
)
"""Weaker words, asked only where none of `RULES` is in the log of the attempt."""

# TensorFlow explains how to find out more after every such error; it is not the error.
_ASIDE = re.compile(r"^\s*Hint:|\bis not an error\b", re.IGNORECASE)
_ATTEMPT = re.compile(r"^\s*(?:Attempt \d+\b|Scheduling job in cluster|Job started\b)", re.IGNORECASE)
_ERROR_LIKE = re.compile(r"^\s*(?:\w+\.)*\w*(?:Error|Exception)\b(?::|$)|^\s*(?:ERR(?:OR)?|FATAL)\b", re.IGNORECASE)

_TRAILER = re.compile(
    r"\bsee above\b"
    r"|^\W*(?:(?:ERR(?:OR)?|FATAL)\W+)?(?:job|trial|training|process|command) (?:has )?failed\W*$"
    r"|\b(?:exited|terminated|ended) (?:unexpectedly )?with (?:exit |non-zero )*(?:code|status)\b",
    re.IGNORECASE,
)
"""What Edge Impulse writes below the reason of every failure; an exit code of 137 is a reason, see `HINTS`."""

_SUPPORT = re.compile(r"\bcontact\b.{0,40}\bsupport\b|\bsupport ticket\b|[@.]edgeimpulse\.com\b", re.IGNORECASE)
"""Advice, unless the line itself reads like an error."""

_PROGRESS = re.compile(
    r"^\s*Epoch \d+(?:/\d+|:)"
    r"|^\s*\[?\s*\d+/\d+\]?(?:\s|$)"  # Keras' steps, and the windows of a feature generator
    r"|^\s*\d{1,3} ?%(?:\||\s|$)"
    r"|\bETA:? "
    r"|^\s*(?:Container image pulled|Still running)\b"
    r"|^\W*$",
    re.IGNORECASE,
)
"""How far something has come, the beginning of a job, and lines without a word."""


def cause_of(lines: Sequence[LogLine], blocks: Sequence[Block] = ()) -> Cause:
    """Return why a trial failed. `lines` is its log, oldest first; `blocks` are its blocks.

    What the last attempt said counts before what earlier ones said, and its last telling line before others: what a
    program recovers from it says earlier than what ends it.
    """
    failed = next((block for block in blocks if block.status == FAILED), None)
    block = failed.kind if failed is not None else ""
    retries = failed.retries if failed is not None else max((block.retries for block in blocks), default=0)
    begin = max((index for index, line in enumerate(lines) if _ATTEMPT.match(line.text)), default=0)
    for attempt in (range(begin, len(lines)), range(begin)):
        for rules in (RULES, HINTS):
            found = _last_match(lines, attempt, rules)
            if found is not None:
                rule, index = found
                return Cause(rule.kind, index, lines[index], block, retries, rule.advice)

    # The last line that reads like an error, else the last one marked as one, else the last that tells.
    telling = max(
        (index for index, line in enumerate(lines) if _tells(line.text)),
        key=lambda index: (2 if _ERROR_LIKE.match(lines[index].text) else int(lines[index].level == ERROR), index),
        default=None,
    )
    return Cause(CauseKind.UNKNOWN, telling, None if telling is None else lines[telling], block, retries)


def _last_match(lines: Sequence[LogLine], among: range, rules: Sequence[_Rule]) -> tuple[_Rule, int] | None:
    for index in reversed(among):
        line, text = lines[index], lines[index].text
        if len(text) > _HEAD + _TAIL:  # patterns with gaps take seconds for thousands of long lines
            text = f"{text[:_HEAD]} … {text[-_TAIL:]}"
        lowered = text.lower()
        rule = next((rule for rule in rules if rule.matches(text, lowered)), None)
        if rule is not None and line.level != DEBUG and not _ASIDE.search(line.text):
            return rule, index
    return None


def _tells(text: str) -> bool:
    """Return whether a line says anything of what happened: it is no trailer, and no sign of progress."""
    if _PROGRESS.search(text) or _ATTEMPT.match(text) or _TRAILER.search(text):
        return False
    return _ERROR_LIKE.match(text) is not None or not _SUPPORT.search(text)
