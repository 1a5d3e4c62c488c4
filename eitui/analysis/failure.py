"""Why a trial failed, as far as its log tells.

The service gives no reason; a log is what TensorFlow, Keras, numpy, the Linux kernel and Kubernetes had to say, each
in its own words. `RULES` is those words. A cause is a likely one: the line it was taken from is always shown beside it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from eitui.domain.log import DEBUG, ERROR, LogLine
from eitui.domain.trial import FAILED, Block


class CauseKind(StrEnum):
    """What kind of thing went wrong."""

    OUT_OF_MEMORY = "out of memory"
    SHAPE_MISMATCH = "shape mismatch"
    TIMEOUT = "timeout"
    UNSUPPORTED_OPERATION = "unsupported operation"
    DATA = "data"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Cause:
    """Why a trial failed, and where."""

    kind: CauseKind = CauseKind.UNKNOWN
    telling: int | None = None
    """Index of the line that gave it away; for an unknown cause, of the last line that reads like an error."""
    line: LogLine | None = None
    """That line."""
    block: str = ""
    """Kind of the block that failed: `input`, `dsp` or `learn`; empty where the service marks none."""
    retries: int = 0
    """How often it was tried again: that block, else the block that was tried most often."""


_HEAD, _TAIL = 400, 200
"""Characters at the beginning and the end of a line in which the words are looked for."""


@dataclass(frozen=True)
class _Rule:
    """Words that stand for a cause."""

    kind: CauseKind
    stems: tuple[str, ...]
    """One of these is in every text that the pattern matches: looking for them first is some twenty times faster."""
    pattern: re.Pattern[str]

    def matches(self, text: str, lowered: str) -> bool:
        """Return whether `text`, which is `lowered` in lower case, has the words."""
        return any(stem in lowered for stem in self.stems) and self.pattern.search(text) is not None


def _rule(kind: CauseKind, stems: str, *patterns: str) -> _Rule:
    return _Rule(
        kind, tuple(stems.split("|")), re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
    )


RULES = (
    _rule(
        CauseKind.OUT_OF_MEMORY,
        "oom|memory|exhausted|alloc|resize buffer",
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
        r"\bfailed to (?:allocate (?:memory|\d)|resize buffer)",
        r"\bstd::bad_alloc\b",
        r"\bCUDA_ERROR_OUT_OF_MEMORY\b",
        r"\bnode was low on resource: memory\b",
    ),
    _rule(
        CauseKind.TIMEOUT,
        "deadline|timeout|timed out|exceed|has passed|was reached",
        r"\bDeadlineExceeded\b",
        r"\bDEADLINE_EXCEEDED\b",
        r"\bactive longer than specified deadline\b",
        r"^(?:\w+\.)*Timeout(?:Error|Expired)\b",
        r"\b(?:job|trial|training|process|block|command|container|script)\b.{0,80}\btimed out\b(?!.{0,40}\bretry)",
        r"\bexceed\w* .{0,60}\b(?:time limit|training time|run ?time|compute time|deadline)\b",
        r"\b(?:time limit|training time|compute time|deadline)\b.{0,30}\b(?:exceeded|has passed|was reached)\b",
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
    ),
    _rule(CauseKind.TIMEOUT, "timeout|timed out", r"^(?:\w+\.)*\w*Timeout(?:Error)?: ", r"\bread timed out\b"),
)
"""Weaker words, asked only where none of `RULES` is in the log of the attempt."""

# TensorFlow explains how to find out more after every such error; it is not the error.
_ASIDE = re.compile(r"^\s*Hint:|\bis not an error\b", re.IGNORECASE)
_ATTEMPT = re.compile(r"^\s*(?:Attempt \d+\b|Scheduling job in cluster|Job started\b)", re.IGNORECASE)
_ERROR_LIKE = re.compile(r"^\s*(?:\w+\.)*\w*(?:Error|Exception)\b(?::|$)|^\s*(?:ERR(?:OR)?|FATAL)\b", re.IGNORECASE)


def cause_of(lines: Sequence[LogLine], blocks: Sequence[Block] = ()) -> Cause:
    """Return why a trial failed. `lines` is its log, oldest first; `blocks` are its blocks.

    What the last attempt said counts before what earlier ones said, and its last telling line before others: what a
    program recovers from it says earlier than what ends it.
    """
    block, retries = _failing(blocks)
    begin = max((index for index, line in enumerate(lines) if _ATTEMPT.match(line.text)), default=0)
    for attempt in (range(begin, len(lines)), range(begin)):
        for rules in (RULES, HINTS):
            found = _last_match(lines, attempt, rules)
            if found is not None:
                kind, index = found
                return Cause(kind, index, lines[index], block, retries)
    telling = _last_error(lines)
    return Cause(CauseKind.UNKNOWN, telling, None if telling is None else lines[telling], block, retries)


def _failing(blocks: Sequence[Block]) -> tuple[str, int]:
    failed = next((block for block in blocks if block.status == FAILED), None)
    if failed is not None:
        return failed.kind, failed.retries
    return "", max((block.retries for block in blocks), default=0)


def _ends(text: str) -> str:
    """Return where a line says what it is about: patterns with gaps take seconds for thousands of long lines."""
    return text if len(text) <= _HEAD + _TAIL else f"{text[:_HEAD]} … {text[-_TAIL:]}"


def _last_match(lines: Sequence[LogLine], among: range, rules: Sequence[_Rule]) -> tuple[CauseKind, int] | None:
    for index in reversed(among):
        line = lines[index]
        text = _ends(line.text)
        lowered = text.lower()
        rule = next((rule for rule in rules if rule.matches(text, lowered)), None)
        if rule is not None and line.level != DEBUG and not _ASIDE.search(line.text):
            return rule.kind, index
    return None


def _last_error(lines: Sequence[LogLine]) -> int | None:
    """Return the last line that names an exception, else the last one that is marked as an error and says anything."""
    backward = range(len(lines) - 1, -1, -1)
    named = next((index for index in backward if _ERROR_LIKE.match(lines[index].text)), None)
    if named is not None:
        return named
    return next((index for index in backward if lines[index].level == ERROR and lines[index].text.strip()), None)
