"""Every key there is, once: the bindings, the footer, the help screen and the palette come from this table."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from itertools import combinations

from textual.binding import Binding, BindingType, InvalidBinding

from eitui.config import SettingsError
from eitui.domain.text import clean
from eitui.tui.impulse_keys import IMPULSE_KEYS
from eitui.tui.key import Key as Key  # re-exported with the table
from eitui.tui.key import exists, split_keys, written_key

KEYS: tuple[Key, ...] = (
    Key("pane.trials", "1", "pane('trials')", "Trials pane", "Go to the trial table", "Panes"),
    Key("pane.curves", "2", "pane('curves')", "Curves pane", "Go to the curves of the selected trial", "Panes"),
    Key("pane.workers", "3", "pane('workers')", "Workers pane", "Go to the workers", "Panes"),
    Key("pane.alerts", "4", "pane('alerts')", "Alerts pane", "Go to the alerts", "Panes"),
    Key("pane.next", "tab", "next_pane(1)", "Next pane", "Go to the next pane", "Panes"),
    Key("pane.previous", "shift+tab", "next_pane(-1)", "Previous pane", "Go to the previous pane", "Panes"),
    Key("pane.zoom", "z", "zoom", "Zoom", "Show one pane on the whole screen, or all panes", "Panes", footer=5),
    Key("app.back", "escape", "back", "Back", "Show all panes, and all trials without the filter", "Panes"),
    Key("move.down", "down,j", "move(1)", "Down", "Next row or line", "Moving"),
    Key("move.up", "up,k", "move(-1)", "Up", "Previous row or line", "Moving"),
    Key("move.page_down", "pagedown,ctrl+f", "move_page(1)", "Page down", "Down one screen", "Moving"),
    Key("move.page_up", "pageup,ctrl+b", "move_page(-1)", "Page up", "Up one screen", "Moving"),
    Key("move.first", "home,g", "move_page(-1000000)", "First", "First row or line", "Moving"),
    Key("move.last", "end,G", "move_page(1000000)", "Last", "Last row or line", "Moving"),
    Key(
        "move.right",
        "right,l",
        "columns(1)",
        "More columns",
        "Columns right; in a trial: next epoch or precision",
        "Moving",
    ),
    Key(
        "move.left",
        "left,h",
        "columns(-1)",
        "Previous columns",
        "Columns left; in a trial: epoch or precision before",
        "Moving",
    ),
    Key("trial.open", "enter", "open", "Open", "Open the selected trial", "Trials", footer=1),
    Key("trial.sort", "s", "sort", "Sort", "Choose the column to sort by", "Trials", footer=2),
    Key("trial.reverse", "S", "reverse", "Reverse", "Reverse the sort order", "Trials"),
    Key("trial.best", "b", "best", "Best", "Go to the best trial (★)", "Trials", footer=4),
    Key("trial.best_fit", "B", "best_fit", "Best fit", "Go to the best trial within the limits (☆)", "Trials"),
    Key(
        "trial.filter",
        "slash",
        "filter",
        "Filter",
        "Filter the trials: latency<50 and status:completed",
        "Trials",
        footer=3,
    ),
    Key("trial.mark", "space", "mark", "Mark", "Mark or unmark the trial (at most 8)", "Trials", footer=4),
    Key("trial.unmark", "M", "unmark_all", "Unmark", "Unmark all trials", "Trials"),
    Key("trial.part", "v", "part", "Data", "Switch between validation, test and training data", "Trials"),
    Key("trial.precision", "V", "precision", "Precision", "Switch precision: int8, float32", "Trials"),
    Key("trial.columns", "C", "choose_columns", "Columns", "Choose, order and hide columns", "Trials"),
    Key("trial.export", "e", "export", "Export", "Export the listed trials to a CSV or JSON file", "Trials"),
    Key("trial.copy", "y", "copy_row", "Copy row", "Copy the trial's row to the terminal's clipboard", "Trials"),
    Key("trial.compare", "c", "compare", "Compare", "Compare the marked trials, or this trial with the best", "Trials"),
    Key(
        "trial.trade_offs",
        "p",
        "trade_offs",
        "Trade-offs",
        "Accuracy or loss against cost, with the Pareto front",
        "Trials",
    ),
    Key("run.impulses", "5", "impulses", "Impulses", "The project's impulses and the trials they came from", "Trials"),
    Key(
        "run.failures", "F", "failures", "Failures", "Why trials failed, and what the failures have in common", "Trials"
    ),
    Key("run.search", "o", "search", "Search", "Progress of the search, and when it will end", "Trials"),
    Key(
        "trial.thresholds", "t", "thresholds", "Thresholds", "Thresholds of the impulse made from this trial", "Trials"
    ),
    Key("trial.journal", "J", "journal", "Journal", "History of threshold changes and their outcomes", "Trials"),
    Key("alert.next", "n", "alert(1)", "Next alert", "Go to the trial of the next older alert", "Trials"),
    Key("alert.previous", "N", "alert(-1)", "Previous alert", "Go to the trial of the next newer alert", "Trials"),
    Key(
        "feed.pause",
        "P",
        "pause",
        "Pause",
        "Pause the screen; in the history, play or pause",
        "Run",
        footer=6,
        past=(3, "Play"),
    ),
    Key("run.logs", "O", "run_logs", "Logs", "Logs of the tuner and its coordinator", "Run"),
    Key("feed.poll", "r", "app.poll", "Poll now", "Poll the service now, even after an error", "Run", footer=7),
    Key(
        "time.back",
        "left_square_bracket",
        "travel(-1)",
        "Back in time",
        "Back one cell of the timeline",
        "Time",
        footer=8,
        past=(1, "Time"),
    ),
    Key(
        "time.forth",
        "right_square_bracket",
        "travel(1)",
        "Forward in time",
        "Forward one cell; at the end, live",
        "Time",
        past=(1, "Time"),
    ),
    Key("time.poll_back", "comma", "travel_polls(-1)", "Poll back", "Back one poll", "Time", past=(8, "Poll")),
    Key(
        "time.poll_forth",
        "full_stop",
        "travel_polls(1)",
        "Poll forward",
        "Forward one poll",
        "Time",
        past=(8, "Poll"),
    ),
    Key(
        "time.alert_back",
        "left_parenthesis",
        "travel_alerts(-1)",
        "Previous alert in time",
        "Back to the previous alert",
        "Time",
        past=(6, "Alert"),
    ),
    Key(
        "time.alert_forth",
        "right_parenthesis",
        "travel_alerts(1)",
        "Next alert in time",
        "Forward to the next alert",
        "Time",
        past=(6, "Alert"),
    ),
    Key("time.first", "left_curly_bracket", "travel_first", "Beginning", "Back to the first poll", "Time"),
    Key(
        "time.live",
        "right_curly_bracket",
        "travel_live",
        "Live",
        "Go to live; in a replay, to the end",
        "Time",
        past=(2, "Now"),
    ),
    Key(
        "time.goto",
        "at",
        "travel_to",
        "Go to a time",
        "Go to a time of day, a duration back, or a percentage",
        "Time",
        past=(5, "Go to"),
    ),
    Key(
        "time.slower",
        "less_than_sign",
        "travel_speed(-1)",
        "Slower",
        "Slower playback, down to 1×",
        "Time",
        past=(4, "Speed"),
    ),
    Key(
        "time.faster",
        "greater_than_sign",
        "travel_speed(1)",
        "Faster",
        "Faster playback, up to 3600×",
        "Time",
        past=(4, "Speed"),
    ),
    Key(
        "compare.quantity",
        "m",
        "quantity",
        "Metric",
        "Chart of val loss, val accuracy, loss or accuracy",
        "Comparison",
        footer=1,
    ),
    Key("compare.log", "a", "log", "Log", "Logarithmic or linear axis for losses", "Comparison", footer=2),
    Key("compare.part", "tab", "part", "Chart/table", "Show the chart, the table or both", "Comparison", footer=3),
    Key(
        "compare.remove",
        "x,space",
        "remove",
        "Remove",
        "Remove the trial at ▸ from the comparison",
        "Comparison",
        footer=4,
    ),
    Key(
        "compare.choose",
        "enter",
        "choose",
        "Select",
        "Select the trial at ▸ in the trial table",
        "Comparison",
        footer=5,
    ),
    Key("trade.metric", "m", "metric", "Metric", "Accuracy or loss", "Trade-offs", footer=1),
    Key("trade.cost", "x", "cost", "Cost", "Latency, RAM or ROM", "Trade-offs", footer=2),
    Key("trade.choose", "enter", "choose", "Select", "Select this trial in the trial table", "Trade-offs", footer=3),
    Key(
        "figures.part",
        "v",
        "below('part')",
        "Data",
        "Switch between validation, test and training data",
        "Figures",
        footer=6,
    ),
    Key(
        "figures.precision",
        "V",
        "below('precision')",
        "Precision",
        "Switch precision: int8, float32",
        "Figures",
        footer=7,
    ),
    Key("view.curves", "1", "tab('curves')", "Curves tab", "Loss and accuracy by epoch", "Trial view"),
    Key("view.metrics", "2", "tab('metrics')", "Metrics tab", "Metrics, classes and confusion", "Trial view"),
    Key("view.device", "3", "tab('device')", "Device tab", "Latency and memory compared with the limits", "Trial view"),
    Key("view.impulse", "4", "tab('impulse')", "Impulse tab", "Blocks and their parameters", "Trial view"),
    Key("view.progress", "5", "tab('progress')", "Progress tab", "Blocks, retries, worker, jobs", "Trial view"),
    Key("view.log", "6", "tab('log')", "Log tab", "The trial's log; {feed.poll} reloads it", "Trial view"),
    Key("view.next_tab", "tab", "next_tab(1)", "Next tab", "Go to the next tab", "Trial view", footer=1),
    Key("view.tab_before", "shift+tab", "next_tab(-1)", "Previous tab", "Go to the previous tab", "Trial view"),
    Key("view.next", "n,J", "other(1)", "Trial", "Go to the next trial", "Trial view", footer=2),
    Key("view.before", "N,K", "other(-1)", "Trial", "Go to the previous trial", "Trial view", footer=2),
    Key(
        "view.log_axis", "a", "log_axis", "Log axis", "Logarithmic or linear axis for the loss", "Trial view", footer=3
    ),
    Key("view.smooth", "m", "smooth", "Smooth", "Smoothing: light, strong, off", "Trial view", footer=4),
    Key("view.attempt", "A", "attempt", "Attempt", "Curves of the previous attempt", "Trial view", footer=5),
    Key("log.filter", "slash", "filter_log", "Filter", "Show only the lines that hold what you type", "Log", footer=3),
    Key("log.copy", "y", "copy_log", "Copy", "Copy the lines to the terminal's clipboard", "Log", footer=4),
    Key("jobs.tuner", "1", "tab('tuner')", "Tuner", "The log of the job that searches", "Job logs", footer=1),
    Key(
        "jobs.coordinator",
        "2",
        "tab('coordinator')",
        "Coordinator",
        "The log of the job that runs the workers",
        "Job logs",
        footer=2,
    ),
    Key("jobs.next_tab", "tab,shift+tab", "next_tab(1)", "Other log", "Go to the other log", "Job logs"),
    Key("failures.open", "enter", "open_failed", "Open", "Open this trial", "Failures", footer=1),
    Key(
        "threshold.review",
        "enter",
        "review",
        "Review",
        "Accept the typed value; otherwise review the change",
        "Thresholds",
        footer=1,
    ),
    Key(
        "threshold.switch",
        "space",
        "switch",
        "Job",
        "Allow a job; or switch between values",
        "Thresholds",
        footer=3,
    ),
    Key("threshold.coarse_up", "L,shift+right", "coarse(1)", "Coarse", "Coarse step up", "Thresholds"),
    Key("threshold.coarse_down", "H,shift+left", "coarse(-1)", "Coarse", "Coarse step down", "Thresholds"),
    Key(
        "threshold.suggest",
        "s",
        "suggest",
        "Suggested",
        "Use the suggested value",
        "Thresholds",
        footer=3,
    ),
    Key(
        "threshold.erase",
        "backspace",
        "erase",
        "Reset",
        "Delete a digit, or reset to the loaded value",
        "Thresholds",
        footer=9,
    ),
    Key("threshold.open", "i,f2", "open", "Edit", "Open the list of options, or type a value", "Thresholds"),
    Key(
        "threshold.windows",
        "tab",
        "windows",
        "Windows",
        "Show the windows whose result changes, or the curve",
        "Thresholds",
        footer=5,
    ),
    Key("threshold.undo", "u", "undo", "Undo", "Undo the impulse's last change", "Thresholds", footer=6),
    Key("threshold.test", "T", "test", "Test again", "Start model testing (asks first)", "Thresholds", footer=7),
    Key(
        "threshold.journal", "J", "journal", "Journal", "History of changes and their outcomes", "Thresholds", footer=8
    ),
    Key(
        "journal.impulse",
        "enter,t",
        "impulse",
        "Thresholds",
        "Open the thresholds of the impulse",
        "Journal",
        footer=1,
    ),
    Key("journal.undo", "u", "take_back", "Undo", "Review the undo of this change", "Journal", footer=2),
    Key("filter.keep", "enter", "keep_filter", "Keep", "Keep the filter and return to the table", "Filter", footer=1),
    Key("filter.clear", "escape", "clear_filter", "Show all", "Remove the filter", "Filter", footer=2),
    Key(
        "filter.complete",
        "tab",
        "complete_filter",
        "Complete",
        "Complete the word",
        "Filter",
        footer=3,
    ),
    Key("filter.older", "up", "earlier_filter(-1)", "Earlier", "Previous filter", "Filter", footer=4),
    Key("filter.newer", "down", "earlier_filter(1)", "Later", "Next filter", "Filter"),
    Key(
        "columns.toggle",
        "space,x",
        "hide",
        "Hide/show",
        "Hide or show the column",
        "Columns",
        footer=1,
    ),
    Key("columns.down", "J,shift+down", "carry(1)", "Move", "Move the column down", "Columns", footer=2),
    Key("columns.up", "K,shift+up", "carry(-1)", "Move", "Move the column up", "Columns", footer=2),
    Key("columns.next", "down,j", "move(1)", "Next", "Next column", "Columns"),
    Key("columns.previous", "up,k", "move(-1)", "Previous", "Previous column", "Columns"),
    Key("columns.usual", "r", "usual", "Default", "Default columns in default order", "Columns", footer=3),
    Key("columns.keep", "enter", "keep", "Keep", "Save the columns", "Columns"),
    Key("columns.discard", "escape,q", "discard", "Discard", "Discard the changes", "Columns"),
    *IMPULSE_KEYS,
    Key("confirm.yes", "y", "yes", "Yes", "Do what is asked: send, start, overwrite", "Confirmation", footer=1),
    Key("confirm.no", "n", "no", "No", "Do nothing of what is asked", "Confirmation", footer=2),
    Key("over.back", "escape,q", "back", "Back", "Back to the monitor", "Over the monitor", footer=99),
    Key("app.help", "question_mark,f1", "help", "Help", "All keys and signs", "Program", footer=9, past=(9, "Help")),
    Key("app.palette", "ctrl+p", "command_palette", "Commands", "Find a command by name", "Program", footer=10),
    Key("app.suspend", "ctrl+z", "suspend_process", "Suspend", "Suspend eitui (fg resumes it)", "Program"),
    Key("app.quit", "q", "quit", "Quit", "Quit", "Program", footer=11, past=(10, "Quit")),
    Key("app.leave", "ctrl+c,ctrl+q", "quit", "Quit", "Quit, even while typing", "Program"),
)


_RENAMED = {"threshold.yes": "confirm.yes"}
"""Ids that keys had in earlier versions, and have now."""


def with_keymap(keymap: Mapping[str, str]) -> tuple[Key, ...]:
    """Return the table with a user's own keys, by id."""
    keymap = _as_named_now(keymap)
    return tuple(replace(key, keys=",".join(split_keys(keymap[key.id]))) if key.id in keymap else key for key in KEYS)


