"""Who decides how a session ends, and what is done then."""

import os
import signal
from collections.abc import Iterator

import pytest

from eitui.tui.ending import HANG_UP, Ending


class Log(list[object]):
    def ending(self) -> Ending:
        return Ending(
            ask=self.append, restore=lambda: self.append("restored"), farewell=lambda: self.append("farewell")
        )


@pytest.fixture
def handlers() -> Iterator[None]:
    """Put this process's handlers back, whatever a test leaves."""
    numbers = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGALRM)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
class TestEnding:
    def test_a_signal_asks_for_the_end_with_the_code_shells_give_it(self) -> None:
        log = Log()
        ending = log.ending()
        with ending.watching():
            os.kill(os.getpid(), signal.SIGTERM)
        assert log == [143, "farewell"]
        assert ending.code == 143

    def test_the_first_reason_decides_the_code(self) -> None:
        log = Log()
        ending = log.ending()
        with ending.watching():
            ending.begin(HANG_UP)
            os.kill(os.getpid(), signal.SIGTERM)
        assert log == [129, "farewell"]

    def test_hooks_run_once_the_last_first_and_a_failure_is_kept(self) -> None:
        log = Log()
        ending = log.ending()
        failure = OSError("disk full")

        def fail() -> None:
            raise failure

        ending.add_hook(lambda: log.append("first"))
        ending.add_hook(fail)
        ending.add_hook(lambda: log.append("last"))
        with ending.watching():
            pass
        with ending.watching():
            pass
        assert log == ["last", "first", "farewell", "farewell"]
        assert ending.failures == [failure]

    def test_hooks_run_when_the_block_raises(self) -> None:
        log = Log()
        ending = log.ending()
        ending.add_hook(lambda: log.append("hook"))
        with pytest.raises(KeyError), ending.watching():
            raise KeyError
        assert log == ["hook", "farewell"]

    def test_handlers_and_the_clock_are_put_back(self) -> None:
        before = [
            signal.getsignal(number)
            for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGALRM)
        ]
        ending = Log().ending()
        with ending.watching():
            ending.arm()
            assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
        after = [
            signal.getsignal(number)
            for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGALRM)
        ]
        assert before == after
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)

    def test_an_ignored_signal_stays_ignored(self) -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        log = Log()
        with log.ending().watching():
            os.kill(os.getpid(), signal.SIGHUP)
        assert log == ["farewell"]

    def test_nothing_is_ended_by_force_outside_a_session(self) -> None:
        ending = Log().ending()
        ending.arm(3)
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
