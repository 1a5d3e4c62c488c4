"""How a run was set up, beside its target and what ends it."""

from collections.abc import Iterator

from eitui.domain.run import Run, SearchSpace
from eitui.view.kit import format as fmt
from eitui.view.kit.lines import Line, crop
from eitui.view.kit.page import pair_lines


def setup_lines(run: Run, width: int) -> list[Line]:
    """Return the settings under a heading; nothing where the service gives none."""
    rows = [(name, value) for name, value in (*_named(run), *run.config.others) if value]
    title: Line = ((" Setup", "title"),)
    return [crop(line, width) for line in (title, *pair_lines(rows, width, indent=1))] if rows else []


def _named(run: Run) -> Iterator[tuple[str, str]]:
    config = run.config
    yield "search space", _search_space(config.search_space)
    yield "continues", "" if run.continued_job_id is None else f"the search of job {run.continued_job_id}"
    yield "data", run.data_type
    yield "job memory", "" if config.job_memory_mib is None else fmt.memory(config.job_memory_mib * 2**20)


def _search_space(space: SearchSpace) -> str:
    title = f"“{space.title}”" if space.title else ""
    template = ", ".join(filter(None, (space.template, *space.blocks)))
    return " ".join(filter(None, (space.source, title, f"({template})" if template else "")))