def names(keys: Sequence[Key]) -> dict[str, str]:
    """Return the name of every key in prose, by id."""
    return {key.id: key.first for key in keys}


def check_keymap(keymap: Mapping[str, str]) -> None:
    """Refuse a user's keymap that would make a key ambiguous, or unusable.

    Raises:
        SettingsError: an id or a key does not exist, or two actions of one place would have the same key; so the keys
            that quit always work.
    """
    usual = {key.id: key for key in KEYS}
    keymap = _as_named_now(keymap)
    for id_, keys in keymap.items():
        if id_ not in usual:
            near = get_close_matches(id_, usual, n=1)
            raise SettingsError(
                f"[keys] names an action that does not exist: {clean(id_)}",
                f"Did you mean {near[0]}?" if near else "`eitui keys` lists the actions.",
            )
        try:
            wrong = next((name for name in split_keys(keys) if not exists(name)), None)
        except InvalidBinding:
            wrong = ""
        if wrong is not None:
            raise SettingsError(
                f"[keys] gives {id_} a key that does not exist: {clean(wrong) or 'none'}",
                "A key is a character, or a name such as space, enter, f2, ctrl+s; a comma is `comma`.",
            )
    for place in PLACES:
        _check_place([key for key in with_keymap(keymap) if key.group in place], keymap, usual)


