"""How a run was set up, beside its target and what ends it."""

from eitui.domain.run import Run
from eitui.view.kit import format as fmt
from eitui.view.kit.lines import Line, crop
from eitui.view.kit.page import pair_lines


def setup_lines(run: Run, width: int) -> list[Line]:
    """Return the settings under a heading; nothing where the service gives none."""
    config, space = run.config, run.config.search_space
    title = f"“{space.title}”" if space.title else ""
    template = ", ".join(filter(None, (space.template, *space.blocks)))
    named = (
        ("search space", " ".join(filter(None, (space.source, title, f"({template})" if template else "")))),
        ("continues", "" if run.continued_job_id is None else f"the search of job {run.continued_job_id}"),
        ("data", run.data_type),
        ("job memory", "" if config.job_memory_mib is None else fmt.memory(config.job_memory_mib * 2**20)),
    )
    rows = [(name, value) for name, value in (*named, *config.others) if value]
    heading: Line = ((" Setup", "title"),)
    return [crop(line, width) for line in (heading, *pair_lines(rows, width, indent=1))] if rows else []
