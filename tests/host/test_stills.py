"""Waiting for a picture: what comes, in a thread or a coroutine, and what is said where none does."""

from __future__ import annotations

import asyncio

import pytest

from heatstream.core.errors import EngineUnavailableError
from heatstream.engine.messages import AskStill, Look, Still
from heatstream.host import stills


def test_a_picture_that_has_come_is_handed_over() -> None:
    asked: list[AskStill] = []
    waiting = stills.Stills(lambda question: not asked.append(question))
    futures = [waiting.ask("cam-1", Look.SHOWN) for _ in range(2)]
    for question in asked:
        waiting.take(Still(question.request_id, b"jpeg"))
    assert stills.wait(futures[0], 1.0) == b"jpeg"
    assert asyncio.run(stills.arrival(futures[1], 1.0)) == b"jpeg"


def test_a_late_picture_is_said_to_be_late_both_ways() -> None:
    waiting = stills.Stills(lambda _: True)
    with pytest.raises(EngineUnavailableError, match="in time; try once more"):
        stills.wait(waiting.ask("cam-1", Look.SHOWN), 0.01)
    with pytest.raises(EngineUnavailableError, match="in time; try once more"):
        asyncio.run(stills.arrival(waiting.ask("cam-1", Look.SHOWN), 0.01))
