"""`eitui thresholds`: list them, change them, and say what was changed."""

import json
from pathlib import Path
from typing import Any

import click

from eitui.cli.options import Group, WrongUsage, connection_options, read_only_option, settings
from eitui.domain.text import clean


@click.group("thresholds", cls=Group, epilog="Example: eitui thresholds set 1 3 min_score 0.72")
def thresholds_command() -> None:
    """List the thresholds of the impulses, change them, and say what was changed.

    Before a change is sent it is written down in a journal, and the present values are read again. It is sent once;
    afterwards the values are read back. A change whose answer never came is settled by reading back, by whichever
    command looks at the thresholds next.
    """


@thresholds_command.command("list", epilog="Example: eitui thresholds list --impulse 1")
@click.option("--impulse", "impulse_id", type=int, metavar="NUMBER", help="Only those of this impulse (default: all).")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, an object for every threshold.")
@connection_options
def list_(impulse_id: int | None, as_json: bool, config: Path | None, **flags: Any) -> int:
    """List the thresholds of every learn block.

    Exit codes: 0 all is well, 2 a setting is wrong or there is no such impulse, 3 the service could not be reached or
    refused.
    """
    from eitui.cli.changing import read_impulses
    from eitui.view.threshold.plain import listing, thresholds_as_json

    impulses = read_impulses(settings(config, **flags), impulse_id)
    if as_json:
        click.echo(json.dumps(thresholds_as_json(impulses), indent=2, allow_nan=False))
    elif any(impulse.thresholds for impulse in impulses):
        click.echo(listing(impulses), nl=False)
    else:
        click.echo("No learn block has a threshold.", err=True)
    return 0


# A negative number is a value, and no option.
@thresholds_command.command(
    "set",
    context_settings={"ignore_unknown_options": True},
    epilog="Example: eitui thresholds set 1 3 min_score 0.72",
)
@click.argument("impulse_id", type=int, metavar="IMPULSE")
@click.argument("block_id", type=int, metavar="BLOCK")
@click.argument("key")
@click.argument("value")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--regenerate", is_flag=True, help="Let the service start a job that tests the model again.")
@click.option("--wait", is_flag=True, help="Wait until that job is finished.")
@read_only_option
@connection_options
def set_(
    impulse_id: int,
    block_id: int,
    key: str,
    value: str,
    yes: bool,
    regenerate: bool,
    wait: bool,
    config: Path | None,
    **flags: Any,
) -> int:
    """Change one threshold.

    IMPULSE and BLOCK are the numbers, and KEY the name, that `eitui thresholds list` shows. Exit codes: 0 it is
    changed, and was read back so (or was so already), 1 you said no, or somebody changed it meanwhile, or another
    change is not through, or the job failed, or another value was read back, 2 there is no such threshold or it cannot
    be so, 3 the service could not be reached, not even to read back, or refused.
    """
    if value.startswith("--"):
        raise WrongUsage(f"`eitui thresholds set` has no option {clean(value)}", "Nothing was sent.")
    from eitui.cli.changing import Manner, change

    chosen, manner = settings(config, **flags), Manner(yes, wait)
    return change(chosen, impulse_id, block_id, key, value, manner, regenerate=regenerate)


@thresholds_command.command("undo", epilog="Example: eitui thresholds undo 7")
@click.argument("number", type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--wait", is_flag=True, help="Wait until a job that tests the model again is finished.")
@read_only_option
@connection_options
def undo_command(number: int, yes: bool, wait: bool, config: Path | None, **flags: Any) -> int:
    """Set what change NUMBER changed back to what it was.

    NUMBER is the one that `eitui thresholds log` shows. It goes the same way as any change; exit codes as of `set`.
    """
    from eitui.cli import changing

    return changing.undo_change(settings(config, **flags), number, changing.Manner(yes, wait))


@thresholds_command.command("test", epilog="Example: eitui thresholds test 1 --wait")
@click.argument("impulse_id", type=int, metavar="IMPULSE")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--wait", is_flag=True, help="Wait until the job is finished.")
@read_only_option
@connection_options
def test_command(impulse_id: int, yes: bool, wait: bool, config: Path | None, **flags: Any) -> int:
    """Start model testing of an impulse: a job runs its whole test set.

    Exit codes: 0 the service took it (with --wait: the job succeeded); 1 you said no, or the job failed, or nobody can
    tell; 2 a setting is wrong, or there is no such impulse; 3 no answer, or refused.
    """
    from eitui.cli.acting import start_test

    return start_test(settings(config, **flags), impulse_id, yes=yes, wait=wait)


@thresholds_command.command("log", epilog="Example: eitui thresholds log --limit 5")
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="How many at most, the latest."
)
@click.option("--json", "as_json", is_flag=True, help="A JSON array, an object for every change.")
@connection_options
def log_command(limit: int, as_json: bool, config: Path | None, **flags: Any) -> int:
    """Say what was changed, started and cancelled from this machine, newest first, and what became of it.

    The service is not asked. Exit codes: 0 all is well, 2 a setting is wrong, or the journal cannot be read, or not
    all of it.
    """
    chosen = settings(config, with_key=False, **flags)
    from eitui.thresholds.journal import Journal
    from eitui.thresholds.messages import damage
    from eitui.view.threshold.plain import history, journal_as_json

    found = Journal(chosen.journal).look(chosen.host, chosen.project_id, limit)
    if as_json:
        click.echo(json.dumps(journal_as_json(found.entries), indent=2, allow_nan=False))
    elif found.entries:
        click.echo(history(found.entries), nl=False)
    elif not found.unreadable:
        click.echo(f"No change was made on {chosen.host} from here.", err=True)
    if found.total > len(found.entries):
        click.echo(f"These are the last {len(found.entries)} of {found.total}: --limit shows more.", err=True)
    if found.unreadable:
        what, advice = damage(found.unreadable)
        click.echo(f"eitui: {what}.\n       {advice}", err=True)
        return 2
    return 0
