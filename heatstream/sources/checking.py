"""What is wrong with a source's text, said before anything is opened."""

from __future__ import annotations

import difflib
import re
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from heatstream.core.errors import AccessError, SourceError, SourceNotFoundError
from heatstream.demo import is_demo, parse_address
from heatstream.sources import addresses
from heatstream.sources.base import MARK, is_url, redacted, split_url
from heatstream.sources.credentials import split_secret, with_credentials
from heatstream.sources.file import local_path

#: No path or address is longer (characters); what is gets no further.
LONGEST = 4096
_SCHEMES = (*addresses.NETWORK_SCHEMES, *addresses.LOCAL_SCHEMES)
#: ``rtsp:/host``, ``rtsp//host``, ``rtsp:host``: not quite an address.
_ALMOST = re.compile(r"(rtsps?|https?|demo|webcam|browser)(:/?|//)", re.IGNORECASE)
#: A webcam by its path.
_DEVICE = re.compile(r"/dev/video\d{1,3}")
_USAGE = "give a file's path, rtsp://, http:// or another address, the number of a webcam, or demo://plaza"


def check_source(text: str, *, folders: Sequence[Path] | None = None) -> str:
    """``text`` as ``open_source`` takes it, having seen that it can name a source. No host is asked, nothing opened.

    ``folders``: a path must lie inside one of them, links resolved, and is given back in full; a relative one begins
    there. Without them (on the command line) it may lie anywhere.

    Raises:
        SourceError: it names none, or none that exists; the message says what to write, and never what may be a
            password.
        AccessError: its scheme is none that may be opened, or its path lies outside ``folders``.
    """
    text = text.strip()
    if not text:
        raise SourceError(f"no source is named; {_USAGE}")
    if len(text) > LONGEST:
        raise SourceError(f"the source's text has {len(text):,} characters, and no address has more than {LONGEST:,}")
    unseen = {unicodedata.category(char) for char in text if not char.isprintable()}
    if not is_url(text):
        unseen &= {"Cc", "Cs"}  # a file's name may have others: a narrow space, what joins letters
    if unseen:
        raise SourceError("the source's text has a sign in it that cannot be seen; type it, rather than paste it")
    if text.isdecimal():
        _check_webcam(text)
    elif is_url(text):
        _check_url(text)
    if local_path(text) is not None:
        text = _checked_path(text, folders)
    return with_credentials(*split_secret(text))  # a password with a slash in it is written properly now


def _check_webcam(text: str) -> None:
    if not text.isascii() or len(text) > 3:
        raise SourceError(f"there is no webcam {text[:10]}; webcams are numbered from 0")
    if sys.platform != "linux":
        return  # other systems tell when it is opened
    if not Path(f"/dev/video{int(text)}").exists():
        numbers = sorted(int(path.name[5:]) for path in Path("/dev").glob("video[0-9]*") if path.name[5:].isdecimal())
        there = f"there is {', '.join(map(str, numbers))}" if numbers else "none is connected"
        raise SourceNotFoundError(f"there is no webcam {text}: {there}")


def _check_url(text: str) -> None:
    scheme = text.partition("://")[0].lower()
    if scheme not in _SCHEMES:
        near = difflib.get_close_matches(scheme, _SCHEMES, n=1)
        meant = f"did you mean {near[0]}://?" if near else f"use one of {', '.join(_SCHEMES)}"
        raise AccessError(f"addresses that begin with {scheme[:20]}:// cannot be opened; {meant}")
    if is_demo(text):
        parse_address(text)
    elif scheme in addresses.NETWORK_SCHEMES:
        addresses.parse_address(text)
        parts = split_url(text)
        if MARK in parts.path + parts.query:
            raise SourceError(f"{MARK} stands for a password or token that was hidden; type the address with it again")
        if parts.fragment and parts.fragment.lower() not in ("#udp", "#tcp"):
            raise SourceError(
                f"{redacted(text)} is followed by a # that no camera understands; #udp is for RTSP over UDP, and in "
                "the address itself a # is written %23"
            )


def _checked_path(text: str, folders: Sequence[Path] | None) -> str:
    name, rate_mark, rate = text.rpartition("?rate=")  # of a folder of pictures
    path = local_path(name or text)
    assert path is not None
    try:
        if folders is None or _DEVICE.fullmatch(str(path)):
            if path.exists():
                return text
        elif found := _inside(path, folders):
            return f"{found}{rate_mark}{rate}" if name else str(found)
    except AccessError:
        raise
    except (OSError, ValueError, RuntimeError):  # a name that no file system takes, or links in a circle
        pass
    shown = text if len(text) <= 120 else f"{text[:120]}…"
    almost = _ALMOST.match(text)
    if almost:
        scheme = almost[1].lower()
        raise SourceError(f"an address begins with {scheme}:// and then the host; this one has {almost[0]!r}")
    if "@" in text:  # which may follow a password
        raise SourceNotFoundError("there is no such file; an address begins with rtsp:// or http://")
    if re.match(r"(\d{1,3}\.){3}\d{1,3}\b|localhost\b|www\.", text):
        raise SourceError(f"{shown} looks like an address; write rtsp:// or http:// before it")
    raise SourceNotFoundError(f"{shown} does not exist; check the path, or {_USAGE}")


def _inside(path: Path, folders: Sequence[Path]) -> Path | None:
    """The file of one of the folders that ``path`` names, links resolved; None if it could be there, but is not.

    Raises:
        AccessError: it leads out of all of them. Whether something is there is not told.
    """
    roots = [folder.resolve() for folder in folders]
    places = {root: (root / path).resolve() for root in roots}
    inside = [place for root, place in places.items() if place.is_relative_to(root)]
    if len(inside) < (1 if path.is_absolute() else len(places)):
        raise AccessError("this path lies outside the media folder; only files inside it can be opened from the page")
    return next((place for place in inside if place.exists()), None)
