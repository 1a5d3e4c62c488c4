"""The settings file to begin with: every setting with what it is, each line a comment."""

import textwrap

from eitui.config.settings import SETTINGS, Setting

_TABLES = ("on", "keys")
"""They come last: what follows the head of a table is in it."""

_HEAD = """\
# Settings of eitui. Remove the # from the start of a line to set something.
# Flags and the environment win over this file. `eitui config check` checks it.
"""


def template() -> str:
    """Return the file, made from the table of settings: it sets nothing."""
    ordinary = [setting for name, setting in SETTINGS.items() if name not in _TABLES]
    tables = [SETTINGS[name] for name in _TABLES]
    return "\n".join([_HEAD, *map(_entry, ordinary), *map(_entry, tables)])


def _entry(setting: Setting) -> str:
    several = " Use one of these." if len(setting.spellings) > 1 else ""
    lines = textwrap.wrap(setting.help + several, 96, initial_indent="# ", subsequent_indent="# ")
    for spelling in setting.spellings:
        if setting.field in _TABLES:
            lines += [f"#[{spelling.name}]", f"#{spelling.example}"]
        else:
            lines.append(f"#{spelling.name} = {spelling.example}")
    return "\n".join(lines) + "\n"
