"""Who may ask: Host, Origin and tickets, each with what is allowed and what is not."""

from __future__ import annotations

import time

import pytest
from starlette.datastructures import Headers

from heatstream.core.errors import AccessError
from heatstream.web.access import Doors, Tickets

LOCAL = Doors.of(bound="127.0.0.1", public=["localhost"])
EVERYWHERE = Doors.of(bound="", public=["localhost"])
LISTED = Doors.of(bound="127.0.0.1", listed=["Cams.Example.org", "box:8443"])


def headers(host: str | None, *origins: str) -> Headers:
    raw = [(b"origin", origin.encode()) for origin in origins]
    return Headers(raw=[*raw, (b"host", host.encode())] if host is not None else raw)


@pytest.mark.parametrize(
    ("doors", "host"),
    [
        (LOCAL, "localhost:8501"),
        (LOCAL, "127.0.0.1"),
        (LOCAL, "[::1]:8501"),
        (LOCAL, "LocalHost.:8501"),
        (EVERYWHERE, "192.168.1.20:8501"),
        (EVERYWHERE, "[fe80::1]:8501"),
        (LISTED, "cams.example.org"),
        (LISTED, "box:8443"),
        (Doors.of(bound="10.0.0.7"), "10.0.0.7:8501"),
        (Doors.of(bound="mybox"), "mybox:8501"),
    ],
)
def test_our_names_are_let_in(doors: Doors, host: str) -> None:
    doors.check(headers(host))
    doors.check(headers(host, f"http://{host}"))


@pytest.mark.parametrize(
    ("doors", "host"),
    [
        (LOCAL, "evil.example"),
        (LOCAL, "localhost.evil.example:8501"),
        (LOCAL, "192.168.1.20:8501"),
        (LOCAL, "127.0.0.1.nip.io"),
        (LOCAL, "user@localhost"),
        (LOCAL, "localhost/x"),
        (LOCAL, "localhost:notaport"),
        (LOCAL, ""),
        (LOCAL, None),
        (EVERYWHERE, "evil.example:8501"),
        (EVERYWHERE, "0.0.0.0.evil.example"),
        (LISTED, "cams.example.org.evil.example"),
    ],
)
def test_foreign_names_are_refused_with_one_sentence_that_helps(doors: Doors, host: str | None) -> None:
    with pytest.raises(AccessError, match=r"^This server does not answer .*HEATSTREAM_ALLOWED_HOSTS\.$"):
        doors.check(headers(host))


def test_two_host_headers_are_refused() -> None:
    with pytest.raises(AccessError):
        LOCAL.check(Headers(raw=[(b"host", b"localhost"), (b"host", b"evil.example")]))


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:8501", "http://localhost:8501"),
        ("localhost:80", "http://localhost"),
        ("cams.example.org", "https://cams.example.org"),
        ("localhost:8501", "https://cams.example.org"),
        ("localhost:8501", "https://box:8443"),
    ],
)
def test_our_pages_are_answered(host: str, origin: str) -> None:
    LISTED.check(headers(host, origin))


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://localhost:3000",
        "http://127.0.0.1:8501",
        "https://localhost:8501.evil.example",
        "http://localhost:8501@evil.example",
        "https://cams.example.org:9999",
        "https://box",
        "ftp://localhost:8501",
        "null",
        "",
    ],
)
def test_foreign_pages_are_refused(origin: str) -> None:
    with pytest.raises(AccessError, match="does not answer to pages"):
        LISTED.check(headers("localhost:8501", origin))


def test_a_ticket_opens_its_camera_and_no_other() -> None:
    tickets = Tickets(b"secret", 600)
    ticket = tickets.issue("cam-1")
    tickets.check(ticket, "cam-1")
    with pytest.raises(AccessError, match="another camera"):
        tickets.check(ticket, "cam-2")


@pytest.mark.parametrize("forged", ["", "x", "ImNhbS0xIg.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb"])
def test_a_forged_ticket_is_refused(forged: str) -> None:
    with pytest.raises(AccessError, match="no valid ticket"):
        Tickets(b"secret", 600).check(forged, "cam-1")


def test_a_ticket_of_another_process_or_with_one_changed_letter_is_refused() -> None:
    ticket = Tickets(b"secret", 600).issue("cam-1")
    with pytest.raises(AccessError):
        Tickets(b"another secret", 600).check(ticket, "cam-1")
    for place in (0, len(ticket) // 2, len(ticket) - 2):
        changed = ticket[:place] + ("A" if ticket[place] != "A" else "B") + ticket[place + 1 :]
        with pytest.raises(AccessError):
            Tickets(b"secret", 600).check(changed, "cam-1")


def test_a_ticket_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = Tickets(b"secret", 600)
    ticket = tickets.issue("cam-1")
    now_s = time.time()
    monkeypatch.setattr(time, "time", lambda: now_s + 599)
    tickets.check(ticket, "cam-1")
    monkeypatch.setattr(time, "time", lambda: now_s + 602)
    with pytest.raises(AccessError, match="expired"):
        tickets.check(ticket, "cam-1")
