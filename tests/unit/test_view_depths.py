"""What takes long to read of a trial is read once, and by and by."""

import pytest
from build import completed, pending, running
from deep import with_recalls

from eitui.analysis.figures import Lens
from eitui.domain.trial import TEST, Trial
from eitui.view.run.table import Deep, Depths


@pytest.fixture
def noted() -> tuple[Deep[str], list[str]]:
    read: list[str] = []

    def name_of(trial: Trial) -> str:
        read.append(trial.id)
        return trial.name

    return Deep(name_of, ""), read


def test_it_is_read_once_for_the_same_trial(noted: tuple[Deep[str], list[str]]) -> None:
    deep, read = noted
    trial = completed("1")
    assert deep.read(trial) == deep.read(trial) == "mfe-conv1d-1"
    assert read == ["1"]
    deep.read(completed("1"))
    assert read == ["1", "1"], "another object is another state of the trial"
    recalled = with_recalls("2", 0.9, 0.9)
    deep.read(recalled)
    assert deep.if_read(with_recalls("2", 0.9, 0.9)) == recalled.name, "the same bytes are the same state"
    assert deep.if_read(with_recalls("2", 0.8, 0.9)) == ""
    assert read == ["1", "1", "2"]


def test_who_may_wait_gets_what_is_known_and_the_rest_is_noted(noted: tuple[Deep[str], list[str]]) -> None:
    deep, read = noted
    trials = [completed(str(number)) for number in range(5)]
    deep.read(trials[0])
    assert [deep.if_read(trial) for trial in trials[:2]] == ["mfe-conv1d-0", ""]
    assert read == ["0"]
    for trial in trials:
        deep.if_read(trial)
    assert not deep.read_some(3)
    assert read == ["0", "1", "2", "3"]
    assert deep.read_some(3)
    assert [deep.if_read(trial) for trial in trials] == [trial.name for trial in trials]


def test_what_is_gone_is_forgotten(noted: tuple[Deep[str], list[str]]) -> None:
    deep, read = noted
    one, other = completed("1"), completed("2")
    deep.read(one)
    deep.read(other)
    deep.forget({"2"})
    assert len(deep) == 1
    deep.read(one)
    deep.read(other)
    assert read == ["1", "2", "1"]


def test_the_worst_class_is_of_the_part_looked_at() -> None:
    depths = Depths()
    trial = with_recalls("1", yes=0.9, no=0.7)
    assert depths.read.worst_class(trial) == ("no", 0.7)
    depths.look(Lens(TEST))
    assert depths.if_read.worst_class(trial) is None
    assert depths.read.worst_class(trial) is None
    assert depths.read.worst_class(with_recalls("2", yes=0.3, no=0.7, part=TEST)) == ("yes", 0.3)


def test_trials_without_an_evaluation_are_not_read() -> None:
    depths = Depths()
    for trial in (pending("1"), running("2", 3)):
        assert depths.read.worst_class(trial) is None
        assert depths.if_read.worst_class(trial) is None
    assert depths.wanted == 0
    assert depths.kept == 0


def test_recalls_and_titles_are_read_in_turn() -> None:
    depths = Depths()
    trials = [with_recalls(str(number), 0.5, 0.9) for number in range(50)]
    for trial in trials:
        assert depths.if_read.worst_class(trial) is None
        assert depths.titles.if_read(trial) == ()
    assert depths.wanted == 100
    turns = 0
    while depths.wanted:
        depths.read_some()
        turns += 1
    assert turns == 6
    assert depths.if_read.worst_class(trials[0]) == ("yes", 0.5)
    assert depths.titles.if_read(trials[0]) == ("MFE", "mfe")
    depths.forget({"0"})
    assert depths.kept == 1
