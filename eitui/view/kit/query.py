"""What is said of a question to the service: that it is asked, how old the answer is, and why there is no newer one."""

from typing import Any

from eitui.thresholds.query import Query
from eitui.view.kit import format as fmt
from eitui.view.kit.keys import keyed


def query_note(query: Query[Any], now: float, what: str) -> tuple[str, str]:
    """Return what must be known of what is shown, and its tone; empty when it is what the service said.

    `what` is what was asked for: “the impulses”; `now` is in monotonic seconds.
    """
    if query.problem is not None:
        age = f" The data shown is {fmt.age(now - query.at)} old." if query.at is not None else ""
        again = "Asking again…" if query.pending else keyed("{feed.poll} asks again.")
        return f"{query.problem.sentence}{age} {again}", "warn"
    return ("", "") if query.answer is not None else (f"Loading {what}…", "dim")


def query_state(query: Query[Any], now: float) -> str:
    """Return in a few words how it stands with the question: `asked 5s ago`."""
    if query.pending:
        return "loading…" if query.answer is None else "asking again…"
    if query.at is not None:
        return f"asked {fmt.age(now - query.at)} ago"
    return "" if query.problem is None else "cannot be read"