def _as_named_now(keymap: Mapping[str, str]) -> dict[str, str]:
    return {_RENAMED.get(id_, id_): keys for id_, keys in keymap.items()}


def _check_place(keys: Sequence[Key], keymap: Mapping[str, str], usual: Mapping[str, Key]) -> None:
    for one, other in combinations(keys, 2):
        if one.action == other.action or not {one.id, other.id} & keymap.keys():
            continue
        for name in one.names:
            # Where a screen's own key hides one of the monitor's by default, it is meant to.
            if name in other.names and not (name in usual[one.id].names and name in usual[other.id].names):
                raise SettingsError(
                    f"[keys] gives the key {written_key(name)} to both {one.id} and {other.id}",
                    "They work on the same screen: give one of them another key.",
                )


_OVER = ("Over the monitor", "Moving", "Time", "Run")
PLACES: tuple[tuple[str, ...], ...] = (
    ("Panes", "Trials", "Moving", "Time", "Run", "Program"),
    ("Impulses", *_OVER),
    ("Impulse view", *_OVER),
    ("Comparison", "Figures", *_OVER),
    ("Trade-offs", "Figures", *_OVER),
    ("Figures", *_OVER),
    ("Failures", *_OVER),
    ("Trial view", "Log", *_OVER),
    ("Job logs", "Log", *_OVER),
    ("Thresholds", "Confirmation", *_OVER),
    ("Journal", *_OVER),
    ("Columns",),
    ("Filter",),
    ("Confirmation", "Over the monitor"),
)
"""The groups whose keys work at the same time: on the monitor, on each screen over it, and in each dialog. On a screen
over the monitor a key that quits goes back, see `never_leaving`."""


