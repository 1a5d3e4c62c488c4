"""Decide which requests are answered: those with the token, under a name of this machine, from its own page."""

import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

TOKEN_BYTES = 24
"""Random bytes of a token; in the address they are 32 characters."""


def new_token() -> str:
    """Return a random token that can stand in an address."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def binds_loopback(host: str) -> bool:
    """Tell whether only this machine reaches a server that is bound to `host`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True)
class Guard:
    """Who is answered.

    A page of another site may make a browser ask for anything: by a name that it has point to this machine (DNS
    rebinding), or by a websocket, to which no browser applies the rule of the same origin. So `Host` must be an
    address or a known name, which a stranger cannot have point here, and `Origin` the page's own. The port of `Host` is
    not checked: it is another one behind `ssh -L`.
    """

    token: str = field(repr=False)
    names: Collection[str] = ()
    """Names of this machine beside `localhost`, in lower case."""
    loopback: bool = True
    """Whether only loopback addresses can be this machine's."""

    def knows(self, token: str) -> bool:
        """Tell whether `token` is the right one, in a time that does not depend on where it differs."""
        return hmac.compare_digest(token.encode("utf-8", "surrogateescape"), self.token.encode())

    def refusal(self, host: str, origin: str | None, *, needs_origin: bool = False) -> str:
        """Return why a request with these headers is refused, as one sentence; empty where it is not.

        `needs_origin`: a browser always names the page, so that a request without is refused.
        """
        if not self._is_ours(host):
            return "This name is not one of the server's."
        if origin is None:
            return "The request does not say which page it is of." if needs_origin else ""
        # Whole, with the port: another server of this machine is another site. A proxy may add TLS.
        return "" if origin in (f"http://{host}", f"https://{host}") else "Another site's page may not ask this server."

    def _is_ours(self, host: str) -> bool:
        try:
            parts = urlsplit(f"//{host}")
            name, _ = parts.hostname or "", parts.port
        except ValueError:
            return False
        if parts.netloc != host or parts.username is not None:
            return False
        try:
            address = ip_address(name)
        except ValueError:
            return name == "localhost" or name in self.names
        return address.is_loopback or not self.loopback
