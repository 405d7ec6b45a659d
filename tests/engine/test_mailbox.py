"""Mailboxes: order, waiting, dropping, closing."""

import threading
import time

import pytest

from heatstream.core.errors import ClosedError
from heatstream.engine.mailbox import Mailbox
from heatstream.engine.worker import Worker


def test_items_come_out_in_order() -> None:
    box: Mailbox[int] = Mailbox(3)
    for item in (1, 2, 3):
        assert box.put(item)
    assert [box.get(), box.get(), box.get()] == [1, 2, 3]


def test_the_newest_wins_and_drops_are_counted() -> None:
    box: Mailbox[int] = Mailbox(1, newest_wins=True)
    for item in range(5):
        box.put(item)
    assert box.dropped == 4
    assert box.get() == 4


def test_a_full_queue_makes_the_sender_wait_and_drops_nothing() -> None:
    box: Mailbox[int] = Mailbox(2)
    sender = Worker("sender", lambda stop: [box.put(item) for item in range(50)])
    sender.start()
    received = []
    while len(received) < 50:
        item = box.get(2.0)
        assert item is not None
        received.append(item)
        time.sleep(0.001)
    assert received == list(range(50))
    assert box.dropped == 0
    assert sender.stop()


def test_get_gives_up_after_its_time() -> None:
    box: Mailbox[int] = Mailbox()
    assert box.get(0.01) is None


def test_close_frees_a_waiting_sender_and_keeps_what_waits() -> None:
    box: Mailbox[int] = Mailbox(1)
    box.put(1)
    outcome: list[bool] = []
    started = threading.Event()

    def send(_stop: threading.Event) -> None:
        started.set()
        outcome.append(box.put(2))

    sender = Worker("sender", send)
    sender.start()
    started.wait(2.0)
    box.close()
    box.close()
    assert sender.stop()
    assert outcome == [False]
    assert box.get() == 1
    with pytest.raises(ClosedError):
        box.get()
    assert not box.put(3)


def test_from_some_moment_on_only_the_newest_is_kept() -> None:
    box: Mailbox[int] = Mailbox(3)
    for item in (1, 2, 3):
        box.put(item)
    box.keep_newest()
    assert box.put(4)
    assert box.dropped == 3
    assert box.get() == 4
