"""Whether the way to the service leads through a proxy, and through which."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from eitui.config.endpoint import is_loopback
from eitui.config.errors import SettingsError

SCHEMES = {"http": "http", "https": "https", "socks5": "socks5", "socks5h": "socks5h", "socks": "socks5"}
"""Ways to speak to a proxy, as variables name them (GNOME: `socks`), with how httpx does."""

_IN_HOSTS = str.maketrans("", "", "-_.:")
"""What the names and addresses of hosts have beside letters and digits."""

_PORTS = {"http": 80, "https": 443}

_ADVICE = "It looks like http://proxy.example:3128. In a password, / ? # @ are written as %2F %3F %23 %40."


@dataclass(frozen=True)
class Route:
    """The way to the service."""

    proxy: str | None = field(default=None, repr=False)
    """The proxy's URL, which may hold a password; None when there is none on the way."""
    shown: str = "none"
    """The proxy's URL without user name and password."""
    origin: str = "default"
    """Where it was said that this is the way, such as `environment HTTPS_PROXY`."""


def route(endpoint: str, environ: Mapping[str, str], system: Mapping[str, str]) -> Route:
    """Return the way to `endpoint`, which is a checked one.

    `environ` may name proxies in HTTPS_PROXY, HTTP_PROXY and ALL_PROXY, and in NO_PROXY hosts that are reached without;
    the lower-case spelling of each wins, even when it is empty. `system` has the proxies that the desktop's settings
    name, by scheme. No proxy has any business between this machine and itself.

    Raises:
        SettingsError: the proxy is malformed; the message does not repeat it, as it may hold a password.
    """
    parts = urlsplit(endpoint)
    if is_loopback(endpoint):
        return Route(origin="the service is on this machine")
    value, name = _variable(environ, "NO_PROXY")
    host, port = (parts.hostname or "").rstrip("."), parts.port or _PORTS[parts.scheme]
    if any(_covers(entry, parts.scheme, host, port) for entry in value.replace(",", " ").split()):
        return Route(origin=f"environment {name}")
    for variable in (f"{parts.scheme.upper()}_PROXY", "ALL_PROXY"):
        value, name = _variable(environ, variable)
        if value:
            return _through(value, f"environment {name}")
    if value := system.get(parts.scheme, ""):
        return _through(value, "the system's settings")
    return Route()


def present_route(endpoint: str) -> Route:
    """Return the way to `endpoint` as this process's environment and the system have it; raises as `route` does."""
    from urllib.request import getproxies

    return route(endpoint, os.environ, getproxies())


def _variable(environ: Mapping[str, str], name: str) -> tuple[str, str]:
    spelt = name.lower() if name.lower() in environ else name
    return environ.get(spelt, "").strip(), spelt


def _through(value: str, origin: str) -> Route:
    scheme, found, rest = value.partition("://")
    scheme, rest = (scheme.lower(), rest) if found else ("http", value)
    if scheme not in SCHEMES:
        raise SettingsError(f"The proxy is of a kind that eitui cannot use ({origin})", f"Kinds: {', '.join(SCHEMES)}.")
    url = f"{SCHEMES[scheme]}://{rest}"
    malformed = SettingsError(f"The proxy is no address of a proxy ({origin})", _ADVICE)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise malformed from None
    # Behind a password with a character that ends the host, its first half would be taken for the host.
    straight = "@" not in f"{parts.path}{parts.query}{parts.fragment}" and url.isascii() and url.isprintable()
    if not straight or port == 0 or not host.translate(_IN_HOSTS).isalnum():
        raise malformed
    host = f"[{host}]" if ":" in host else host
    return Route(url, f"{SCHEMES[scheme]}://{host}{'' if port is None else f':{port}'}", origin)


def _covers(entry: str, scheme: str, host: str, port: int) -> bool:
    """Whether an entry of NO_PROXY means this host: `*`, a name with all below it, an address or a network.

    A port or a scheme with it narrows it; whatever else it is means no host.
    """
    if entry == "*":
        return True
    kind, found, rest = entry.lower().partition("://")
    name, only = _name_and_port(rest if found else kind)
    if (found and kind != scheme) or (only and only != str(port)):
        return False
    try:
        address = ip_address(host)
    except ValueError:
        name = name.removeprefix("*").strip(".")
        return bool(name) and f".{host}".endswith(f".{name}")
    try:
        return address in ip_network(name, strict=False)
    except ValueError:
        return False


def _name_and_port(entry: str) -> tuple[str, str]:
    if entry.startswith("["):
        name, _, rest = entry[1:].partition("]")
        return (name, rest[1:]) if rest.startswith(":") else (name + rest, "")
    name, _, port = entry.partition(":")
    return (entry, "") if ":" in port else (name, port)
