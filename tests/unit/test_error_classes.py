"""The one kind of error: every exception that eitui raises on purpose is of it."""

import importlib
import inspect
import pkgutil

import pytest

import eitui
from eitui.analysis.query.tokens import QueryError
from eitui.domain.moment import Problem
from eitui.domain.text import sentences
from eitui.errors import EituiError, ExitCode


def own_exceptions() -> set[type[BaseException]]:
    found: set[type[BaseException]] = set()
    for module in pkgutil.walk_packages(eitui.__path__, "eitui."):
        for _, kind in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(kind, BaseException) and kind.__module__.startswith("eitui"):
                found.add(kind)
    return found


def test_every_exception_of_the_program_is_an_eitui_error() -> None:
    own = own_exceptions()
    assert {kind.__name__ for kind in own} >= {"ApiError", "SettingsError", "NoLog", "NotWritten", "Forgotten"}
    assert [kind for kind in own if not issubclass(kind, EituiError)] == []


def test_no_exception_of_the_program_has_the_name_of_another() -> None:
    names = [kind.__name__ for kind in own_exceptions()]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(
    ("texts", "result"),
    [
        (("One", "", "Two."), "One. Two."),
        (("Really?", "Yes"), "Really? Yes."),
        (("Wait…",), "Wait…"),
        ((), ""),
    ],
)
def test_sentences_end_once(texts: tuple[str, ...], result: str) -> None:
    assert sentences(*texts) == result


def test_an_error_and_a_problem_are_told_in_the_same_sentences() -> None:
    error = EituiError("It failed", "Try again")
    assert error.sentence == Problem("It failed", "Try again").sentence == "It failed. Try again."
    assert EituiError("It failed", "Try again", safe="Nothing was sent.").guidance == "Nothing was sent. Try again"


def test_an_error_of_what_was_typed_ends_a_command_with_the_code_for_that() -> None:
    assert QueryError("no field is called x", 0).exit_code is ExitCode.USAGE
