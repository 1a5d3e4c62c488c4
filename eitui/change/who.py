"""Who makes a change: the user of this machine."""

import getpass
import socket
from collections.abc import Callable

from eitui.domain.text import clean


def local_user(user: Callable[[], str] = getpass.getuser, host: Callable[[], str] = socket.gethostname) -> str:
    """Return the user and the machine as `user@host`; `someone` where the machine does not know."""
    try:
        name = user()
    except (OSError, KeyError, ImportError):  # a user id without a name, as in containers
        name = "someone"
    return clean(f"{name}@{host()}", 128)
