"""How the service proves who it is."""

import os
import ssl
from collections.abc import Mapping

from eitui.api.errors import BadSettings
from eitui.api.http import httpx
from eitui.config.endpoint import trust


def verifying(environ: Mapping[str, str]) -> ssl.SSLContext:
    """Return what verifies certificates. Loading those that are trusted takes some 30 ms.

    Raises:
        SettingsError: `environ` names certificates that are not there.
        BadSettings: they cannot be read, or the keys of connections cannot be written where SSLKEYLOGFILE says.
    """
    trusted = trust(environ)
    try:
        if trusted.file is None and trusted.directory is None:
            return httpx.create_ssl_context(trust_env=False)
        return ssl.create_default_context(cafile=trusted.file, capath=trusted.directory)
    except OSError as error:
        why = f": {error.strerror.lower()}" if error.strerror and not isinstance(error, ssl.SSLError) else ""
        # Python writes there for whoever debugs TLS.
        if error.filename is not None and error.filename == os.environ.get("SSLKEYLOGFILE"):
            raise BadSettings(
                f"The keys of connections cannot be written where SSLKEYLOGFILE says{why}",
                "Unset SSLKEYLOGFILE, or name a file that can be written.",
            ) from None
        raise BadSettings(
            f"The certificates cannot be read ({trusted.origin}){why}", "It must name certificates in PEM form."
        ) from None
