"""What is known of one key."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Key:
    """One thing that a key does."""

    id: str
    """What a user's keymap calls it."""
    keys: str
    """Textual's names of the keys, separated by commas."""
    action: str
    label: str
    """One or two words, for the footer."""
    help: str
    """A sentence, for the help screen and the palette."""
    group: str
    shown: str = ""
    """How the keys are written for people; empty for the first key's own name."""
    footer: int = 0
    """Its place in the footer; 0: not there."""
    past: tuple[int, str] = (0, "")
    """Its place in the footer while the past is shown, and what it is called there; 0: not there."""

    @property
    def display(self) -> str:
        """The keys as people read them."""
        return self.shown or self.keys.split(",")[0]
