"""The picture's routes on a real server: bytes out, refusals, and the end with viewers connected."""

from __future__ import annotations

import asyncio
import http.client
import json
import signal
import socket
import struct
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from heatstream.core.types import CameraState, Snapshot
from heatstream.host.hub import WINDOW, Hub
from heatstream.web import stream
from tests.support.browser import Server, serving
from tests.support.fake_host import FakeHost, read_index

LIVE_APP = "tests/support/live_app.py"
CAMERA = "cam-fake"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(LIVE_APP, env={"HEATSTREAM_ALLOWED_HOSTS": "cams.example.org"}) as running:
        yield running


@pytest.fixture(autouse=True)
def normal(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "server" in request.fixturenames:
        request.getfixturevalue("server").get("/fake/set?publishing=1&engine=running&state=live&reason=")


def state(server: Server, query: str = "") -> dict:
    return json.loads(server.get(f"/fake/set?{query}"))


def ask(server: Server, path: str, *, method: str = "GET", **headers: str) -> tuple[int, str, http.client.HTTPMessage]:
    """Status, text and headers; underscores in header names stand for hyphens."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace"), answer.headers
    finally:
        connection.close()


def paths(ticket: str, camera: str = CAMERA) -> dict[str, str]:
    return {
        kind: f"/heatstream/{kind}/{camera}{'.jpg' if kind == 'snapshot' else ''}?ticket={ticket}"
        for kind in ("ws", "mjpeg", "snapshot")
    }


def live(server: Server, ticket: str | None = None, camera: str = CAMERA, **options: object) -> ClientConnection:
    ticket = state(server)["ticket"] if ticket is None else ticket
    url = server.url.replace("http", "ws") + paths(ticket, camera)["ws"]
    return connect(url, max_size=None, max_queue=None, **options)  # else closing with a full queue takes 10 s


def picture(message: bytes) -> tuple[dict, np.ndarray]:
    (length,) = struct.unpack(">I", message[:4])
    header = json.loads(message[4 : 4 + length])
    return header, cv2.imdecode(np.frombuffer(message[4 + length :], np.uint8), cv2.IMREAD_COLOR)


def next_picture(viewer: ClientConnection) -> tuple[dict, np.ndarray]:
    while True:
        message = viewer.recv(timeout=20)
        if isinstance(message, bytes):
            return picture(message)


def next_status(viewer: ClientConnection) -> dict:
    while True:
        message = viewer.recv(timeout=20)
        if isinstance(message, str):
            return json.loads(message)


def until_closed(viewer: ClientConnection) -> None:
    for _ in range(1000):
        viewer.recv(timeout=20)


def test_pictures_come_decoded_and_numbered_and_the_newest_after_each_acknowledgement(server: Server) -> None:
    with live(server) as viewer:
        seen = []
        for _ in range(20):
            header, image = next_picture(viewer)
            assert read_index(image) == header["index"]
            assert header["time_s"] == pytest.approx(header["index"] / 25)
            assert (header["width"], header["height"]) == (image.shape[1], image.shape[0])
            assert [tally["zone_id"] for tally in header["tallies"]] == ["z1", "z2"]
            seen.append(header["index"])
            viewer.send(json.dumps({"ack": header["index"], "paint_ms": 3}))
        assert seen == sorted(set(seen))
        assert seen[-1] - seen[0] < 200
        time.sleep(0.4)
        skipping, _ = next_picture(viewer)
        viewer.send(json.dumps({"ack": skipping["index"]}))
        newest, _ = next_picture(viewer)
        assert newest["index"] > skipping["index"]


def test_without_an_acknowledgement_no_picture_comes_but_the_status_does(server: Server) -> None:
    with live(server) as viewer:
        for _ in range(WINDOW):
            next_picture(viewer)
        until_s = time.monotonic() + 1.5
        statuses = 0
        while time.monotonic() < until_s:
            message = viewer.recv(timeout=20)
            assert isinstance(message, str)
            statuses += 1
        assert statuses >= 2
        assert next_status(viewer)["skipped"] > 5


def test_the_status_comes_first_each_second_and_at_once_when_the_state_changes(server: Server) -> None:
    state(server, "publishing=0&state=paused")
    with live(server) as viewer:
        status = json.loads(viewer.recv(timeout=20))
        assert status["type"] == "status"
        assert status["zones"][0]["name"] == "Main entrance"
        began_s = time.monotonic()
        for _ in range(3):
            next_status(viewer)
        assert time.monotonic() - began_s < 8
        state(server, "state=failed&reason=broken")
        began_s = time.monotonic()
        while next_status(viewer)["state"] != "failed":
            pass
        assert time.monotonic() - began_s < 5


def test_the_status_carries_a_ticket_that_opens_the_next_connection(server: Server) -> None:
    with live(server) as viewer:
        renewed = next_status(viewer)["ticket"]
    with live(server, renewed) as viewer:
        next_picture(viewer)


def test_a_viewer_that_says_nonsense_is_put_out(server: Server) -> None:
    for nonsense in ("hello", '{"ack": "1"}', '{"width": null}', "{}", "[1]", b"\x00"):
        with live(server) as viewer:
            next_picture(viewer)
            viewer.send(nonsense)
            with pytest.raises(ConnectionClosed):
                until_closed(viewer)


def test_who_leaves_is_no_viewer_any_more(server: Server) -> None:
    with live(server) as viewer:
        next_picture(viewer)
        assert state(server)["viewers"] == 1
    until_s = time.monotonic() + 15
    while state(server)["viewers"] and time.monotonic() < until_s:
        time.sleep(0.05)
    assert state(server)["viewers"] == 0


def test_a_foreign_host_or_origin_is_refused_on_every_route_and_on_streamlits_own(server: Server) -> None:
    ours = urlsplit(server.url).netloc
    for path in [*paths(state(server)["ticket"]).values(), "/", "/_stcore/health", "/_stcore/host-config"]:
        for foreign in (
            {"Host": "evil.example"},
            {"Host": ours, "Origin": "http://evil.example"},
            {"Host": ours, "Origin": "null"},
        ):
            status, text, _ = ask(server, path, **foreign)
            assert status == 403, (path, foreign)
            assert "does not answer to" in text
            assert text.count("\n") == 1


def test_a_listed_host_is_served(server: Server) -> None:
    ticket = state(server)["ticket"]
    host = {"Host": "cams.example.org", "Origin": "https://cams.example.org"}
    assert ask(server, paths(ticket)["snapshot"], **host)[0] == 200


@pytest.mark.parametrize("path", ["/_stcore/stream", "ours"])
def test_a_websocket_of_a_foreign_page_is_refused_before_it_opens(server: Server, path: str) -> None:
    url = server.url.replace("http", "ws") + (paths(state(server)["ticket"])["ws"] if path == "ours" else path)
    with pytest.raises(InvalidStatus) as refused, connect(url, origin="http://evil.example"):
        pass
    assert refused.value.response.status_code == 403
    assert b"pages of 'http://evil.example'" in refused.value.response.body
    with connect(url, origin=server.url, subprotocols=["streamlit"] if path != "ours" else None):
        pass


def test_each_server_tells_that_it_is_another(server: Server) -> None:
    with serving(LIVE_APP) as other:
        told = [one.get("/heatstream/server") for one in (server, server, other)]
    assert told[0] == told[1] != told[2]
    assert ask(server, "/heatstream/server", Host="evil.example")[0] == 403


def test_a_missing_forged_or_foreign_ticket_is_refused_on_every_route(server: Server) -> None:
    with serving(LIVE_APP) as other:
        foreign = state(other)["ticket"]
    mine = state(server)["ticket"]
    for ticket in ("", "forged", foreign, mine[:-3] + "xyz"):
        for path in paths(ticket).values():
            status, text, _ = ask(server, path)
            assert (status, "ticket" in text) == (403, True), (path, text)
        with pytest.raises(InvalidStatus) as refused, live(server, ticket):
            pass
        assert refused.value.response.status_code == 403
    for path in paths(mine, "cam-other").values():
        assert ask(server, path)[0] == 403


def test_an_expired_ticket_is_refused_on_every_route() -> None:
    with serving(LIVE_APP, env={"HEATSTREAM_TICKET_S": "5"}) as short:
        ticket = state(short)["ticket"]
        with live(short, ticket) as viewer:
            next_picture(viewer)
            time.sleep(6.5)
            for path in paths(ticket).values():
                status, text, _ = ask(short, path)
                assert (status, "expired" in text) == (403, True)
            with pytest.raises(InvalidStatus) as refused, live(short, ticket):
                pass
            assert refused.value.response.status_code == 403
            while next_status(viewer)["ticket"] == ticket:
                pass  # an open connection goes on, and has had a new ticket meanwhile


def test_an_unknown_camera_is_404_and_a_missing_engine_503(server: Server) -> None:
    ticket = state(server)["ticket"]
    state(server, "engine=restarting")
    for kind in ("mjpeg", "snapshot"):
        status, text, headers = ask(server, paths(ticket)[kind])
        assert (status, headers["Retry-After"]) == (503, "2"), text
    with live(server, ticket) as viewer:
        assert next_status(viewer)["engine"] == "restarting"  # the page shows it happening


def test_a_removed_camera_ends_its_viewers_with_a_code_of_its_own_and_is_then_unknown() -> None:
    with serving(LIVE_APP) as own:
        ticket = state(own)["ticket"]
        with live(own, ticket) as viewer:
            next_picture(viewer)
            state(own, f"forget={CAMERA}")
            with pytest.raises(ConnectionClosed):
                until_closed(viewer)
            assert (viewer.close_code, viewer.close_reason) == (4404, "The camera was removed.")
        for path in paths(ticket).values():
            status, text, _ = ask(own, path)
            assert (status, CAMERA in text) == (404, True)


def test_a_stopped_camera_shows_its_state_to_its_viewers_and_gives_no_pictures_until_it_runs_again() -> None:
    with serving(LIVE_APP) as own:
        ticket = state(own)["ticket"]
        connection = http.client.HTTPConnection(urlsplit(own.url).netloc, timeout=10)
        connection.request("GET", paths(ticket)["mjpeg"])
        stream = connection.getresponse()
        with live(own, ticket) as viewer:
            next_picture(viewer)
            state(own, f"stop={CAMERA}")
            while next_status(viewer)["state"] != "stopped":
                pass
            stream.read()  # MJPEG has no other way to say it than to end
            for kind in ("mjpeg", "snapshot"):
                status, text, _ = ask(own, paths(ticket)[kind])
                assert (status, "stopped" in text) == (409, True)
            with live(own, ticket) as late:
                assert next_status(late)["state"] == "stopped"
            state(own, f"wake={CAMERA}")
            viewer.send('{"ack": 1}')
            next_picture(viewer)
        connection.close()


def test_a_plain_request_to_the_websocket_address_says_that_nothing_is_wrong(server: Server) -> None:
    assert ask(server, paths(state(server)["ticket"])["ws"])[0] == 426


def test_a_snapshot_is_a_jpeg_with_or_without_what_is_drawn_on_it(server: Server) -> None:
    path = paths(state(server)["ticket"])["snapshot"]
    pictures = []
    for query in ("", "&plain=1", "&stamped=1"):
        answer = server.get(path + query)
        image = cv2.imdecode(np.frombuffer(answer, np.uint8), cv2.IMREAD_COLOR)
        assert image.shape == (720, 1280, 3)
        pictures.append(image.astype(int))
    shown, plain, stamped = pictures
    assert shown[200, 300, 2] > 200 > plain[200, 300, 2]
    assert np.abs(stamped - shown)[-40:-20, 30:120].mean() > 20
    png = server.get(path.replace(".jpg?", ".png?"))
    assert png.startswith(b"\x89PNG")
    lossless = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert lossless[200, 300].tolist() == [0, 0, 255], "what is drawn, in its very colour"
    assert ask(server, path.replace(".jpg?", ".png?"))[2]["Content-Type"] == "image/png"
    assert server.get(path + "&png=1").startswith(b"\xff\xd8"), "its name says what it is"
    status, _, headers = ask(server, path, Accept_Encoding="gzip")
    assert (status, headers["Content-Type"], headers["Cache-Control"]) == (200, "image/jpeg", "no-store")


def test_mjpeg_parts_are_whole_pictures_and_the_next_boundary_comes_with_each(server: Server) -> None:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    connection.request("GET", paths(state(server)["ticket"])["mjpeg"], headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.headers["Content-Encoding"] == "identity"
    kind, _, boundary = answer.headers["Content-Type"].partition("; boundary=")
    assert kind == "multipart/x-mixed-replace"
    assert len(boundary) >= 32
    assert answer.readline() == f"--{boundary}\r\n".encode()
    indices = []
    for _ in range(5):
        head = {}
        while line := answer.readline().strip():
            name, _, value = line.decode().partition(": ")
            head[name] = value
        jpeg = answer.read(int(head["Content-Length"]))
        indices.append(read_index(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)))
        state(server, "publishing=0")  # even if nothing follows, the part's end must be there
        assert answer.read(2) == b"\r\n"
        assert answer.readline() == f"--{boundary}\r\n".encode()
        state(server, "publishing=1")
    assert indices == sorted(set(indices))
    answer.close()
    connection.close()


def test_mjpeg_of_a_camera_that_is_removed_ends_like_that_of_a_stopped_one() -> None:
    async def story() -> list[bytes]:
        host = FakeHost(scenes=1)
        host.hub = Hub(asyncio.get_running_loop(), on_watch=lambda *_: None)
        host._known.clear()  # it goes between its last status and its viewers' end
        parts = stream._parts(host, CAMERA, "edge")  # type: ignore[arg-type]
        found = [await anext(parts)]
        host.hub.publish_snapshot(Snapshot(CAMERA, CameraState.STOPPED))
        return found + [part async for part in parts]

    assert asyncio.run(asyncio.wait_for(story(), 10)) == [b"--edge\r\n"]


def test_head_of_mjpeg_ends_at_once(server: Server) -> None:
    status, text, _ = ask(server, paths(state(server)["ticket"])["mjpeg"], method="HEAD")
    assert (status, text) == (200, "")


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_the_server_ends_within_three_seconds_with_every_kind_of_viewer(number: signal.Signals) -> None:
    with serving(LIVE_APP) as own:
        ticket = state(own)["ticket"]
        address = urlsplit(own.url)
        with live(own, ticket) as reading, live(own, ticket) as silent, socket.socket() as stuck:
            next_picture(reading)
            next_picture(silent)
            # This one never reads: its buffers fill, and the server's bytes for it can never be delivered.
            stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            stuck.connect((address.hostname, address.port))
            stuck.sendall(f"GET {paths(ticket)['mjpeg']} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode())
            time.sleep(3)
            reader = http.client.HTTPConnection(address.netloc, timeout=10)
            reader.request("GET", paths(ticket)["mjpeg"])
            stream = reader.getresponse()
            stream.readline()
            assert state(own)["viewers"] == 4
            took_s = own.end(number)
            assert took_s < 3, own.log
            assert stream.read().startswith(b"Content-Type: image/jpeg")  # and ends as HTTP wants it
            reader.close()
            with pytest.raises(ConnectionClosed):
                until_closed(reading)
            assert reading.close_code == 1001
