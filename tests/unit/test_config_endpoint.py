"""The way to the service: its address, and the proxy that may be in between."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.config import SettingsError
from eitui.config.endpoint import Route, endpoint, endpoint_of_host, is_loopback, route


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


HERE = "https://studio.example.test/v1"
PROXY = "http://proxy.example.test:3128"


def way(endpoint: str = HERE, system: dict[str, str] | None = None, **environ: str) -> Route:
    return route(endpoint, environ, system or {})


@pytest.mark.parametrize(
    ("endpoint", "environ", "origin"),
    [
        (HERE, {"HTTPS_PROXY": PROXY}, "HTTPS_PROXY"),
        (HERE, {"https_proxy": PROXY, "HTTPS_PROXY": "http://other"}, "https_proxy"),
        (HERE, {"ALL_PROXY": PROXY, "HTTP_PROXY": "http://other"}, "ALL_PROXY"),
        (HERE, {"all_proxy": PROXY, "https_proxy": ""}, "all_proxy"),
        ("http://studio.example.test/v1", {"HTTP_PROXY": PROXY, "HTTPS_PROXY": "http://other"}, "HTTP_PROXY"),
        (HERE, {"HTTPS_PROXY": PROXY, "NO_PROXY": "other.test,,10.0.0.0/8, [::1] nonsense/x:y"}, "HTTPS_PROXY"),
        (HERE, {"HTTPS_PROXY": PROXY, "NO_PROXY": "*", "no_proxy": ""}, "HTTPS_PROXY"),
    ],
)
def test_the_variable_for_the_scheme_wins_and_the_lower_case_spelling(
    endpoint: str, environ: dict[str, str], origin: str
) -> None:
    assert way(endpoint, None, **environ) == Route(PROXY, PROXY, f"environment {origin}")


def test_without_a_variable_the_systems_settings_count() -> None:
    assert way() == Route()
    assert way(system={"https": PROXY}) == Route(PROXY, PROXY, "the system's settings")
    assert way(system={"http": PROXY}) == Route()
    assert way(system={"https": PROXY}, NO_PROXY="example.test") == Route(origin="environment NO_PROXY")


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:4800/v1", "https://[::1]/v1", "http://localhost/v1"])
def test_the_way_to_this_machine_leads_through_none(endpoint: str) -> None:
    assert way(endpoint, ALL_PROXY="nonsense://", HTTP_PROXY=PROXY, HTTPS_PROXY=PROXY).proxy is None


@pytest.mark.parametrize(
    ("endpoint", "entry", "covered"),
    [
        (HERE, "*", True),
        (HERE, "studio.example.test", True),
        (HERE, "STUDIO.Example.Test.", True),
        (HERE, "example.test", True),
        (HERE, ".example.test", True),
        (HERE, "*.example.test", True),
        (HERE, "ample.test", False),
        (HERE, "other.example.test", False),
        (HERE, ".", False),
        (HERE, "studio.example.test:443", True),
        (HERE, "studio.example.test:8443", False),
        (HERE, "https://studio.example.test", True),
        (HERE, "http://studio.example.test", False),
        ("https://studio.example.test:8443/v1", "example.test:8443", True),
        ("http://studio.example.test/v1", "example.test:80", True),
        ("http://10.1.2.3:4800/v1", "10.1.2.3", True),
        ("http://10.1.2.3:4800/v1", "10.1.2.3:4800", True),
        ("http://10.1.2.3:4800/v1", "10.1.2.3:4801", False),
        ("http://10.1.2.3/v1", "10.0.0.0/8", True),
        ("http://10.1.2.3/v1", "10.9.9.9/8", True),
        ("http://10.1.2.3/v1", "11.0.0.0/8", False),
        ("http://10.1.2.3/v1", "2.3", False),
        ("http://[fd00::5]/v1", "fd00::/8", True),
        ("http://[fd00::5]/v1", "[fd00::/8]", True),
        ("http://[fd00::5]/v1", "[fd00::]/8", True),
        ("http://[fd00::5]/v1", "fd00:0::5", True),
        ("http://[fd00::5]:4800/v1", "[fd00::5]", True),
        ("http://[fd00::5]:4800/v1", "[fd00::5]:4800", True),
        ("http://[fd00::5]:4800/v1", "[fd00::5]:4801", False),
        ("http://[fd00::5]/v1", "::1", False),
        ("http://[fd00::5]/v1", "0.0.0.0/0", False),
    ],
)
def test_the_ways_to_name_a_host_that_is_reached_without(endpoint: str, entry: str, covered: bool) -> None:
    found = way(endpoint, ALL_PROXY=PROXY, NO_PROXY=f"elsewhere.test, {entry}")
    assert (found.proxy is None) is covered


addresses = st.ip_addresses(v=4) | st.ip_addresses(v=6)


@given(addresses, st.data())
def test_a_network_covers_every_address_in_it_and_no_other(
    address: IPv4Address | IPv6Address, data: st.DataObject
) -> None:
    size = data.draw(st.integers(0, address.max_prefixlen))
    other = data.draw(st.ip_addresses(v=4) if address.version == 4 else st.ip_addresses(v=6))
    network = (IPv4Network if address.version == 4 else IPv6Network)((int(address), size), strict=False)
    host = f"[{other}]" if other.version == 6 else str(other)
    found = way(f"http://{host}/v1", ALL_PROXY=PROXY, NO_PROXY=f"{address}/{size}")
    assert (found.proxy is None) is (other in network or other.is_loopback)


words = st.text(st.characters(codec="utf-8"), max_size=40) | st.text("[]:/.*,@%#?\\ 0afd1", max_size=40)


@given(words, words)
def test_no_entry_and_no_proxy_ever_breaks_it_or_shows_a_password(entry: str, proxy: str) -> None:
    try:
        found = way(ALL_PROXY=f"http://somebody:hush-hush{proxy}@proxy", NO_PROXY=entry)
    except SettingsError as error:
        result = f"{error.what} {error.advice}"
    else:
        result = f"{found!r} {found.shown} {found.origin}"
    assert "hush" not in result
    assert "somebody" not in result


@given(words)
def test_whatever_no_proxy_covers_the_proxy_is_not_looked_at(proxy: str) -> None:
    assert way(HTTPS_PROXY=proxy, ALL_PROXY="socks5://x", NO_PROXY="example.test").proxy is None


@pytest.mark.parametrize(
    ("result", "url", "shown"),
    [
        ("proxy:3128", "http://proxy:3128", "http://proxy:3128"),
        ("HTTP://proxy/", "http://proxy/", "http://proxy"),
        ("https://me:hush%40@Proxy.test:3129", "https://me:hush%40@Proxy.test:3129", "https://proxy.test:3129"),
        ("socks5h://[fd00::1]:1080", "socks5h://[fd00::1]:1080", "socks5h://[fd00::1]:1080"),
        ("socks://127.0.0.1:1080/", "socks5://127.0.0.1:1080/", "socks5://127.0.0.1:1080"),
    ],
)
def test_the_ways_to_write_a_proxy(result: str, url: str, shown: str) -> None:
    found = way(ALL_PROXY=result)
    assert (found.proxy, found.shown) == (url, shown)
    assert "hush" not in repr(found)


@pytest.mark.parametrize(
    "result",
    [
        "ftp://proxy",
        "socks4://proxy",
        "http://",
        "http://:3128",
        "http://me:hush/x@proxy:3128",
        "http://me:12/hush@proxy:3128",
        "http://me:hush#x@proxy",
        "http://proxy:0",
        "http://proxy:99999",
        "http://[::1",
        "http://pr\x1boxy",
    ],
)
def test_what_is_no_proxy_is_not_repeated(result: str) -> None:
    with pytest.raises(SettingsError, match=r"environment ALL_PROXY") as raised:
        way(ALL_PROXY=result)
    assert "hush" not in raised.value.what + raised.value.advice
    assert "\x1b" not in raised.value.what + raised.value.advice
