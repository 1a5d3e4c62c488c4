"""Every key there is, once: the bindings, the footer, the help screen and the palette come from this table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from textual.binding import Binding, BindingType


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


KEYS: tuple[Key, ...] = (
    Key("pane.trials", "1", "pane('trials')", "Trials pane", "Go to the trial table", "Panes"),
    Key("pane.curves", "2", "pane('curves')", "Curves pane", "Go to the curves of the selected trial", "Panes"),
    Key("pane.workers", "3", "pane('workers')", "Workers pane", "Go to the workers", "Panes"),
    Key("pane.alerts", "4", "pane('alerts')", "Alerts pane", "Go to the alerts", "Panes"),
    Key("pane.next", "tab", "next_pane(1)", "Next pane", "Go to the next pane", "Panes"),
    Key("pane.previous", "shift+tab", "next_pane(-1)", "Previous pane", "Go to the previous pane", "Panes", "⇧tab"),
    Key("pane.zoom", "z", "zoom", "Zoom", "Give the pane the whole screen, or take it back", "Panes", footer=5),
    Key("app.back", "escape", "back", "Back", "Back to all panes", "Panes", "Esc"),
    Key("move.down", "down,j", "move(1)", "Down", "Next trial, or next line", "Moving", "↓ j"),
    Key("move.up", "up,k", "move(-1)", "Up", "Previous trial, or previous line", "Moving", "↑ k"),
    Key("move.page_down", "pagedown,ctrl+f", "move_page(1)", "Page down", "One screenful down", "Moving", "PgDn ^f"),
    Key("move.page_up", "pageup,ctrl+b", "move_page(-1)", "Page up", "One screenful up", "Moving", "PgUp ^b"),
    Key("move.first", "home,g", "move_page(-1000000)", "First", "The first", "Moving", "Home g"),
    Key("move.last", "end,G", "move_page(1000000)", "Last", "The last", "Moving", "End G"),
    Key(
        "move.right", "right,l", "columns(1)", "More columns", "Bring columns further right into sight", "Moving", "→ l"
    ),
    Key("move.left", "left,h", "columns(-1)", "Columns back", "Bring columns further left into sight", "Moving", "← h"),
    Key(
        "trial.open", "enter", "open", "Curves", "Curves of the selected trial on the whole screen", "Trials", footer=1
    ),
    Key("trial.sort", "s", "sort", "Sort", "Choose the column to sort by", "Trials", footer=2),
    Key("trial.reverse", "S", "reverse", "Reverse", "Sort the other way round", "Trials", footer=3),
    Key("trial.best", "b", "best", "Best", "Go to the best trial", "Trials", footer=4),
    Key("alert.next", "n", "alert(1)", "Next alert", "Go to the trial of the next older alert", "Trials"),
    Key("alert.previous", "N", "alert(-1)", "Previous alert", "Go to the trial of the next newer alert", "Trials"),
    Key(
        "feed.pause",
        "P",
        "pause",
        "Pause",
        "Hold the screen still; in the past: play, or stand still",
        "Run",
        footer=6,
        past=(3, "Play"),
    ),
    Key("feed.poll", "r", "app.poll", "Poll now", "Ask the service now, also after it refused", "Run", footer=7),
    Key(
        "time.back",
        "left_square_bracket",
        "travel(-1)",
        "Back in time",
        "Back by a cell of the timeline",
        "Time",
        "[",
        footer=8,
        past=(1, "Time"),
    ),
    Key(
        "time.forth",
        "right_square_bracket",
        "travel(1)",
        "Forth in time",
        "Forth by a cell; past the end: the live edge",
        "Time",
        "]",
        past=(1, "Time"),
    ),
    Key("time.poll_back", "comma", "travel_polls(-1)", "Poll back", "Back by one poll", "Time", ",", past=(8, "Poll")),
    Key(
        "time.poll_forth",
        "full_stop",
        "travel_polls(1)",
        "Poll forth",
        "Forth by one poll",
        "Time",
        ".",
        past=(8, "Poll"),
    ),
    Key(
        "time.alert_back",
        "left_parenthesis",
        "travel_alerts(-1)",
        "Alert before",
        "Back to the alert before",
        "Time",
        "(",
        past=(6, "Alert"),
    ),
    Key(
        "time.alert_forth",
        "right_parenthesis",
        "travel_alerts(1)",
        "Alert after",
        "Forth to the alert after",
        "Time",
        ")",
        past=(6, "Alert"),
    ),
    Key("time.first", "left_curly_bracket", "travel_first", "Beginning", "Back to the first poll", "Time", "{"),
    Key(
        "time.live",
        "right_curly_bracket",
        "travel_live",
        "Live edge",
        "To the live edge; in a replay: to the end",
        "Time",
        "}",
        past=(2, "Now"),
    ),
    Key(
        "time.goto",
        "at",
        "travel_to",
        "Go to a time",
        "Go to a time of day, by a length of time, or by percent",
        "Time",
        "@",
        past=(5, "Go to"),
    ),
    Key(
        "time.slower",
        "less_than_sign",
        "travel_speed(-1)",
        "Slower",
        "Play slower, down to 1×",
        "Time",
        "<",
        past=(4, "Speed"),
    ),
    Key(
        "time.faster",
        "greater_than_sign",
        "travel_speed(1)",
        "Faster",
        "Play faster, up to 3600×",
        "Time",
        ">",
        past=(4, "Speed"),
    ),
    Key("over.back", "escape,q", "back", "Back", "Back to the monitor", "Over the monitor", "Esc q", footer=99),
    Key(
        "app.help", "question_mark,f1", "help", "Help", "Every key and sign", "Program", "?", footer=9, past=(9, "Help")
    ),
    Key("app.palette", "ctrl+p", "command_palette", "Commands", "Find a command by name", "Program", "^p", footer=10),
    Key("app.suspend", "ctrl+z", "suspend_process", "Suspend", "Back to the shell; fg returns", "Program", "^z"),
    Key("app.quit", "q", "quit", "Quit", "Leave", "Program", footer=11, past=(10, "Quit")),
    Key("app.leave", "ctrl+c,ctrl+q", "quit", "Quit", "Leave, also while typing", "Program", "^c ^q"),
)


def with_keymap(keymap: Mapping[str, str]) -> tuple[Key, ...]:
    """Return the table as it is with a user's own keys, by id."""
    return tuple(replace(key, keys=keymap[key.id], shown="") if key.id in keymap else key for key in KEYS)


def bindings(*groups: str, below: bool = False) -> list[BindingType]:
    """Return the bindings of `groups`; with `below` for a screen over the monitor, which does what they say."""
    return [
        Binding(
            key.keys,
            f"below({key.action!r})" if below else key.action,
            key.label,
            show=False,
            id=key.id,
            priority=key.id == "app.leave",
        )
        for key in KEYS
        if key.group in groups
    ]


def keys_of(keys: Sequence[Key], *groups: str) -> tuple[Key, ...]:
    """Return those of `keys` that are in `groups`."""
    return tuple(key for key in keys if key.group in groups)


def keys_over(keys: Sequence[Key], *groups: str) -> tuple[Key, ...]:
    """Return what the footer of a screen over the monitor shows: its own `groups`, and how to leave the past."""
    own = [replace(key, past=(key.footer, key.label)) for key in keys_of(keys, *groups, "Over the monitor")]
    time = [replace(key, footer=0, past=(80, key.past[1])) for key in keys if key.id in _TIME_OVER]
    rest = [replace(key, footer=90, past=(90, key.label)) for key in keys if key.id == "app.help"]
    return (*own, *time, *rest)


_TIME_OVER = frozenset({"time.back", "time.forth"})
