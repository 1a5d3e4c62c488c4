"""Ask before something is done that costs something or cannot be undone, in the words of the monitor's dialog."""

import sys

import click


def check_can_ask(does: str, nothing: str) -> None:
    """Make sure that there is a terminal to ask on; `does` is what yes does, `nothing` says that it was not done.

    Raises:
        click.UsageError: there is none.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        raise click.UsageError(f"There is no terminal to ask on: --yes {does} without asking. {nothing}")


def confirmed(title: str, consequence: str, nothing: str) -> bool:
    """Return whether the user says yes, which enter is not; where not, say on stderr that `nothing` was done."""
    click.echo(consequence, err=True)
    try:
        yes = click.confirm(title, err=True)
    except click.Abort:
        click.echo(f"\n{nothing}", err=True)  # on a line of its own: the cursor is still behind the question
        raise
    if not yes:
        click.echo(nothing, err=True)
    return yes
