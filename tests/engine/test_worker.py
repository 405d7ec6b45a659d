"""Workers: start, stop, and what becomes of an exception."""

import threading

from heatstream.core.errors import SourceError
from heatstream.engine.worker import Worker


def test_stop_is_legal_before_start_and_twice() -> None:
    worker = Worker("idle", lambda stop: None)
    assert worker.stop()
    worker.start()
    assert worker.stop()
    assert worker.stop()
    assert not worker.alive


def test_stop_ends_a_waiting_target_and_leaves_no_thread() -> None:
    worker = Worker("waiter", lambda stop: stop.wait())
    worker.start()
    assert worker.alive
    assert any(thread.name == "waiter" for thread in threading.enumerate())
    assert worker.stop(2.0)
    assert not any(thread.name == "waiter" for thread in threading.enumerate())


def test_a_failed_join_is_reported(caplog: object) -> None:
    release = threading.Event()
    worker = Worker("stubborn", lambda stop: release.wait())
    worker.start()
    assert not worker.stop(0.05)
    assert "stubborn" in caplog.text  # type: ignore[attr-defined]
    release.set()
    assert worker.stop(2.0)


def test_an_exception_is_kept_and_handed_on() -> None:
    handed: list[Exception] = []

    def fail(_stop: threading.Event) -> None:
        raise SourceError("gone")

    worker = Worker("failing", fail, on_error=handed.append)
    worker.start()
    worker.stop()
    assert isinstance(worker.error, SourceError)
    assert handed == [worker.error]


def test_a_worker_can_stop_itself() -> None:
    outcome: list[bool] = []
    worker = Worker("self", lambda stop: outcome.append(worker.stop()))
    worker.start()
    assert worker.stop(2.0)
    assert outcome == [True]
