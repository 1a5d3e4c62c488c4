r"""Answers in which every string is an attempt on the reader's terminal.

The payloads are harmless by themselves; a program that lets one through changes the title, the screen or the
clipboard, or crashes on markup. Everything is written with JSON escapes, so the transport never notices.
"""

from zlib import crc32

from eitui.demo.families import DETECTION, KEYWORDS, REGRESSION
from eitui.demo.kit import Json, encode_json

PAYLOADS = (
    "\x1b]0;pwned\x07",
    "\x1b]2;pwned\x1b\\",
    "\x1b]8;;http://127.0.0.1/pwned\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]52;c;ZWNobyBwd25lZA==\x07",
    "\x1b]9;pwned\x07",
    "\x1b[2J\x1b[H100 %",
    "\x1b[?1049l\x1b[?1003h",
    "\x1b[31;5m",
    "\x1bc",
    '\x1bP$q"p\x1b\\',
    "\x1bPtmux;\x1b\x1b]0;pwned\x07\x1b\\",
    "\x1b_pwned\x1b\\",
    "\x9b2J",
    "\x9d0;pwned\x9c",
    "\x90pwned\x9c",
    "\x07\x08\x08\x7f",
    "\r\n\x0b\x0c\t",
    "\x00",
    "\ud800",
    "\udfff\ud83d",
    "[@click=app.quit]x[/]",
    "[/x]",
    "[$x]",
    "[bold red on",
    "[link=http://127.0.0.1/pwned]x[/link]",
    "\\",
    "\\[",
    "\u202egpj.exe\u202c\u2066",
    "\u200b\u200d\u2060\ufeff",
    "\u2028\u2029",
    "\ue000\U000e0041",
    "Z\u0335\u0321\u0489",
    "\u5168\u89d2\U0001f469\u200d\U0001f680",
    '=HYPERLINK("http://127.0.0.1")\x1b[K',
    "<b>&amp;</b>%s{0}\x1b[6n",
)
"""What the strings carry: two of these each."""

LONG_NAME = "W" * 9_000 + "\u0301" * 1_500
"""Appended to some strings."""

_STATUSES = frozenset({"pending", "running", "completed", "failed", "ready", "busy"})
_BY_CLASS = frozenset({"confusionMatrixValues"})
_FREE_FORM = frozenset({"report", "model", "parameters", "tunerSpaceOptions", "summaryPerClass"}) | _BY_CLASS
_SCORES = frozenset({"anomaly", "value"})
"""Names of a window's scores that are no class's."""
_HYPER_PARAMETERS = frozenset(
    {"dropout"} | {dsp.parameter for task in (KEYWORDS, REGRESSION, DETECTION) for dsp in task.dsps}
)


class Hostile:
    """Turns any answer into a hostile one, and a hostile word that a client sends back into the plain one.

    The same word always becomes the same hostile word, and different words stay different.
    """

    def __init__(self) -> None:
        self._hostile: dict[str, str] = {}
        self._plain: dict[str, str] = {}

    def encode(self, answer: object) -> bytes:
        """Encode an answer as JSON with every string made hostile."""
        changed = self._walk(answer, "")
        if isinstance(changed, dict):
            changed[self.word("unknown field")] = self.word("unknown value")
        return encode_json(changed)

    def word(self, text: str) -> str:
        """Make one string hostile."""
        known = self._hostile.get(text)
        if known is None:
            known = self._hostile[text] = _decorate(text)
            self._plain[known] = text
        return known

    def plain(self, text: str) -> str:
        """Return the string that `word` made into this one; any other string as it is."""
        return self._plain.get(text, text)

    def _walk(self, value: object, name: str) -> object:
        if isinstance(value, str):
            return self.word(value)
        if isinstance(value, list):
            return [self._walk(item, name) for item in value]
        if isinstance(value, dict):
            return self._object(value, name)
        return value

    def _object(self, value: Json, name: str) -> Json:
        answer: Json = {}
        free_form = name in _FREE_FORM and "param" not in value
        scores = name == "result" and "sampleId" not in value
        for key, item in value.items():
            free = free_form or key in _HYPER_PARAMETERS or (scores and key not in _SCORES)
            inside = name if name in _BY_CLASS else key
            answer[self.word(key) if free else key] = (
                item if key == "status" and _stays_readable(value) else self._walk(item, inside)
            )
        if name == "devicePerformance":
            answer[self.word("unknown precision")] = {}
        return answer


def _stays_readable(owner: Json) -> bool:
    """Tell whether the status of this trial, block or worker is left alone: most are, or nothing could be shown."""
    identity = owner.get("workerId") or owner.get("id")
    return identity is not None and owner["status"] in _STATUSES and crc32(f"{identity}".encode()) % 7 != 3


def _decorate(text: str) -> str:
    number = crc32(text.encode("utf-8", "surrogatepass"))
    first = PAYLOADS[number % len(PAYLOADS)]
    second = PAYLOADS[(number // 64) % len(PAYLOADS)]
    middle = len(text) // 2 if number % 3 == 0 else 0
    tail = LONG_NAME if number % 29 == 0 else ""
    return f"{text[:middle]}{first}{text[middle:]}{second}{tail}"
