"""What the user set, and where: flags win, then the environment, then the file, then the defaults."""

from eitui.config.errors import SettingsError
from eitui.config.secret import Secret
from eitui.config.settings import KEY_VARIABLES, Settings, describe, load

__all__ = ["KEY_VARIABLES", "Secret", "Settings", "SettingsError", "describe", "load"]
