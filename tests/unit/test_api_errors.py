import errno
import os

import pytest

from eitui.api.errors import ApiError, BadAnswer, BadSettings, Busy, Rejected, Unreachable, problem
from eitui.domain.moment import Problem

KINDS = [Unreachable, Busy, Rejected, BadAnswer, BadSettings]


@pytest.mark.parametrize("kind", KINDS)
def test_no_message_is_empty(kind: type[ApiError]) -> None:
    for what in ("", "  ", "\n"):
        assert str(kind(what)).strip()


@pytest.mark.parametrize("kind", KINDS)
def test_messages_are_one_clean_line(kind: type[ApiError]) -> None:
    error = kind("a\x1b[2J\nb", "c\u202ed")
    assert (str(error), error.advice) == ("a␛[2J␊b", "c\ufffdd")


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_is_taken_out(kind: type[ApiError]) -> None:
    error = kind("it said ei_synthetic", "not ei_synthetic").without("ei_synthetic")
    assert "ei_synthetic" not in f"{error} {error!r} {error.args} {error.advice} {error.what}"


def test_a_problem_says_what_the_error_says() -> None:
    error = Rejected("No", "Ask", final=True)
    assert problem(error) == Problem("No", "Ask", final=True)
    assert not problem(Busy("Later", retry_after=3)).final
    assert problem(BadSettings("Bad")).final


def test_what_this_machine_refuses_is_not_called_an_answer() -> None:
    result = problem(OSError(errno.EMFILE, os.strerror(errno.EMFILE)))
    assert result == Problem("The service could not be asked, as this machine refused: too many open files")
    assert problem(RecursionError()).what == "The service's answer was unexpected (RecursionError)"
