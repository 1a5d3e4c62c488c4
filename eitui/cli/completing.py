"""What a shell is offered for a word that is being typed. Nothing here asks the service, prints or raises."""

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

from eitui.log import log

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Offered = Callable[[click.Context, click.Parameter, str], "list[CompletionItem[Any]]"]
"""Returns what is offered for an incomplete word."""


def offer(words: Callable[[click.Context], Iterable[tuple[str, str]]], *, files: bool = False) -> Offered:
    """Return what offers those of `words`, each with what it is, that begin like what was typed.

    With `files` a word that begins like a path is completed as one.
    """

    def offered(context: click.Context, _parameter: click.Parameter, typed: str) -> "list[CompletionItem[Any]]":
        from click.shell_completion import CompletionItem

        if files and typed.startswith((".", "/", "~")):
            return [CompletionItem(typed, type="file")]
        found: list[tuple[str, str]] = []
        try:
            found = list(words(context))
        except Exception:  # said by the command, not into a line that is being typed
            log.debug("Nothing to complete", exc_info=True)
        return [CompletionItem(word, help=about or None) for word, about in found if word.startswith(typed)]

    return offered


def _themes(_context: click.Context) -> Iterable[tuple[str, str]]:
    from textual.theme import BUILTIN_THEMES

    return ((name, "") for name in sorted(BUILTIN_THEMES))


def _events(_context: click.Context) -> Iterable[tuple[str, str]]:
    from eitui.domain.moment import ANY_EVENT, AlertKind

    return ((name, "") for name in [*(kind.event for kind in AlertKind), ANY_EVENT])


def _recordings(context: click.Context) -> Iterable[tuple[str, str]]:
    from eitui.config import load
    from eitui.feed.recording.catalogue import catalogue

    given: dict[str, Any] = {}
    here: click.Context | None = context
    while here is not None:  # of `runs delete` the directory may stand before `delete`
        given = here.params | {name: value for name, value in given.items() if value is not None}
        here = here.parent
    directory = given.get("recordings")
    if directory is None:
        directory = load({}, os.environ, given.get("config"), with_key=False).recordings
    project_id = given.get("project_id")
    for entry in catalogue(directory, project_id if isinstance(project_id, int) else None).entries:
        yield entry.name, ""


def _conditions(_context: click.Context) -> Iterable[tuple[str, str]]:
    from eitui.analysis.figures import FIGURES

    yield from (("finished", "The run has finished"), ("failed", "A trial has failed"))
    for name in ("completed", "trials"):
        yield f"{name}>=", "Count of trials"
    yield from ((figure.name, figure.asking.help) for figure in FIGURES)


def _columns(_context: click.Context) -> Iterable[tuple[str, str]]:
    from eitui.view.run.columns import COLUMNS, CURVE

    return ((one.key, one.title) for one in COLUMNS if one is not CURVE)


def _in_a_list(one: Offered) -> Offered:
    """Return what offers words of a list with commas."""

    def offered(context: click.Context, parameter: click.Parameter, typed: str) -> "list[CompletionItem[Any]]":
        before, comma, last = typed.rpartition(",")
        found = one(context, parameter, last)
        for item in found:
            item.value = before + comma + item.value
        return found

    return offered


one_column = offer(_columns)
many_columns = _in_a_list(one_column)
themes = offer(_themes)
events = offer(_events)
recordings = offer(_recordings, files=True)
conditions = offer(_conditions)
logs = offer(lambda _: [("tuner", "The log of the run's job"), ("coordinator", "The log of its coordinator")])


def of_tables(tables: Iterable[str]) -> Offered:
    """Return what offers these words, and recordings."""
    named = tuple(tables)

    def words(context: click.Context) -> Iterable[tuple[str, str]]:
        yield from ((name, "") for name in named)
        yield from _recordings(context)

    return offer(words, files=True)