def never_leaving(keymap: Mapping[str, str]) -> dict[str, str]:
    """Make the keys that quit only close a screen over the monitor: pressed out of habit, they never end a long watch.

    Returns the user's keymap, by id.
    """
    keymap = _as_named_now(keymap)
    own = with_keymap(keymap)
    table = {key.id: key.names for key in own}
    quitting, going_back = table.pop("app.quit"), table["over.back"]
    elsewhere = {name for key, names in table.items() if key != "columns.discard" for name in names}
    missing = [name for name in quitting if name not in elsewhere]
    keymap = {key.id: key.keys for key in own if key.id in keymap}
    return {**keymap, "over.back": ",".join([*going_back, *missing])} if missing else keymap


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


def keys_over(keys: Sequence[Key], *groups: str, also: Container[str] = ()) -> tuple[Key, ...]:
    """Return what the footer of a screen over the monitor shows: its own `groups`, and how to leave the past.

    `also` has the ids of keys that the monitor sees to, and that matter there.
    """
    own = [replace(key, past=(key.footer, key.label)) for key in keys_of(keys, *groups, "Over the monitor")]
    own += [replace(key, footer=8, past=(8, key.label)) for key in keys if key.id in also]
    time = [replace(key, footer=0, past=(80, key.past[1])) for key in keys if key.id in _TIME_OVER]
    rest = [replace(key, footer=90, past=(90, key.label)) for key in keys if key.id == "app.help"]
    return (*own, *time, *rest)


def keys_typing(keys: Sequence[Key]) -> tuple[Key, ...]:
    """Return what the footer shows while a filter is being typed."""
    return tuple(replace(key, past=(key.footer, key.label)) for key in keys_of(keys, "Filter"))


_TIME_OVER = frozenset({"time.back", "time.forth"})
