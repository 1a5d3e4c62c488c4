"""What the app tells its screens."""

from textual.message import Message

from eitui.domain.moment import Alert, Moment
from eitui.feed.events import Source


class SourceOpened(Message):
    """It is known where moments come from."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source


class MomentArrived(Message):
    """There is something newer to show. A slow terminal skips the ones in between."""

    def __init__(self, moment: Moment) -> None:
        super().__init__()
        self.moment = moment

    def can_replace(self, message: Message) -> bool:
        """Let a newer moment take the place of an older one."""
        return isinstance(message, MomentArrived)


class AlertsRaised(Message):
    """Something happened that deserves attention; unlike moments these are never skipped."""

    def __init__(self, alerts: tuple[Alert, ...]) -> None:
        super().__init__()
        self.alerts = alerts


class CopyAsked(Message):
    """The user wants `text` on the clipboard; `about` is how the answer names it."""

    def __init__(self, text: str, about: str) -> None:
        super().__init__()
        self.text = text
        self.about = about
