"""The address of the API."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from eitui.config.errors import SettingsError

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
    parts, port = _split(text.strip(), origin)
    path = parts.path.rstrip("/")
    if not path.endswith("/v1"):
        path += "/v1"
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{'' if port is None else f':{port}'}{path}"


def _split(text: str, origin: str) -> tuple[SplitResult, int | None]:
    if not (text.isascii() and text.isprintable()) or " " in text or "\\" in text:
        raise SettingsError(f"The API endpoint has characters that no URL has ({origin})", _ADVICE)
    try:
        parts = urlsplit(text)
    except ValueError:
        raise SettingsError(f"The API endpoint is not a URL ({origin})", _ADVICE) from None
    if parts.scheme not in ("http", "https"):
        raise SettingsError(f"The API endpoint starts with neither https:// nor http:// ({origin})", _ADVICE)
    if parts.username is not None or parts.password is not None:
        raise SettingsError(f"The API endpoint holds a user name or a password ({origin})", _ADVICE)
    if parts.query or parts.fragment:
        raise SettingsError(f"The API endpoint has a ? or # part ({origin})", _ADVICE)
    _check_host(parts.hostname or "", origin)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise SettingsError(f"The API endpoint's port is not a number from 1 to 65535 ({origin})", _ADVICE)
    return parts, port


def _check_host(host: str, origin: str) -> None:
    if ":" in host:
        if not _is_address(host):
            raise SettingsError(f"The API endpoint's host is not an IPv6 address ({origin})", _ADVICE)
        return
    labels = host.removesuffix(".").split(".")
    if not all(label and len(label) <= 63 and label.replace("-", "").replace("_", "").isalnum() for label in labels):
        raise SettingsError(f"The API endpoint has no valid host name ({origin})", _ADVICE)


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
    name, port = _name_and_port(host)
    if name.lower() == "localhost" or _is_address(name):
        return endpoint(f"http://{host if port else f'{host}:{LOCAL_PORT}'}", origin)
    prefix = "" if name.lower().startswith("studio.") else "studio."
    return endpoint(f"https://{prefix}{host}", origin)


def _name_and_port(host: str) -> tuple[str, str]:
    if host.startswith("["):
        name, _, rest = host[1:].partition("]")
        return name, rest.removeprefix(":")
    name, _, port = host.partition(":")
    return name, port


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
