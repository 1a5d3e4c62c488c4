"""Whose certificates are trusted."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from eitui.config.errors import SettingsError
from eitui.domain.text import clean

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
