"""How a run was set up, in words."""

from build import run
from trial_lines import at_every_width, text

from eitui.domain.run import Config, Run, SearchSpace
from eitui.view.run.search import setup_lines


def words(of: Run) -> list[str]:
    return [" ".join(line.split()) for line in text(setup_lines(of, 120), 120).splitlines()]


def test_a_run_whose_set_up_is_not_known_has_no_section() -> None:
    assert setup_lines(run(), 80) == []


def test_the_set_up() -> None:
    space = SearchSpace("template", "Keywords", "speech_keyword", ("classification", "anomaly"))
    others = (("compiler", "EON"),)
    of = run(
        config=Config(search_space=space, job_memory_mib=8192, others=others), continued_job_id=77, data_type="audio"
    )
    assert words(of)[0] == "Setup"
    together = " ".join(words(of))
    for pair in (
        "search space template “Keywords” (speech_keyword, classification, anomaly)",
        "continues the search of job 77",
        "data audio",
        "job memory 8 GB",
        "compiler EON",
    ):
        assert pair in together


def test_where_the_candidates_come_from_as_far_as_it_is_known() -> None:
    for space, found in (
        (SearchSpace("run", "Run 3"), "run “Run 3”"),
        (SearchSpace("custom"), "custom"),
        (SearchSpace(template="visual"), "(visual)"),
    ):
        assert words(run(config=Config(search_space=space))) == ["Setup", f"search space {found}"]


def test_it_fits() -> None:
    others = tuple((f"setting {number}", "x" * 90) for number in range(9))
    at_every_width(lambda width: setup_lines(run(config=Config(others=others)), width))
