"""Every key there is, once: the bindings, the footer, the help screen and the palette come from this table."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from textual.binding import Binding, BindingType

from eitui.tui.impulse_keys import IMPULSE_KEYS
from eitui.tui.key import Key as Key  # whoever has the table has its rows

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
        "move.right",
        "right,l",
        "columns(1)",
        "More columns",
        "Columns right; in a trial: next epoch or precision",
        "Moving",
        "→ l",
    ),
    Key(
        "move.left",
        "left,h",
        "columns(-1)",
        "Columns back",
        "Columns left; in a trial: epoch or precision before",
        "Moving",
        "← h",
    ),
    Key("trial.open", "enter", "open", "Open", "Everything about the selected trial", "Trials", footer=1),
    Key("trial.sort", "s", "sort", "Sort", "Choose the column to sort by", "Trials", footer=2),
    Key("trial.reverse", "S", "reverse", "Reverse", "Sort the other way round", "Trials"),
    Key("trial.best", "b", "best", "Best", "Go to the best trial", "Trials", footer=4),
    Key(
        "trial.filter",
        "slash",
        "filter",
        "Filter",
        "Show only some trials: latency<50 and status:completed",
        "Trials",
        "/",
        footer=3,
    ),
    Key("trial.mark", "space", "mark", "Mark", "Mark the trial, or unmark it; 8 at most", "Trials", "Space", footer=4),
    Key("trial.unmark", "M", "unmark_all", "Unmark", "Unmark every trial", "Trials"),
    Key("trial.part", "v", "part", "Data", "Figures of validation, test or training data", "Trials"),
    Key("trial.precision", "V", "precision", "Precision", "Figures at another precision: int8, float32", "Trials"),
    Key("trial.columns", "C", "choose_columns", "Columns", "Choose, order and hide columns", "Trials"),
    Key("trial.export", "e", "export", "Export", "Write the trials that are shown to a file", "Trials"),
    Key("trial.copy", "y", "copy_row", "Copy row", "Copy the trial's row to the clipboard of the terminal", "Trials"),
    Key("trial.compare", "c", "compare", "Compare", "Compare the marked trials, or this one with the best", "Trials"),
    Key(
        "trial.trade_offs",
        "p",
        "trade_offs",
        "Trade-offs",
        "Accuracy or loss against cost, with the Pareto front",
        "Trials",
    ),
    Key(
        "run.impulses", "5", "impulses", "Impulses", "The project's impulses, and which trials they came from", "Trials"
    ),
    Key("run.failures", "F", "failures", "Failures", "Why trials failed, and what they share", "Trials"),
    Key("run.search", "o", "search", "Search", "Progress of the search, and what will end it", "Trials"),
    Key("trial.thresholds", "t", "thresholds", "Thresholds", "Thresholds of the impulse made from the trial", "Trials"),
    Key("trial.journal", "J", "journal", "Journal", "Changes of thresholds, and what became of them", "Trials"),
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
    Key(
        "compare.quantity",
        "m",
        "quantity",
        "Figure",
        "Draw val loss, val accuracy, loss, accuracy",
        "Comparison",
        footer=1,
    ),
    Key("compare.log", "a", "log", "Log", "Logarithmic axis for losses, or not", "Comparison", footer=2),
    Key("compare.part", "tab", "part", "Chart/table", "Show the chart, the table, or both", "Comparison", footer=3),
    Key(
        "compare.remove",
        "x,space",
        "remove",
        "Remove",
        "Unmark the trial at the ▸",
        "Comparison",
        "x",
        footer=4,
    ),
    Key("compare.choose", "enter", "choose", "Select", "Back, to the trial at the ▸", "Comparison", footer=5),
    Key("trade.metric", "m", "metric", "Metric", "Accuracy or loss", "Trade-offs", footer=1),
    Key("trade.cost", "x", "cost", "Cost", "Latency, RAM or ROM", "Trade-offs", footer=2),
    Key("trade.choose", "enter", "choose", "Select", "Back, to this trial in the table", "Trade-offs", footer=3),
    Key("figures.part", "v", "below('part')", "Data", "Figures of another part of the data", "Figures", footer=6),
    Key("figures.precision", "V", "below('precision')", "Precision", "At another precision", "Figures", footer=7),
    Key("view.curves", "1", "tab('curves')", "Curves tab", "Loss and accuracy by epoch", "Trial view"),
    Key("view.metrics", "2", "tab('metrics')", "Metrics tab", "Metrics, classes and confusion", "Trial view"),
    Key("view.device", "3", "tab('device')", "Device tab", "Latency and memory against the limits", "Trial view"),
    Key("view.impulse", "4", "tab('impulse')", "Impulse tab", "Blocks and their parameters", "Trial view"),
    Key("view.progress", "5", "tab('progress')", "Progress tab", "Blocks, retries, worker, jobs", "Trial view"),
    Key("view.log", "6", "tab('log')", "Log tab", "What the trial wrote; r reads it again", "Trial view"),
    Key("view.next_tab", "tab", "next_tab(1)", "Next tab", "Go to the next tab", "Trial view", footer=1),
    Key("view.tab_before", "shift+tab", "next_tab(-1)", "Tab before", "Go to the tab before", "Trial view", "⇧tab"),
    Key("view.next", "n,J", "other(1)", "Trial", "Go to the next trial (also J)", "Trial view", footer=2),
    Key("view.before", "N,K", "other(-1)", "Trial", "Go to the trial before (also K)", "Trial view", footer=2),
    Key("view.log_axis", "a", "log_axis", "Log axis", "Loss on a logarithmic axis, or not", "Trial view", footer=3),
    Key("view.smooth", "m", "smooth", "Smooth", "Smooth curves: light, strong, off", "Trial view", footer=4),
    Key("view.attempt", "A", "attempt", "Attempt", "Curves of an earlier attempt", "Trial view", footer=5),
    Key("failures.open", "enter", "open_failed", "Open", "Everything about this trial", "Failures", footer=1),
    Key(
        "threshold.review",
        "enter",
        "review",
        "Review",
        "Take what is typed; else show the change to be sent",
        "Thresholds",
        footer=1,
    ),
    Key(
        "threshold.yes",
        "y",
        "yes",
        "Send",
        "Send the change that is shown, or start what was asked",
        "Thresholds",
        footer=2,
    ),
    Key(
        "threshold.switch",
        "space",
        "switch",
        "Job",
        "Allow a job with the change; theirs or yours",
        "Thresholds",
        "Space",
        footer=3,
    ),
    Key("threshold.coarse_up", "L,shift+right", "coarse(1)", "Coarse", "Coarse step up", "Thresholds", "L ⇧→"),
    Key("threshold.coarse_down", "H,shift+left", "coarse(-1)", "Coarse", "Coarse step down", "Thresholds", "H ⇧←"),
    Key(
        "threshold.suggest",
        "s",
        "suggest",
        "Suggested",
        "Take the value that the service suggests",
        "Thresholds",
        footer=3,
    ),
    Key(
        "threshold.erase",
        "backspace",
        "erase",
        "Loaded",
        "Take back a digit, else go back to the loaded value",
        "Thresholds",
        "⌫",
        footer=9,
    ),
    Key("threshold.open", "i,f2", "open", "Edit", "Open the list of options, or type a text", "Thresholds", "i F2"),
    Key(
        "threshold.windows", "tab", "windows", "Windows", "The windows that flip, or the curve", "Thresholds", footer=5
    ),
    Key("threshold.undo", "u", "undo", "Undo", "Take the impulse's last change back", "Thresholds", footer=6),
    Key("threshold.test", "T", "test", "Test again", "Start model testing, after asking", "Thresholds", footer=7),
    Key("threshold.journal", "J", "journal", "Journal", "Changes, and what became of them", "Thresholds", footer=8),
    Key(
        "journal.impulse",
        "enter,t",
        "impulse",
        "Thresholds",
        "Open the thresholds of its impulse",
        "Journal",
        "enter t",
        footer=1,
    ),
    Key("journal.undo", "u", "take_back", "Undo", "Show what taking this change back would send", "Journal", footer=2),
    Key("filter.keep", "enter", "keep_filter", "Keep", "Back to the rows that the filter finds", "Filter", footer=1),
    Key("filter.clear", "escape", "clear_filter", "Show all", "Back to all rows", "Filter", "Esc", footer=2),
    Key(
        "filter.complete",
        "tab",
        "complete_filter",
        "Complete",
        "Complete the word that is being typed",
        "Filter",
        footer=3,
    ),
    Key("filter.older", "up", "earlier_filter(-1)", "Earlier", "An earlier filter", "Filter", "↑", footer=4),
    Key("filter.newer", "down", "earlier_filter(1)", "Later", "A later filter", "Filter", "↓"),
    Key(
        "columns.toggle",
        "space,x",
        "hide",
        "Hide, show",
        "Hide the column, or show it",
        "Columns",
        "Space",
        footer=1,
    ),
    Key("columns.down", "J,shift+down", "carry(1)", "Move", "Move the column on", "Columns", "J", footer=2),
    Key("columns.up", "K,shift+up", "carry(-1)", "Move", "Move the column back", "Columns", "K", footer=2),
    Key("columns.next", "down,j", "move(1)", "Next", "The next column", "Columns", "↓ j"),
    Key("columns.previous", "up,k", "move(-1)", "Previous", "The previous column", "Columns", "↑ k"),
    Key("columns.usual", "r", "usual", "The usual", "The usual columns in their usual order", "Columns", footer=3),
    Key("columns.keep", "enter", "keep", "Keep", "Show these columns, and remember them", "Columns"),
    Key("columns.discard", "escape,q", "discard", "Discard", "Leave the columns as they were", "Columns", "Esc q"),
    *IMPULSE_KEYS,
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


def never_leaving(keymap: Mapping[str, str]) -> dict[str, str]:
    """Return a user's keymap in which keys that leave the program go back from a screen over the monitor.

    They would leave from there where going back has been given other keys, and hours of watching end by habit.
    """
    table = {key.id: [name.strip() for name in key.keys.split(",")] for key in with_keymap(keymap)}
    leaving, going_back = table.pop("app.quit"), table["over.back"]
    elsewhere = {name for key, names in table.items() if key != "columns.discard" for name in names}
    missing = [name for name in leaving if name not in elsewhere]
    return {**keymap, "over.back": ",".join([*going_back, *missing])} if missing else dict(keymap)


def bindings(*groups: str, below: bool = False, only: Container[str] | None = None) -> list[BindingType]:
    """Return the bindings of `groups`, of which `only` may be some by their ids.

    With `below` they are for a screen over the monitor, which does what they say.
    """
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
        if key.group in groups and (only is None or key.id in only)
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


def keys_typing(keys: Sequence[Key]) -> tuple[Key, ...]:
    """Return what the footer shows while a filter is being typed."""
    return tuple(replace(key, past=(key.footer, key.label)) for key in keys_of(keys, "Filter"))


_TIME_OVER = frozenset({"time.back", "time.forth"})
