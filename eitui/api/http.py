"""httpx without its command line.

`import httpx` also imports `httpx._main`, and with it click, pygments and rich (40 ms, a quarter of the start of
`eitui status`), wherever those are installed; httpx carries on without that module where it cannot be found. It is
hidden for the time of this one import: whoever imports it later finds it.
"""

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec

__all__ = ["httpx"]


class _NoCommandLine(MetaPathFinder):
    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if fullname == "httpx._main":
            raise ModuleNotFoundError("hidden while eitui imports httpx", name=fullname)
        return None


_hidden = _NoCommandLine()
sys.meta_path.insert(0, _hidden)
try:
    import httpx
finally:
    sys.meta_path.remove(_hidden)
