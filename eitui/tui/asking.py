"""What is asked of the service when somebody looks: the last answer, how old it is, and why there is no newer one."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from eitui.api.errors import problem
from eitui.domain.moment import Instant
from eitui.view.kit import format as fmt
from eitui.view.kit.keys import keyed

if TYPE_CHECKING:
    from eitui.thresholds.project import ProjectClient

Answer = TypeVar("Answer")

OpenProject = Callable[[], Awaitable["ProjectClient"]]


class Asking(Generic[Answer]):
    """One question. What was answered stays until there is a newer answer."""

    def __init__(self, question: Callable[["ProjectClient"], Awaitable[Answer]]) -> None:
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
        self, open_project: OpenProject, now: Callable[[], Instant], changed: Callable[[], object] = lambda: None
    ) -> None:
        """Ask, and keep what comes of it; what went wrong has a sentence in `problem`.

        `changed` is called when it has begun, and when it is over.
        """
        self._waiting += 1
        changed()
        try:
            project = await open_project()
            self.answer = await self._question(project)
        except Exception as error:
            self.problem = problem(error).sentence
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
