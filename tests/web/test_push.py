"""The route for a browser's pictures on a real server: who may send, what is taken, and one at a time."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from heatstream.core.errors import SourceUnreadableError
from heatstream.web.push import MOST_BYTES, MOST_HZ, MOST_REFUSED, CaptureClock, Message, parse
from tests.support.browser import Server, serving
from tests.support.pictures import jpeg, message

CAMERA = "cam-fake"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving("tests/support/push_app.py", env={"HEATSTREAM_ALLOWED_HOSTS": "cams.example.org"}) as running:
        yield running


@pytest.fixture(autouse=True)
def normal(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "server" in request.fixturenames:
        state(request.getfixturevalue("server"), f"taking=1&open={CAMERA}")


def state(server: Server, query: str = "") -> dict:
    return json.loads(server.get(f"/fake/push?{query}"))


def path(ticket: str, camera: str = CAMERA) -> str:
    return f"/heatstream/push/{camera}?ticket={ticket}"


def sender(server: Server, ticket: str | None = None, camera: str = CAMERA, **options: object) -> ClientConnection:
    ticket = state(server)["push"][camera] if ticket is None else ticket
    return connect(server.url.replace("http", "ws") + path(ticket, camera), max_size=None, **options)


def answer(line: ClientConnection) -> dict:
    return json.loads(line.recv(timeout=20))


def closed(line: ClientConnection) -> int | None:
    """The code with which the server closes the line, whatever it says before."""
    try:
        while True:
            line.recv(timeout=20)
    except ConnectionClosed as error:
        return error.rcvd.code if error.rcvd else None


def test_each_picture_is_handed_on_and_acknowledged(server: Server) -> None:
    before = state(server)["came"]
    with sender(server) as line:
        answers = []
        for number in range(1, 6):
            line.send(message(jpeg(), number, width=128, height=96))
            answers.append(answer(line))
        line.send('{"ping": 1}')
        assert answer(line) == {"pong": True}
    assert [(one["ack"], one["taken"]) for one in answers] == [(number, True) for number in range(1, 6)]
    assert all(0 <= one["waited_ms"] < 1000 for one in answers)
    assert ["ticket" in one for one in answers] == [True, False, False, False, False]
    with sender(server, answers[0]["ticket"]):
        pass
    after = state(server)
    assert after["came"] - before == 5
    assert after["size_wh"] == [128, 96]
    assert abs(after["captured_s"] - time.time()) < 10


def test_a_picture_that_nobody_takes_is_given_up_for_a_newer_one(server: Server) -> None:
    state(server, "taking=0")
    with sender(server) as line:
        line.send(message(jpeg()))
        given_up = answer(line)
        assert (given_up["ack"], given_up["taken"]) == (1, False)
        assert 1900 <= given_up["waited_ms"] < 5000
        state(server, "taking=1")
        line.send(message(jpeg(), 2))
        assert answer(line)["taken"] is True


def test_acknowledgements_come_no_faster_than_the_limit(server: Server) -> None:
    with sender(server) as line:
        began_s = time.monotonic()
        for number in range(21):
            line.send(message(jpeg(), number))
            answer(line)
        assert time.monotonic() - began_s >= 20 / MOST_HZ * 0.95


def test_who_does_not_wait_for_acknowledgements_is_sent_away(server: Server) -> None:
    state(server, "taking=0")
    with sender(server) as line:
        line.send(message(jpeg()))
        line.send(message(jpeg(), 2))
        assert closed(line) == 1008


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b"", "no header"),
        (b"\0\0", "no header"),
        (b"\xff\xff\xff\xffrubbish", "no header"),
        (b"\0\0\0\2[]rubbish", "no header"),
        (message(b"rubbish"), "no JPEG"),
        (message(b""), "no JPEG"),
        (message(b"\x89PNG\r\n\x1a\n" + bytes(100)), "no JPEG"),
        (message(jpeg(), width=100_000, height=100_000), "no header"),
        (message(jpeg(), width=-1, height=-1), "no header"),
        (message(jpeg(), captured_ms=float("nan")), "no header"),
        (message(jpeg(), n=None), "no header"),
        (message(jpeg() + bytes(MOST_BYTES)), "at most 4 MB"),
    ],
    ids=[f"{number}" for number in range(12)],  # names with the time in them would differ from process to process
)
def test_what_is_no_picture_is_refused_and_the_line_goes_on(server: Server, bad: bytes, why: str) -> None:
    before = state(server)["came"]
    with sender(server) as line:
        line.send(bad)
        refused = answer(line)
        assert refused["taken"] is False
        assert why in refused["refused"]
        line.send(message(jpeg(), 2))
        assert answer(line)["taken"] is True
    assert state(server)["came"] == before + 1


def test_whoever_sends_nothing_but_rubbish_is_sent_away_and_counted_in_the_log(server: Server) -> None:
    with sender(server) as line:
        for _ in range(MOST_REFUSED - 1):
            line.send(b"rubbish")
            assert "refused" in answer(line)
        line.send(b"rubbish")
        assert closed(line) == 1003
    assert f"Camera {CAMERA}: 1 messages of a browser were refused" in server.log
    with sender(server) as line:
        line.send(message(jpeg()))
        assert answer(line)["taken"] is True


def test_the_newest_sender_takes_over(server: Server) -> None:
    with sender(server) as first:
        first.send(message(jpeg()))
        answer(first)
        with sender(server) as second:
            assert closed(first) == 4410
            second.send(message(jpeg()))
            assert answer(second)["taken"] is True


def test_a_stopped_and_a_removed_camera_end_the_line(server: Server) -> None:
    with sender(server) as line:
        state(server, f"stop={CAMERA}")
        line.send(message(jpeg()))
        assert closed(line) == 4409
    assert refusal(server, path(state(server)["push"][CAMERA]))[0] == 409
    state(server, f"open={CAMERA}")
    with sender(server) as line:
        state(server, f"forget={CAMERA}")
        line.send(message(jpeg()))
        assert closed(line) == 4404
    assert refusal(server, path(state(server)["push"][CAMERA]))[0] == 404


def refusal(server: Server, target: str, **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    try:
        connection.request("GET", target, headers=headers)
        reply = connection.getresponse()
        return reply.status, reply.read().decode("utf-8", "replace")
    finally:
        connection.close()


def test_only_a_ticket_for_sending_lets_send(server: Server) -> None:
    now = state(server)
    assert refusal(server, path(now["push"][CAMERA]))[0] == 426
    for ticket in (now["see"], "", "forged", now["push"]["cam-file"]):
        assert refusal(server, path(ticket))[0] == 403
        with pytest.raises(InvalidStatus) as caught:
            sender(server, ticket)
        assert caught.value.response.status_code == 403
    see = f"/heatstream/ws/{CAMERA}?ticket={now['push'][CAMERA]}"
    assert refusal(server, see)[0] == 403, "a ticket for sending lets nobody see"
    status, why = refusal(server, path(now["push"]["cam-file"], "cam-file"))
    assert (status, why) == (403, "This camera's pictures do not come from a browser.\n")


def test_foreign_pages_and_names_are_refused(server: Server) -> None:
    ticket = state(server)["push"][CAMERA]
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
        assert refusal(server, path(ticket), **headers)[0] == 403
    with pytest.raises(InvalidStatus) as caught:
        sender(server, ticket, origin="https://evil.example")
    assert caught.value.response.status_code == 403


def test_the_server_ends_with_a_sender_connected() -> None:
    with serving("tests/support/push_app.py") as own, sender(own) as line:
        line.send(message(jpeg()))
        answer(line)
        assert own.end() < 6.0


def test_a_message_is_read_as_it_was_written() -> None:
    found = parse(message(jpeg(3), 7, captured_ms=1.5, sent_ms=2.5, width=640, height=480))
    assert found == Message(7, jpeg(3), (640, 480), 1.5, 2.5)
    with pytest.raises(SourceUnreadableError, match="no header"):
        parse(b"\0\0\x10\0" + b"[" * 5000)


def at(captured_ms: float, sent_ms: float) -> Message:
    return Message(1, b"", (64, 48), captured_ms, sent_ms)


def test_capture_times_keep_the_browsers_steps_whatever_the_line_does() -> None:
    clock = CaptureClock()
    late_s = (0.020, 0.010, 0.300, 0.015, 0.080)  # how long each message is under way
    found = [
        clock.captured_s(at(40 * number, 40 * number + 8), 5000.0 + 0.04 * number + 0.008 + late)
        for number, late in enumerate(late_s)
    ]
    assert found[1:] == pytest.approx([5000.01 + 0.04 * number for number in range(1, 5)])


def test_a_capture_time_is_never_later_than_now_nor_much_earlier() -> None:
    clock = CaptureClock()
    assert clock.captured_s(at(5000, 0), 100.0) == 100.0
    assert clock.captured_s(at(-1e12, 0), 100.0) == 95.0
    assert clock.captured_s(at(1e300, 0), 100.0) == 100.0
