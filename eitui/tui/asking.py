"""What is asked of the service when somebody looks: the last answer, how old it is, and why there is no newer one."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from eitui.api.errors import problem
from eitui.domain.moment import Instant
from eitui.view import format as fmt
from eitui.view.kit.keys import keyed

if TYPE_CHECKING:
    from textual.screen import Screen

    from eitui.change.desk import Desk

Answer = TypeVar("Answer")

OpenDesk = Callable[[], Awaitable["Desk"]]


class Asking(Generic[Answer]):
    """One question. What was answered stays until there is a newer answer."""

    def __init__(self, question: Callable[["Desk"], Awaitable[Answer]]) -> None:
        self._question = question
        self.answer: Answer | None = None
        """None until there is one."""
        self.at: Instant | None = None
        """When it was given."""
        self.problem = ""
        """Why the last time there was none: a sentence or two, with what to do."""
        self._waiting = 0

    @property
    def underway(self) -> bool:
        """Whether an answer is waited for."""
        return self._waiting > 0

    @property
    def begun(self) -> bool:
        """Whether it was ever asked."""
        return self.underway or self.answer is not None or bool(self.problem)

    async def ask(
        self, open_desk: OpenDesk, now: Callable[[], Instant], changed: Callable[[], object] = lambda: None
    ) -> None:
        """Ask, and keep what comes of it; what went wrong has a sentence in `problem`.

        `changed` is called when it has begun, and when it is over.
        """
        self._waiting += 1
        changed()
        try:
            desk = await open_desk()
            self.answer = await self._question(desk)
        except Exception as error:
            said = problem(error)
            self.problem = " ".join(f"{text.rstrip('.')}." for text in (said.what, said.advice) if text)
        else:
            self.at, self.problem = now(), ""
        finally:
            # Not set to none: who asks again gives up on the question before, which ends after it has begun anew.
            self._waiting -= 1
        changed()

    def said(self, now: Instant, what: str) -> tuple[str, str]:
        """Return what must be known of what is shown, and its tone; empty when it is what the service said.

        `what` is what was asked for: “the impulses”.
        """
        if self.problem:
            shown = f" The data shown is {self.age(now)} old." if self.at is not None else ""
            return (
                f"{self.problem}{shown} {'Asking again…' if self.underway else keyed('{feed.poll} asks again.')}",
                "warn",
            )
        if self.answer is None:
            return f"Loading {what}…", "dim"
        return "", ""

    def age(self, now: Instant) -> str:
        """Return how old the answer is, in words."""
        return fmt.MISSING if self.at is None else fmt.age(now.mono - self.at.mono)


def desk_for(screen: "Screen[Any]") -> OpenDesk:
    """Return what opens the desk of the project that is watched."""

    async def open_desk() -> "Desk":
        from eitui.tui.app import MonitorApp

        assert isinstance(screen.app, MonitorApp)  # noqa: S101 - no other app has screens that ask
        return await screen.app.desk()

    return open_desk
