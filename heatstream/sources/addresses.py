"""Which addresses may be opened: a list of schemes, and no host of a private network where that is switched off.

An *operator* may open every host: whoever starts HeatStream on the command line (``operator=True``), and whoever sets
its environment, by naming camera hosts in ``HEATSTREAM_CAMERA_HOSTS``. Everyone who can open the page is not.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass

from heatstream.core.errors import AccessError, SourceError, SourceUnreachableError
from heatstream.core.settings import settings
from heatstream.sources.base import is_url, redacted, split_url

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

#: The schemes that lead into a network, with their ports; all others stay on this machine.
NETWORK_SCHEMES = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
LOCAL_SCHEMES = ("file", "demo", "webcam", "browser")
#: Signs of a password that end the host for those who take an address literally.
_QUOTED = str.maketrans({sign: f"%{ord(sign):02X}" for sign in "/?#"})
_HOST_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9_])?\.?")
_UNFIT = re.compile(r"[\x00-\x20\x7f\\]")
#: As which a network of IPv6 alone shows IPv4 addresses, in the last four bytes.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class NetworkAddress:
    """Where a network source lies; ``host`` is a name or an IP address without brackets."""

    scheme: str
    host: str
    port: int


def is_network(text: str) -> bool:
    """Whether ``text`` names a source in a network."""
    return is_url(text.strip()) and text.strip().partition("://")[0].lower() in NETWORK_SCHEMES


def parse_address(text: str) -> NetworkAddress:
    """The scheme, host and port of a network source's text.

    Raises:
        AccessError: its scheme is none that may be opened.
        SourceError: host or port are missing or wrong; the message says what to write, without what may be a password.
    """
    text = text.strip()
    parts = split_url(text) if is_url(text) else None
    scheme = parts.scheme.lower() if parts else ""
    if parts is None or scheme not in NETWORK_SCHEMES:
        raise AccessError(f"{redacted(text)} is no address that can be opened; use rtsp, rtsps, http or https")
    name = redacted(text)
    if _UNFIT.search(text):
        raise SourceError(f"{name} has a space or a sign in it that no address has; write %20 for a space")
    if name.endswith("://..."):
        raise SourceError(
            "the address has an @ after its first slash. If it belongs to the password, give user and password in "
            "fields of their own; if it belongs to the path, write %40"
        )
    host, port = _host_and_port(parts.host, NETWORK_SCHEMES[scheme], name)
    return NetworkAddress(scheme, host, port)


def _host_and_port(text: str, default: int, name: str) -> tuple[str, int]:
    found = re.fullmatch(r"(\[[^\[\]]*\]|[^:]*)(?::(.*))?", text)
    host, port = (found[1], found[2]) if found else (text, None)
    if ":" in (port or "") or ("[" in text and not text.startswith("[")) or text.count("[") != text.count("]"):
        raise SourceError(f"{name} has no proper host: an IPv6 address stands in brackets, as in rtsp://[fd00::20]/1")
    if not host:
        raise SourceError(f"{name} names no host; write for example rtsp://192.168.1.20/stream1")
    if port and not (port.isascii() and port.isdecimal() and len(port) <= 5 and 0 < int(port) < 65536):
        raise SourceError(f"the port of {name} must be a number from 1 to 65535")
    if host.startswith("["):
        try:
            ipaddress.IPv6Address(host[1:-1])
        except ValueError:
            raise SourceError(f"{host} is no IPv6 address; write for example rtsp://[fd00::20]/stream1") from None
        host = host[1:-1]
    elif not _HOST_NAME.fullmatch(host) or not all(0 < len(label) < 64 for label in host.removesuffix(".").split(".")):
        raise SourceError(
            f"{name} has no proper host name: letters a to z, digits, dots and hyphens; other alphabets are written "
            "in their xn-- form"
        )
    return host, int(port) if port else default


def some_are_closed() -> bool:
    """Whether there are addresses that may not be opened, so that one must know where a server leads."""
    return settings().allow_private_urls is False


def check_address(text: str, *, operator: bool = False) -> None:
    """See that the source ``text`` may be opened; to be called again before every opening and for every redirect.

    Texts that name nothing in a network are accepted: a page keeps paths inside its folders.

    Raises:
        AccessError: its scheme is none that may be opened, or its host lies in a private network and may not be.
        SourceError: it is no address.
        SourceUnreachableError: its host must be looked up to know, and is not known.
    """
    text = text.strip()
    if is_url(text) and text.partition("://")[0].lower() in LOCAL_SCHEMES:
        return
    if is_url(text):
        address = parse_address(text)
        if not _may_be_anywhere(address.host, operator=operator):
            _public_addresses(address)


def pinned(text: str, *, operator: bool = False) -> str:
    """``text`` as everybody reads it alike, with its host's name replaced by an address that was looked up and checked.

    Who connects to that cannot be led elsewhere by another answer to a second lookup, nor by a password with a slash
    (in ``rtsp://10.0.0.1:80x/y@camera.example/`` FFmpeg takes 10.0.0.1 for the host). The name is left where that host
    may be anywhere, and where the server must prove it (https). Of rtsps no certificate is checked, so that a name
    proves nothing; an encrypted server that must hear its name (SNI) cannot be opened so. All is left where any host
    may be opened.

    Raises:
        as ``check_address``.
    """
    check_address(text, operator=operator)
    if not is_network(text) or not some_are_closed():
        return text
    address = parse_address(text)
    parts = split_url(text.strip())
    host = parts.host
    if address.scheme != "https" and not _may_be_anywhere(address.host, operator=operator):
        found = _public_addresses(address)[0]
        host = f"[{found}]:{address.port}" if found.version == 6 else f"{found}:{address.port}"
    userinfo = f"{parts.userinfo}@" if parts.userinfo else ""
    return f"{parts.scheme}://{userinfo.translate(_QUOTED)}{host}{parts.path}{parts.query}{parts.fragment}"


def check_udp(text: str, *, operator: bool = False) -> None:
    """See that the camera ``text`` may be asked to send over UDP: an operator answers for its host.

    A name that only a look-up would show to be listed is let pass; ``pinned`` leaves none.

    Raises:
        AccessError: nobody does.
        SourceError: it is no address.
    """
    host = parse_address(text).host
    if _may_be_anywhere(host, operator=operator):
        return
    try:
        answered_for = _is_listed(ipaddress.ip_address(host))
    except ValueError:
        answered_for = bool(_camera_hosts())
    if not answered_for:
        raise AccessError(
            f"{redacted(text)}: this server opens no private networks for its visitors, and over UDP a camera could "
            "have it send into them; choose TCP, or leave #udp out"
        )


def _may_be_anywhere(host: str, *, operator: bool) -> bool:
    return operator or not some_are_closed() or host.lower().rstrip(".") in _camera_hosts()


def _camera_hosts() -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in settings().camera_hosts.split(",") if name.strip())


def _public_addresses(address: NetworkAddress) -> tuple[IpAddress, ...]:
    """All that the host's name leads to, having seen that none of it is private."""
    found = _look_up(address)
    for one in found:
        if not _is_public(one) and not _is_listed(one):
            raise AccessError(
                f"{address.scheme}://{address.host} lies in a private network, and this server opens none for its "
                "visitors; its operator can list the host in HEATSTREAM_CAMERA_HOSTS, or allow all of them "
                "(HEATSTREAM_ALLOW_PRIVATE_URLS=on)"
            )
    return found


def _look_up(address: NetworkAddress) -> tuple[IpAddress, ...]:
    try:
        # The resolver reads 2130706433, 0x7f.1 and 0177.0.0.1 as 127.0.0.1, as FFmpeg's does.
        answers = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SourceUnreachableError(
            f"the host {address.host} is not known in this network; check its name, or write its IP address"
        ) from error
    return tuple(ipaddress.ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers)


def _is_public(address: IpAddress) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped or address in _NAT64:
            return _is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        tunnels = [address.sixtofour, *(address.teredo or ())]
        if any(one is not None and not _is_public(one) for one in tunnels):
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _is_listed(address: IpAddress) -> bool:
    """Whether ``HEATSTREAM_CAMERA_HOSTS`` has the address, or a network (``192.168.7.0/24``) that it lies in."""
    for name in _camera_hosts():
        try:
            network = ipaddress.ip_network(name, strict=False)
        except ValueError:
            continue  # a host's name
        if address in network:
            return True
    return False
