"""The hub: the newest packet for each viewer, figures in time, and a reason at the end."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest

from heatstream.core.errors import ClosedError
from heatstream.core.types import CameraState, Packet, Snapshot
from heatstream.host.hub import FIGURES_GAP_S, FIGURES_REPEAT_S, PROMPT_S, PROMPT_WINDOW, WINDOW, Hub, Viewer

CAMERA = "cam-1"


def packet(index: int, camera_id: str = CAMERA) -> Packet:
    return Packet(camera_id, index, index / 25, 0.0, 0.0, (4, 3), b"jpeg")


def snapshot(index: int = 0, state: CameraState = CameraState.LIVE, reason: str = "") -> Snapshot:
    return Snapshot(CAMERA, state, reason, index=index)


def run(scene: Callable[[Hub], Coroutine[Any, Any, None]]) -> None:
    async def play() -> None:
        await asyncio.wait_for(scene(Hub(asyncio.get_running_loop())), 60)

    asyncio.run(play())


async def soon(viewer: Viewer) -> Packet | Snapshot:
    return await asyncio.wait_for(viewer.next(), 10)


async def nothing_comes(viewer: Viewer, for_s: float = 0.1) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(viewer.next(), for_s)


def test_a_viewer_gets_the_newest_packet_only_and_counts_the_others() -> None:
    async def scene(hub: Hub) -> None:
        with hub.join(CAMERA) as viewer:
            for index in (1, 2, 3):
                hub.publish(packet(index))
            await asyncio.sleep(0.01)
            assert (await soon(viewer)) == packet(3)
            assert viewer.drops == 2
            await nothing_comes(viewer)

    run(scene)


def test_a_slow_viewer_costs_the_others_nothing() -> None:
    async def scene(hub: Hub) -> None:
        with hub.join(CAMERA) as quick, hub.join(CAMERA) as slow:
            seen = []
            for index in range(1, 31):
                hub.publish(packet(index))
                item = await soon(quick)
                assert isinstance(item, Packet)
                seen.append(item.index)
            assert seen == list(range(1, 31))
            assert (quick.drops, slow.drops) == (0, 29)
            assert await soon(slow) == packet(30)

    run(scene)


def test_a_viewer_with_enough_under_way_gets_figures_but_no_packet_until_one_arrives() -> None:
    async def scene(hub: Hub) -> None:
        with hub.join(CAMERA) as viewer:
            for _ in range(WINDOW):
                viewer.hold()
            hub.publish(packet(1))
            await nothing_comes(viewer)
            hub.publish_snapshot(snapshot())
            assert isinstance(await soon(viewer), Snapshot)
            hub.publish(packet(2))
            waiting = asyncio.create_task(viewer.next())
            await asyncio.sleep(0.01)
            viewer.release()
            assert await waiting == packet(2)
            assert viewer.drops == 1

    run(scene)


def test_a_prompt_viewer_may_have_more_under_way_until_it_becomes_slow() -> None:
    async def under_way(hub: Hub, viewer: Viewer) -> int:
        """How many packets it takes without a word."""
        for count in range(PROMPT_WINDOW + 2):
            hub.publish(packet(count))
            try:
                await asyncio.wait_for(viewer.next(), 0.2)
            except TimeoutError:
                break
            viewer.hold()
        for _ in range(count):
            viewer.release()
        return count

    async def scene(hub: Hub) -> None:
        with hub.join(CAMERA) as viewer:
            assert await under_way(hub, viewer) == WINDOW
            for _ in range(30):
                viewer.hold()
                viewer.release()
            assert await under_way(hub, viewer) == PROMPT_WINDOW
            viewer.hold()
            await asyncio.sleep(12 * PROMPT_S)
            viewer.release()
            assert await under_way(hub, viewer) == WINDOW
            for _ in range(PROMPT_WINDOW):  # a line that takes long for each picture, and however many are on it
                viewer.hold()
            for _ in range(20):
                await asyncio.sleep(1.5 * PROMPT_S)
                viewer.release()
                viewer.hold()
            for _ in range(PROMPT_WINDOW):
                viewer.release()
            assert await under_way(hub, viewer) == WINDOW

    run(scene)


def test_a_paused_picture_is_drawn_again_for_whoever_has_none_in_their_width() -> None:
    async def scene(hub: Hub) -> None:
        watched: list[frozenset[int]] = []
        hub.on_watch = lambda camera_id, fits: watched.append(fits)
        with hub.join(CAMERA, shown_px=500) as widened, hub.join(CAMERA, shown_px=750):
            hub.publish(replace(packet(1), fits=(500,)))
            await asyncio.sleep(0.01)
            watched.clear()
            with hub.join(CAMERA, shown_px=500):  # who gets that very picture
                assert watched == []
                widened.show_in(750)
                assert watched == [{500, 750}]
                with hub.join(CAMERA, shown_px=700):
                    assert watched == [{500, 750}] * 2

    run(scene)


def test_who_joins_others_at_a_paused_live_camera_gets_their_picture() -> None:
    async def scene(hub: Hub) -> None:
        with hub.join(CAMERA) as first:
            hub.publish(packet(7))
            hub.publish_snapshot(snapshot(90, CameraState.LIVE))  # it is counted on behind the frozen picture
            await asyncio.sleep(0.01)
            with hub.join(CAMERA) as second:
                assert await soon(second) == snapshot(90, CameraState.LIVE)
                assert await soon(second) == packet(7)
            assert first is not second

    run(scene)


def test_who_joins_gets_what_is_known_at_once() -> None:
    async def scene(hub: Hub) -> None:
        with hub.join(CAMERA) as first:
            hub.publish_snapshot(snapshot(7, CameraState.PAUSED))
            hub.publish(packet(7))
            await soon(first)
            with hub.join(CAMERA) as second:
                assert await soon(second) == snapshot(7, CameraState.PAUSED)
                assert await soon(second) == packet(7)

    run(scene)


def test_a_picture_that_was_overtaken_while_nobody_looked_is_not_handed_out() -> None:
    async def scene(hub: Hub) -> None:
        with hub.join(CAMERA):
            hub.publish(packet(7))
            await asyncio.sleep(0.01)
        hub.publish_snapshot(snapshot(300))
        await asyncio.sleep(0.01)
        with hub.join(CAMERA) as viewer:
            assert await soon(viewer) == snapshot(300)
            await nothing_comes(viewer)

    run(scene)


def test_figures_come_at_most_a_few_times_a_second() -> None:
    async def scene(hub: Hub) -> None:
        loop = asyncio.get_running_loop()
        with hub.join(CAMERA) as viewer:
            told = 0
            hub.publish_snapshot(snapshot())
            await soon(viewer)
            began_s = loop.time()
            for index in range(1, 201):
                hub.publish_snapshot(snapshot(index))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(viewer.next(), 0.005)
                    told += 1
            assert 1 <= told <= (loop.time() - began_s) / FIGURES_GAP_S

    run(scene)


def test_a_change_of_state_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heatstream.host.hub.FIGURES_GAP_S", 60.0)  # figures alone would have to wait

    async def scene(hub: Hub) -> None:
        with hub.join(CAMERA) as viewer:
            hub.publish_snapshot(snapshot(1))
            await soon(viewer)
            hub.publish_snapshot(snapshot(2))
            await nothing_comes(viewer)
            for reason in ("no frame for 5 s", "no frame for 6 s"):
                hub.publish_snapshot(snapshot(2, CameraState.STALLED, reason))
                assert await soon(viewer) == snapshot(2, CameraState.STALLED, reason)

    run(scene)


def test_figures_do_not_hold_up_packets() -> None:
    async def scene(hub: Hub) -> None:
        with hub.join(CAMERA) as viewer:
            packets = snapshots = 0
            for index in range(1, 101):
                hub.publish_snapshot(snapshot(index))
                hub.publish(packet(index))
                while not isinstance(await soon(viewer), Packet):
                    snapshots += 1
                packets += 1
            assert packets == 100
            assert viewer.drops == 0
            assert snapshots < 50

    run(scene)


def test_the_last_figures_are_repeated_each_second() -> None:
    async def scene(hub: Hub) -> None:
        with hub.join(CAMERA) as viewer:
            hub.publish_snapshot(snapshot())
            await soon(viewer)
            began_s = asyncio.get_running_loop().time()
            assert await soon(viewer) == snapshot()
            assert FIGURES_REPEAT_S - 0.05 <= asyncio.get_running_loop().time() - began_s < 5 * FIGURES_REPEAT_S

    run(scene)


def test_the_first_viewer_switches_on_and_the_last_one_off() -> None:
    async def scene(hub: Hub) -> None:
        watched: list[tuple[str, frozenset[int]]] = []
        hub.on_watch = lambda camera_id, fits: watched.append((camera_id, fits))
        with hub.join(CAMERA) as viewer, hub.join("cam-2"):
            with hub.join(CAMERA):
                assert hub.viewers(CAMERA) == 2
            assert hub.viewers(CAMERA) == 1
            viewer.leave()
            viewer.leave()
            assert hub.viewers(CAMERA) == 0
        whole, none = frozenset({0}), frozenset()
        assert watched == [(CAMERA, whole), ("cam-2", whole), (CAMERA, none), ("cam-2", none)]

    run(scene)


def test_each_viewer_gets_pictures_of_the_width_it_shows() -> None:
    async def scene(hub: Hub) -> None:
        watched: list[frozenset[int]] = []
        hub.on_watch = lambda camera_id, fits: watched.append(fits)
        with hub.join(CAMERA, shown_px=500) as small, hub.join(CAMERA) as whole:
            assert hub.fits(CAMERA) == {500, 0}
            hub.publish(replace(packet(1), fits=(500,)))
            assert (await soon(small)).index == 1
            await nothing_comes(whole)
            small.show_in(5000)
            hub.publish(replace(packet(2), fits=(0,)))
            assert (await soon(small)).index == 2
            assert (await soon(whole)).index == 2
        assert watched == [{500}, {500, 0}, {0}, set()]

    run(scene)


def test_pictures_of_the_old_width_come_until_those_of_the_new_one_do() -> None:
    async def scene(hub: Hub) -> None:
        with hub.join(CAMERA, shown_px=700) as viewer, hub.join(CAMERA, shown_px=750) as wider:
            assert hub.fits(CAMERA) == {750}
            hub.publish(replace(packet(1), fits=(750,)))
            assert (await soon(viewer)).index == (await soon(wider)).index == 1
            wider.leave()
            assert hub.fits(CAMERA) == {700}
            hub.publish(replace(packet(2), fits=(750,)))
            assert (await soon(viewer)).index == 2
            hub.publish(replace(packet(3), fits=(700,)))
            assert (await soon(viewer)).index == 3
            hub.publish(replace(packet(4), fits=(750,)))
            await nothing_comes(viewer)

    run(scene)


def test_packets_reach_the_viewers_of_their_camera_only() -> None:
    async def scene(hub: Hub) -> None:
        with hub.join(CAMERA) as mine, hub.join("cam-2") as theirs:
            hub.publish(packet(1, "cam-2"))
            assert await soon(theirs) == packet(1, "cam-2")
            await nothing_comes(mine)

    run(scene)


def test_closing_ends_those_who_wait_and_refuses_those_who_come() -> None:
    async def scene(hub: Hub) -> None:
        viewer = hub.join(CAMERA)
        waiting = asyncio.create_task(viewer.next())
        await asyncio.sleep(0.01)
        closer = threading.Thread(target=hub.close)
        closer.start()
        with pytest.raises(ClosedError, match="shutting down"):
            await waiting
        closer.join()
        hub.close()
        with pytest.raises(ClosedError):
            hub.join(CAMERA)
        viewer.leave()

    run(scene)


def test_a_removed_camera_ends_its_viewers_and_is_forgotten() -> None:
    async def scene(hub: Hub) -> None:
        with hub.join(CAMERA) as viewer, hub.join("cam-2") as other:
            hub.publish_snapshot(snapshot(3))
            hub.end(CAMERA)
            hub.publish(packet(4))
            hub.publish(packet(1, "cam-2"))
            assert await soon(other) == packet(1, "cam-2")
            with pytest.raises(ClosedError, match="removed"):
                await soon(viewer)
        with hub.join(CAMERA) as again:
            await nothing_comes(again)

    run(scene)


def test_publishing_from_a_thread_reaches_a_waiting_viewer() -> None:
    async def scene(hub: Hub) -> None:
        with hub.join(CAMERA) as viewer:
            waiting = asyncio.create_task(viewer.next())
            await asyncio.sleep(0.01)
            publisher = threading.Thread(target=hub.publish, args=(packet(1),))
            publisher.start()
            assert await asyncio.wait_for(waiting, 1) == packet(1)
            publisher.join()

    run(scene)


def test_publishing_after_the_loop_has_ended_is_harmless() -> None:
    hubs: list[Hub] = []

    async def scene(hub: Hub) -> None:
        hubs.append(hub)

    run(scene)
    hubs[0].publish(packet(1))
    hubs[0].publish_snapshot(snapshot())
    hubs[0].close()
    assert hubs[0].closed
