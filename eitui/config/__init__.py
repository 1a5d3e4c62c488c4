"""What the user set, and where: flags win, then the environment, then the file, then the defaults."""

from eitui.config.errors import SettingsError
from eitui.config.key import Secret
from eitui.config.settings import KEY_VARIABLES, SETTINGS, Settings, describe, load, log_file_of

__all__ = ["KEY_VARIABLES", "SETTINGS", "Secret", "Settings", "SettingsError", "describe", "load", "log_file_of"]
