"""Where pictures come in: the newest alone, told once when taken."""

from __future__ import annotations

import threading
import time

import pytest

from heatstream.sources import inlets
from heatstream.sources.inlets import Inlet, Inlets
from tests.support.pictures import sent


def test_only_the_newest_picture_is_taken_and_only_its_sender_is_told() -> None:
    inlet, told = Inlet(), []
    for grey in (1, 2, 3):
        inlet.put(sent(grey), lambda grey=grey: told.append(grey))
    newest = sent(4)
    inlet.put(newest, lambda: told.append(4))
    assert told == []
    assert inlet.take(0, 0.0) == (4, newest)
    assert inlet.take(0, 0.0) == (4, newest)  # another source of the same name gets it as well
    assert told == [4]
    assert inlet.take(4, 0.0) is None


def test_a_source_begins_with_what_has_just_come_not_with_what_is_old(monkeypatch: pytest.MonkeyPatch) -> None:
    inlet = Inlet()
    assert inlet.begin() == 0
    inlet.put(sent())
    assert inlet.begin() == 0
    monkeypatch.setattr(inlets, "FRESH_S", -1.0)
    assert inlet.begin() == 1


def test_who_waits_gets_the_picture_when_it_comes_and_goes_when_it_must() -> None:
    inlet, ended = Inlet(), False
    later = threading.Timer(0.1, inlet.put, (sent(7),))
    later.start()
    assert inlet.take(0, 5.0) is not None

    def end() -> None:
        nonlocal ended
        ended = True
        inlet.stir()

    threading.Timer(0.1, end).start()
    began_s = time.monotonic()
    assert inlet.take(1, 5.0, unless=lambda: ended) is None
    assert time.monotonic() - began_s < 2.0


def test_inlets_are_one_for_each_name_until_forgotten() -> None:
    inlets = Inlets()
    first = inlets.get("a")
    assert inlets.get("a") is first
    assert inlets.get("b") is not first
    inlets.forget("a")
    inlets.forget("a")
    assert inlets.get("a") is not first
