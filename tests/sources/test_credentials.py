"""What is secret in an address is taken out whole, and comes back so that a camera understands it."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatstream.sources import redacted
from heatstream.sources.credentials import NO_SECRET, Secret, split_secret, with_credentials

WORDS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("text", "shown", "secret"),
    [
        ("rtsp://me:w%40rd@cam:554/1?channel=2#udp", "rtsp://cam:554/1?channel=2#udp", Secret("me", "w@rd")),
        ("rtsp://me@cam", "rtsp://cam", Secret("me")),
        ("rtsp://me:a/b?c#d@cam/1", "rtsp://cam/1", Secret("me", "a/b?c#d")),
        ("rtsp://me:w@rd@cam/1", "rtsp://cam/1", Secret("me", "w@rd")),
        ("rtsp://me:w@[fd00::1]:554/1", "rtsp://[fd00::1]:554/1", Secret("me", "w")),
        ("http://cam/v?token=abc&channel=1", "http://cam/v?token=***&channel=1", Secret(hidden=("abc",))),
        (
            "http://cam/v?user=me&pwd=1&size=640x480",
            "http://cam/v?user=***&pwd=***&size=640x480",
            Secret(hidden=("me", "1")),
        ),
        ("https://cam/v?x=0123456789abcdef", "https://cam/v?x=***", Secret(hidden=("0123456789abcdef",))),
        ("https://cam/v?0123456789abcdef", "https://cam/v?***", Secret(hidden=("0123456789abcdef",))),
        (
            "rtsp://cam/user=me_password=w_rd_channel=1_stream=0.sdp?real_stream",
            "rtsp://cam/user=***_password=***_channel=1_stream=0.sdp?real_stream",
            Secret(hidden=("me", "w_rd")),
        ),
        ("rtsp://me:w%FFrd@cam", "rtsp://cam", Secret("me", "w\udcffrd")),
        ("RTMP://me:word@cam/1", "RTMP://cam/1", Secret("me", "word")),
    ],
)
def test_secrets_are_taken_out_and_come_back(text: str, shown: str, secret: Secret) -> None:
    assert split_secret(f" {text} ") == (shown, secret)
    whole = with_credentials(shown, secret)
    assert split_secret(whole) == (shown, secret)
    assert split_secret(shown) == (shown, NO_SECRET)


@pytest.mark.parametrize(
    "text",
    ["/v/me:word@home?token=1.mp4", "demo://plaza?seed=1", "file:///a@b.mp4?token=1", "0", "webcam://0?size=1x1"],
)
def test_what_is_no_network_address_stays_as_it_is(text: str) -> None:
    assert split_secret(text) == (text, NO_SECRET)
    assert with_credentials(text, Secret("me", "word")) == text or not text.startswith(("/", "0"))


@given(user=WORDS, password=WORDS, value=st.text("abc&=?/%*", min_size=1, max_size=8))
def test_any_password_survives_and_shows_nowhere(user: str, password: str, value: str) -> None:
    whole = with_credentials("rtsp://cam.example:554/1?token=***", Secret(user, password, (value,)))
    parts = urlsplit(whole)
    assert (unquote(parts.username or ""), unquote(parts.password or "")) == (user, password)
    assert (parts.hostname, parts.port, parts.path) == ("cam.example", 554, "/1")
    shown, secret = split_secret(f"rtsp://{quote(user, safe='')}:{quote(password, safe='')}@cam.example:554/1")
    assert (shown, secret) == ("rtsp://cam.example:554/1", Secret(user, password))
    assert Secret.from_text(secret.to_text()) == secret
    assert redacted(whole) == "rtsp://cam.example:554/1"


def test_a_secret_does_not_show_itself() -> None:
    secret = Secret("anna", "w@rd", ("abc",))
    assert "anna" not in f"{secret!r} {secret}"
    assert "w@rd" not in f"{secret!r} {secret}"
    assert (
        secret.scrubbed("cannot open rtsp://anna:w%40rd@cam?t=abc: w@rd")
        == "cannot open rtsp://anna:***@cam?t=***: ***"
    )
    assert not NO_SECRET
    with pytest.raises(ValueError, match="no secret"):
        Secret.from_text('{"user": "me"}')


def test_in_our_own_words_only_addresses_are_masked() -> None:
    secret = Secret("admin", "camera", ("10", "password"))
    said = "http://10.0.0.5/v?pwd=password refused the user name or the password; look at the camera"
    assert secret.masked(said) == "http://10.0.0.5/v?pwd=*** refused the user name or the password; look at the camera"


def test_a_mark_without_its_value_stays() -> None:
    assert with_credentials("http://c/v?a=***&b=***", Secret(hidden=("1",))) == "http://c/v?a=1&b=***"
