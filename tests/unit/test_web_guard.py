"""Which requests the server of `eitui serve` answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.web.guard import Guard, binds_loopback, new_token

GUARD = Guard("the token")
OPEN = Guard("the token", ("workbench",), loopback=False)


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "localhost:9000", "[::1]:8000", "127.9.9.9:80"])
def test_this_machine_s_own_names_are_answered_at_any_port(host: str) -> None:
    assert GUARD.refusal(host, None) == ""


@pytest.mark.parametrize(
    "host",
    [
        "evil.example.test:8000", "localhost.evil.example.test", "127.0.0.1.evil.example.test", "192.0.2.1:8000", "",
        "evil@localhost", "localhost:8000@evil.example.test", "localhost/x", "[::1", "localhost:x", "127.0.0.1 evil",
    ],
)  # fmt: skip
def test_a_name_that_somebody_else_may_have_point_here_is_refused(host: str) -> None:
    assert GUARD.refusal(host, None)


def test_a_server_for_others_is_reached_by_address_and_by_its_own_name_alone() -> None:
    assert [OPEN.refusal(host, None) for host in ("192.0.2.1:8000", "workbench:8000", "Workbench")] == ["", "", ""]
    assert OPEN.refusal("evil.example.test:8000", None)


@pytest.mark.parametrize(
    "origin", ["http://evil.example.test", "http://localhost:3000", "http://127.0.0.1:8000", "null", "", "file://"]
)
def test_another_site_is_refused_another_port_included(origin: str) -> None:
    assert GUARD.refusal("localhost:8000", origin)


def test_the_page_itself_is_answered_and_a_websocket_must_say_whose_it_is() -> None:
    assert GUARD.refusal("localhost:8000", "http://localhost:8000", needs_origin=True) == ""
    assert GUARD.refusal("localhost:8000", "https://localhost:8000", needs_origin=True) == ""
    assert GUARD.refusal("localhost:8000", None, needs_origin=True)


@given(st.text())
def test_no_other_token_is_known(token: str) -> None:
    assert GUARD.knows(token) is (token == "the token")


@given(st.text(), st.text() | st.none())
def test_whatever_a_header_says_there_is_an_answer(host: str, origin: str | None) -> None:
    assert isinstance(GUARD.refusal(host, origin), str)


def test_a_token_is_not_guessed_and_is_not_shown() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {32}
    assert "the token" not in repr(GUARD)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False), ("box", False)],
)
def test_what_only_this_machine_reaches(host: str, loopback: bool) -> None:
    assert binds_loopback(host) is loopback
