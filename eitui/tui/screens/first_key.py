"""The first run: how to get an API key and how to give it."""

from typing import ClassVar, Protocol

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from eitui.errors import EituiError

_LONGEST = 5000
"""Characters that are taken: more than any key has, so that one that is too long is said to be."""


class KeyTaker(Protocol):
    """What is done with a key."""

    host: str
    """Of the service, clean."""
    unencrypted: bool
    """Whether the key travels in the clear."""
    file: str
    """The settings file, clean."""

    async def check(self, text: str) -> str:
        """Have the service check a key; return what it is good for, in a sentence. Raises EituiError."""

    async def places(self) -> list[tuple[str, str]]:
        """Return where the key can be stored: the place's name, and what to show."""

    async def store(self, place: str) -> None:
        """Store the key that was checked. Raises EituiError."""


class KeyInput(Input):
    """Shows dots, and lets nothing out of it."""

    def __init__(self) -> None:
        super().__init__(password=True, max_length=_LONGEST, compact=True, select_on_focus=False)
        self.cursor_blink = False  # A blinking cursor is sent over the line for as long as nobody types.

    def action_copy(self) -> None:
        """Copy nothing: a clipboard is no place for a key."""

    def action_cut(self) -> None:
        """Cut nothing."""


class FirstKey(ModalScreen[bool]):
    """Returns whether there is a key now."""

    BINDINGS: ClassVar = [("escape", "leave", "Quit")]

    def __init__(self, taker: KeyTaker) -> None:
        super().__init__()
        self._taker = taker
        self._input = KeyInput()
        self._hint = Static(markup=False, id="hint")
        self._places = OptionList(id="places", markup=False)

    def compose(self) -> ComposeResult:
        """Show what to do, a line for the key, and below it what is wrong with it."""
        taker = self._taker
        clear = " It travels unencrypted (http): anyone on the way can read it." if taker.unencrypted else ""
        with VerticalScroll(id="first-key", can_focus=False) as box:
            box.border_title = "eitui needs an API key"
            box.border_subtitle = "enter, esc quits"
            yield Static(
                Content(
                    "1. Open your project in the Edge Impulse Studio: Dashboard > Keys. Copy the API key.\n"
                    "2. Paste it here and press enter. It is not shown, and is sent to no other host than "
                    f"{taker.host}.{clear}\n\nAPI key:"
                ),
                markup=False,
            )
            yield self._input
            yield self._hint
            yield self._places
            yield Static(
                Content(
                    f"\nOther ways: set EI_API_KEY, or put api_key_file or api_key_command into {taker.file}, such as "
                    'api_key_command = "pass show edge-impulse". `eitui config init` writes that file; '
                    "`pip install 'eitui[keyring]'` lets eitui use the keyring of the desktop. "
                    "`eitui demo` needs no key."
                ),
                markup=False,
            )

    def on_mount(self) -> None:
        """Begin with the key."""
        self._places.display = False
        self._input.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Check the key."""
        event.stop()
        if event.value.strip() and not self._input.disabled:
            self._input.disabled = True
            self._say("Checking the key…")
            self.run_worker(self._check(event.value), exclusive=True)

    async def _check(self, text: str) -> None:
        try:
            found = await self._taker.check(text)
        except EituiError as error:
            self._input.disabled = False
            # One that was not taken is pasted anew: nobody can mend dots.
            self._input.clear()
            self._input.focus()
            self._say(error.sentence, wrong=True)
            return
        self._input.clear()
        self._input.display = False
        self._say(f"{found} Where shall it be stored?")
        self._places.add_options([Option(Content(f" {what} "), id=name) for name, what in await self._taker.places()])
        self._places.display = True
        self._places.highlighted = 0
        self._places.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Store the key."""
        event.stop()
        if event.option_id is not None and self.is_current:
            self.run_worker(self._store(event.option_id), exclusive=True)

    async def _store(self, place: str) -> None:
        try:
            await self._taker.store(place)
        except EituiError as error:
            self._say(f"{error.sentence} Choose another place.", wrong=True)
        else:
            if self.is_current:
                self.dismiss(True)

    def action_leave(self) -> None:
        """Give no key."""
        if self.is_current:
            self.dismiss(False)

    def _say(self, what: str, *, wrong: bool = False) -> None:
        self._hint.set_class(wrong, "-wrong")
        self._hint.update(Content(what))
