"""Which addresses may be opened by whom, whatever they are spelt like and lead to."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from heatstream.core.errors import AccessError, SourceError, SourceUnreachableError
from heatstream.core.settings import private_urls, settings
from heatstream.sources import addresses
from heatstream.sources.addresses import NetworkAddress, check_address, parse_address, pinned

Setting = Callable[..., None]

PRIVATE = [
    *("http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/"),
    *("http://localhost/", "http://10.1.2.3/", "http://172.16.0.1/", "http://192.168.1.20/", "http://100.64.0.1/"),
    *("http://169.254.169.254/latest", "http://0.0.0.0/", "http://224.0.0.1/", "http://255.255.255.255/"),
    *("http://[::1]/", "http://[::]/", "http://[fe80::1]/", "http://[fd00::1]/", "http://[ff02::1]/"),
    *("http://[::ffff:127.0.0.1]/", "http://[::ffff:a00:1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/"),
    *("rtsp://me:word@10.0.0.1/1", "RTSPS://10.0.0.1", "https://8.8.8.8@10.0.0.1/"),
]
PUBLIC = [
    "http://8.8.8.8/",
    "rtsp://me:word@[2606:4700::1111]:554/1",
    "https://[::ffff:8.8.8.8]/",
    "http://[64:ff9b::808:808]/",
]


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Setting:
    """``setting(allow_private_urls="off")``, for this test."""

    def put(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"HEATSTREAM_{name.upper()}", value)
        settings.cache_clear()

    monkeypatch.delenv("HEATSTREAM_ALLOW_PRIVATE_URLS", raising=False)
    settings.cache_clear()
    return put


@pytest.fixture(autouse=True)
def _fresh_settings():
    yield
    settings.cache_clear()


@pytest.mark.parametrize("text", PRIVATE)
def test_a_private_host_is_refused_however_it_is_spelt(setting: Setting, text: str) -> None:
    setting(allow_private_urls="off")
    with pytest.raises(AccessError, match=r"private network.*HEATSTREAM_CAMERA_HOSTS") as caught:
        check_address(text)
    assert "word" not in str(caught.value)
    check_address(text, operator=True)
    setting(allow_private_urls="on")
    check_address(text)


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_host_is_accepted(setting: Setting, text: str) -> None:
    setting(allow_private_urls="off")
    check_address(text)


def answers(monkeypatch: pytest.MonkeyPatch, *rounds: list[str]) -> None:
    """Have each look-up of a name lead to the next of these, as who owns the name may."""
    waiting = list(rounds)

    def look_up(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        found = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", look_up)


def test_a_name_is_as_good_as_the_worst_of_its_addresses(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    setting(allow_private_urls="off")
    answers(monkeypatch, ["8.8.8.8"])
    check_address("http://cam.example/")
    answers(monkeypatch, ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(AccessError):
        check_address("http://cam.example/")
    answers(monkeypatch, ["fe80::1%eth0"])
    with pytest.raises(AccessError):
        check_address("http://cam.example/")
    answers(monkeypatch, [])
    with pytest.raises(SourceUnreachableError, match=r"cam\.example is not known"):
        check_address("http://me:word@cam.example/")


def test_a_name_that_leads_elsewhere_the_second_time_cannot_mislead(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting(allow_private_urls="off")
    answers(monkeypatch, ["8.8.8.8"], ["8.8.4.4"], ["127.0.0.1"])
    assert pinned("rtsp://me:word@cam.example/1?x=1#udp") == "rtsp://me:word@8.8.4.4:554/1?x=1#udp"
    with pytest.raises(AccessError):
        pinned("rtsp://cam.example/1")
    answers(monkeypatch, ["8.8.8.8"], ["2606:4700::1111"])
    assert pinned("rtsps://cam.example/1") == "rtsps://[2606:4700::1111]:322/1", "no certificate is checked"


def test_what_must_prove_its_name_or_may_be_anywhere_is_not_pinned(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(monkeypatch, ["8.8.8.8"])
    assert pinned("rtsp://cam.example/1") == "rtsp://cam.example/1"
    setting(allow_private_urls="off")
    assert pinned("https://cam.example/1") == "https://cam.example/1"
    assert pinned("rtsp://cam.example/1", operator=True) == "rtsp://cam.example/1"
    assert pinned("/videos/a.mp4") == "/videos/a.mp4"


@pytest.mark.parametrize("camera_hosts", ["cam.example", ""])
def test_a_password_cannot_be_taken_for_the_host(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, camera_hosts: str
) -> None:
    setting(allow_private_urls="off", camera_hosts=camera_hosts)
    answers(monkeypatch, ["8.8.8.8"])
    host = camera_hosts or "8.8.8.8:322"
    assert pinned("rtsps://10.0.0.1:80x/y?z#@cam.example/1") == f"rtsps://10.0.0.1:80x%2Fy%3Fz%23@{host}/1"


def test_the_operators_cameras_may_be_anywhere(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    setting(allow_private_urls="off", camera_hosts="Door.lan, 192.168.7.0/24,fd00::/16")
    for text in ("rtsp://door.lan/1", "rtsp://192.168.7.20/1", "rtsp://[fd00::20]/1", "rtsp://0xc0a80714/1"):
        check_address(text)
    for text in ("rtsp://192.168.8.20/1", "rtsp://127.0.0.1/1", "rtsp://[fd01::20]/1"):
        with pytest.raises(AccessError):
            check_address(text)
    answers(monkeypatch, ["192.168.7.20", "192.168.8.20"])
    with pytest.raises(AccessError):
        check_address("rtsp://window.lan/1")


def test_auto_is_what_the_server_says_and_on_without_one(setting: Setting) -> None:
    check_address("http://127.0.0.1/")
    with private_urls(False), pytest.raises(AccessError):
        check_address("http://127.0.0.1/")
    with private_urls(True):
        check_address("http://127.0.0.1/")
    assert settings().allow_private_urls == "auto"
    setting(allow_private_urls="0")
    with private_urls(True), pytest.raises(AccessError):
        check_address("http://127.0.0.1/")


@pytest.mark.parametrize(
    "text", ["ftp://x/", "concat:http://a|b://", "javascript://x", "rtmp://me:word@x/", "tcp://x:1"]
)
def test_other_schemes_are_refused(text: str) -> None:
    with pytest.raises(AccessError, match="use rtsp, rtsps, http or https") as caught:
        parse_address(text)
    assert "word" not in str(caught.value)


@pytest.mark.parametrize("text", ["/videos/a.mp4", "0", "demo://plaza", "FILE:///a", "webcam://0", "browser://x", ""])
def test_what_stays_on_this_machine_is_none_of_its_business(setting: Setting, text: str) -> None:
    setting(allow_private_urls="off")
    check_address(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rtsp://", "no host"),
        ("rtsp:///1", "no host"),
        ("rtsp://me:word@/1", "no host"),
        ("rtsp://cam:0/1", "1 to 65535"),
        ("rtsp://cam:99999/1", "1 to 65535"),
        ("rtsp://me:word/1", "1 to 65535"),
        ("rtsp://me:word@cam:x/1", "1 to 65535"),
        ("rtsp://me:1word/x@cam", None),
        ("rtsp://me:12/word@cam", "fields of their own"),
        ("http://fd00::1/word", "in brackets"),
        ("http://[::1/word", "in brackets"),
        ("http://[fd00::xyz]/1", "no IPv6"),
        ("http://münchen.example/1", "xn--"),
        ("http://127.0.0.1%2f@x y/1", "%20"),
        ("http://a\\@10.0.0.1/", "no address has"),
        ("http://127.0.0.1%00.example/", "no proper host name"),
        ("http://camera..lan/1", "no proper host name"),
        (f"rtsp://{'a' * 64}.lan/1", "no proper host name"),
    ],
)
def test_what_is_wrong_with_an_address_is_said_without_a_password(text: str, words: str | None) -> None:
    if words is None:
        assert parse_address(text) == NetworkAddress("rtsp", "cam", 554)
        return
    with pytest.raises(SourceError, match=words) as caught:
        parse_address(text)
    assert "word" not in str(caught.value) or "word" in text.rpartition("/")[2]


def test_a_real_address_is_read() -> None:
    assert parse_address("RTSP://me:word@Cam.example.:8554/1") == NetworkAddress("rtsp", "Cam.example.", 8554)
    assert parse_address("https://[fd00::1]/") == NetworkAddress("https", "fd00::1", 443)
