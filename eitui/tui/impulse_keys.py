"""The keys of the impulses and of one impulse: a part of the table in `eitui.tui.keys`."""

from eitui.tui.key import Key

IMPULSE_KEYS: tuple[Key, ...] = (
    Key("impulses.open", "enter", "open_impulse", "Open", "Everything about this impulse", "Impulses", footer=1),
    Key("impulses.thresholds", "t", "thresholds", "Thresholds", "Change its thresholds", "Impulses", footer=2),
    Key(
        "impulses.filter",
        "slash",
        "filter",
        "Filter",
        "Show only some: accuracy>=90% is:stale",
        "Impulses",
        "/",
        footer=3,
    ),
    Key("impulses.sort", "s", "sort", "Sort", "Choose the column to sort by", "Impulses", footer=4),
    Key("impulses.reverse", "S", "reverse", "Reverse", "Sort the other way round", "Impulses"),
    Key(
        "impulses.mark",
        "space",
        "mark",
        "Mark",
        "Mark the impulse for comparison; two at most",
        "Impulses",
        "Space",
        footer=5,
    ),
    Key("impulses.compare", "c", "compare", "Compare", "What two marked impulses differ in", "Impulses", footer=6),
    Key("impulses.unmark", "M", "unmark_all", "Unmark", "Unmark both", "Impulses"),
    Key("impulses.columns", "C", "choose_columns", "Columns", "Choose, order and hide columns", "Impulses", footer=7),
    Key(
        "impulses.trial",
        "T",
        "trial",
        "Trial",
        "To the trial that it came from, in the trial table",
        "Impulses",
        footer=8,
    ),
    Key("impulse.blocks", "1", "tab('blocks')", "Blocks tab", "Blocks and their parameters", "Impulse view"),
    Key("impulse.network", "2", "tab('network')", "Network tab", "Settings and layers of its networks", "Impulse view"),
    Key("impulse.metrics", "3", "tab('metrics')", "Metrics tab", "Metrics, classes and confusion", "Impulse view"),
    Key("impulse.curves", "4", "tab('curves')", "Curves tab", "What the training wrote, by epoch", "Impulse view"),
    Key(
        "impulse.anomaly", "5", "tab('anomaly')", "Anomaly tab", "Features, clusters, scores of images", "Impulse view"
    ),
    Key(
        "impulse.limits",
        "6",
        "tab('thresholds')",
        "Thresholds tab",
        "Thresholds, and what is suggested",
        "Impulse view",
    ),
    Key("impulse.next_tab", "tab", "next_tab(1)", "Next tab", "Go to the next tab", "Impulse view", footer=1),
    Key(
        "impulse.tab_before", "shift+tab", "next_tab(-1)", "Tab before", "Go to the tab before", "Impulse view", "⇧tab"
    ),
    Key("impulse.next", "n,J", "other(1)", "Impulse", "Go to the next impulse (also J)", "Impulse view", footer=2),
    Key("impulse.before", "N,K", "other(-1)", "Impulse", "Go to the impulse before (also K)", "Impulse view", footer=2),
    Key("impulse.edit", "t", "thresholds", "Edit thresholds", "Change its thresholds", "Impulse view", footer=3),
    Key(
        "impulse.trial",
        "T",
        "trial",
        "Trial",
        "To the trial that it came from, in the trial table",
        "Impulse view",
        footer=4,
    ),
    Key("impulse.axis_x", "x", "axis('x')", "Axis", "Another feature across, of clusters", "Impulse view", footer=5),
    Key("impulse.axis_y", "y", "axis('y')", "Axis", "Another feature upwards, of clusters", "Impulse view", footer=5),
    Key("impulse.block", "b", "next_block", "Block", "The next anomaly block", "Impulse view", footer=6),
    Key("impulse.over", "o", "next_over", "Over", "The next image above the threshold", "Impulse view", footer=7),
)
