import pytest

from eitui.config import SettingsError
from eitui.config.endpoint import endpoint, endpoint_of_host, is_loopback


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://studio.edgeimpulse.com", "https://studio.edgeimpulse.com/v1"),
        ("https://studio.edgeimpulse.com/v1", "https://studio.edgeimpulse.com/v1"),
        ("https://studio.edgeimpulse.com/v1/", "https://studio.edgeimpulse.com/v1"),
        (" HTTPS://Studio.Example.Test:8443/ ", "https://studio.example.test:8443/v1"),
        ("http://[::1]:4800/v1", "http://[::1]:4800/v1"),
        ("http://10.0.0.1/studio/v1", "http://10.0.0.1/studio/v1"),
        ("https://studio.example.test/behind/a/proxy", "https://studio.example.test/behind/a/proxy/v1"),
    ],
)
def test_the_ways_to_write_an_endpoint(text: str, url: str) -> None:
    assert endpoint(text, "test") == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "studio.edgeimpulse.com",
        "ftp://studio.edgeimpulse.com",
        "https://",
        "https:///v1",
        "https://[::1",
        "https://[xyz]",
        "https://host:99999",
        "https://host:0",
        "https://host:x",
        "https://ei_secret:ei_secret@host",
        "https://host?key=ei_secret",
        "https://host#ei_secret",
        "https://ho st/ei_secret",
        "https://host\n/ei_secret",
        "https://h\u00f6st/ei_secret",
        "https://host\\ei_secret",
        "https://-.-/",
        "https://a..b/ei_secret",
        "https://" + "a" * 64,
    ],
)
def test_what_is_no_endpoint_is_not_repeated(text: str) -> None:
    with pytest.raises(SettingsError, match=r"endpoint.*\(environment X\)") as raised:
        endpoint(text, "environment X")
    assert "ei_secret" not in raised.value.what + raised.value.advice


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("edgeimpulse.com", "https://studio.edgeimpulse.com/v1"),
        ("studio.edgeimpulse.com", "https://studio.edgeimpulse.com/v1"),
        ("localhost", "http://localhost:4800/v1"),
        ("localhost:5000", "http://localhost:5000/v1"),
        ("192.168.1.5", "http://192.168.1.5:4800/v1"),
        ("::1", "http://[::1]:4800/v1"),
        ("[::1]:5000", "http://[::1]:5000/v1"),
    ],
)
def test_a_host_is_read_as_edge_impulses_own_clients_do(host: str, url: str) -> None:
    assert endpoint_of_host(host, "test") == url


@pytest.mark.parametrize("host", ["https://studio.edgeimpulse.com", "user@host", "", "a b", "host:99999"])
def test_what_is_no_host(host: str) -> None:
    with pytest.raises(SettingsError):
        endpoint_of_host(host, "test")


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:80/v1", True),
        ("http://127.9.9.9/v1", True),
        ("http://[::1]/v1", True),
        ("http://localhost/v1", True),
        ("http://10.0.0.1/v1", False),
        ("http://localhost.example.test/v1", False),
    ],
)
def test_loopback(url: str, loopback: bool) -> None:
    assert is_loopback(url) is loopback
