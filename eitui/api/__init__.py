"""The only room that knows HTTP and JSON: models, client, errors."""

import sys
from types import ModuleType
from typing import cast

# `import httpx` also imports httpx's own command line, with click, pygments and rich (40 ms, and rich has no business
# below the screen), wherever those are installed; it carries on without them when that module cannot be imported.
sys.modules.setdefault("httpx._main", cast(ModuleType, None))
