"""The log: what was not expected, with its traceback, to find the cause.

Nothing is written until a handler is added to the logger `eitui`. A traceback may hold what a service said; messages of
exceptions may hold more: a handler must redact before it writes.
"""

import logging

log = logging.getLogger("eitui")
log.addHandler(logging.NullHandler())
