"""The way to the service: the address of the API, the proxy in between, and whose certificates are trusted."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from eitui.config.errors import SettingsError
from eitui.domain.text import clean

DEFAULT = "https://studio.edgeimpulse.com/v1"
"""The API of the public Studio."""

LOCAL_PORT = 4800
"""Where a Studio on one's own machine listens, as Edge Impulse's own clients assume."""

_ADVICE = f"It looks like {DEFAULT}."


def endpoint(text: str, origin: str) -> str:
    """Return `text` as the API's base URL: scheme, host, port and path, the path ending in `/v1`.

    `https://host`, `https://host/v1` and `https://host/v1/` are the same. `origin` says in the message where it came
    from; the message does not repeat the text, which may hold a password or a misplaced key.

    Raises:
        SettingsError: it is not such a URL.
    """
    text = text.strip()
    if not (text.isascii() and text.isprintable()) or " " in text or "\\" in text:
        raise SettingsError(f"The API endpoint has characters that no URL has ({origin})", _ADVICE)
    try:
        parts = urlsplit(text)
    except ValueError:
        raise SettingsError(f"The API endpoint is not a URL ({origin})", _ADVICE) from None
    try:
        port = parts.port
    except ValueError:
        port = 0
    host, wrong = parts.hostname or "", ""
    labels = [
        label.replace("-", "").replace("_", "") if len(label) <= 63 else ""
        for label in host.removesuffix(".").split(".")
    ]
    if parts.scheme not in ("http", "https"):
        wrong = " starts with neither https:// nor http://"
    elif parts.username is not None or parts.password is not None:
        wrong = " holds a user name or a password"
    elif parts.query or parts.fragment:
        wrong = " has a ? or # part"
    elif ":" in host and not _is_address(host):
        wrong = "'s host is not an IPv6 address"
    elif ":" not in host and not all(map(str.isalnum, labels)):
        wrong = " has no valid host name"
    elif port == 0:
        wrong = "'s port is not a number from 1 to 65535"
    if wrong:
        raise SettingsError(f"The API endpoint{wrong} ({origin})", _ADVICE)
    path = parts.path.rstrip("/")
    host = f"[{host}]" if ":" in host else host
    end = "" if path.endswith("/v1") else "/v1"
    return f"{parts.scheme}://{host}{'' if port is None else f':{port}'}{path}{end}"


def endpoint_of_host(host: str, origin: str) -> str:
    """Return the API's base URL on `host`, as Edge Impulse's own clients read `EI_HOST`.

    A name is the domain of a Studio (`edgeimpulse.com` is `https://studio.edgeimpulse.com/v1`); an IP address or
    `localhost` is a Studio on port 4800, without TLS, unless another port is given.

    Raises:
        SettingsError: it is not a host.
    """
    host = host.strip()
    if not host or "/" in host or "@" in host:
        raise SettingsError(f"The host is not a host name ({origin})", "Set the endpoint to give a whole URL.")
    if _is_address(host) and ":" in host:
        host = f"[{host}]"
    bracketed = host.startswith("[")
    name, _, port = host.removeprefix("[").partition("]" if bracketed else ":")
    port = port.removeprefix(":") if bracketed else port
    if name.lower() == "localhost" or _is_address(name):
        return endpoint(f"http://{host if port else f'{host}:{LOCAL_PORT}'}", origin)
    prefix = "" if name.lower().startswith("studio.") else "studio."
    return endpoint(f"https://{prefix}{host}", origin)


def is_loopback(url: str) -> bool:
    """Whether `url` stays on this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return _is_address(host) and ip_address(host).is_loopback


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
"""Variables that name certificates, the last one only where neither of the others is set."""


@dataclass(frozen=True)
class Trust:
    """The certificates that a service's certificate must come from; where both are None, the usual ones."""

    file: Path | None = None
    directory: Path | None = None
    origin: str = "default"
    """Where they were named, such as `environment SSL_CERT_FILE`."""

    @property
    def shown(self) -> str:
        """What to show for them."""
        return ", ".join(clean(str(path)) for path in (self.file, self.directory) if path) or "the usual authorities"


def trust(environ: Mapping[str, str]) -> Trust:
    """Return whose certificates are trusted as the environment has it.

    Raises:
        SettingsError: there is no such file or directory.
    """
    file, directory, bundle = (Path(environ[name]) if environ.get(name) else None for name in _VARIABLES)
    names = [name for name, path in zip(_VARIABLES, (file, directory), strict=False) if path]
    if not names and bundle is not None:
        names = [_VARIABLES[2]]
        file, directory = (None, bundle) if bundle.is_dir() else (bundle, None)
    if not names:
        return Trust()
    origin = f"environment {', '.join(names)}"
    for path, there in ((file, Path.is_file), (directory, Path.is_dir)):
        if path is not None and not there(path):
            kind = "file" if path is file else "directory"
            raise SettingsError(
                f"There is no {kind} of certificates where {origin} says", f"It says {clean(str(path))}."
            )
    return Trust(file, directory, origin)


SCHEMES = {"http": "http", "https": "https", "socks5": "socks5", "socks5h": "socks5h", "socks": "socks5"}
"""Ways to speak to a proxy, as variables name them (GNOME: `socks`), with how httpx does."""

_IN_HOSTS = str.maketrans("", "", "-_.:")
"""What the names and addresses of hosts have beside letters and digits."""

_PORTS = {"http": 80, "https": 443}

_PROXY_ADVICE = "It looks like http://proxy.example:3128. In a password, / ? # @ are written as %2F %3F %23 %40."


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
    malformed = SettingsError(f"The proxy is no address of a proxy ({origin})", _PROXY_ADVICE)
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
    rest = rest if found else kind
    if rest.startswith("["):
        name, _, only = rest[1:].partition("]")
        name, only = (name, only[1:]) if only.startswith(":") else (name + only, "")
    else:
        name, _, only = rest.partition(":")
        name, only = (rest, "") if ":" in only else (name, only)
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
