"""Credentials of network sources: taken out of an address at once, kept apart, and put back just before opening."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from urllib.parse import quote, unquote

from heatstream.sources.base import MARK, PATH_SECRETS, is_url, split_url

#: Addresses of these kinds never carry a secret.
_OPEN_SCHEMES = ("demo", "file", "webcam", "browser")
#: Names of parameters whose values are credentials; and so are values this long (characters), whatever their name.
_NAMES = re.compile(
    r"user|usr|login|account|pass|pwd|psw|auth|token|key|secret|sig|session|ticket|cred|jwt|hash|hmac|nonce|code|sid$"
    r"|^(?:u|p|pw|t)$",
    re.IGNORECASE,
)
_LONG = 16
#: An address in a text: up to its host, and the rest.
_ADDRESS = re.compile(r"(\w+://[^\s/]*)(\S*)")


@dataclass(frozen=True, slots=True)
class Secret:
    """What opens a source and is never shown; false where there is none.

    ``hidden`` are the values that stood where the address has ``MARK``, as they were written there.
    """

    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    hidden: tuple[str, ...] = field(default=(), repr=False)

    def __bool__(self) -> bool:
        return bool(self.user or self.password or self.hidden)

    def completed(self, by: Secret) -> Secret:
        """This one, with ``by``'s where it has nothing."""
        return Secret(self.user or by.user, self.password or by.password, self.hidden or by.hidden)

    def to_text(self) -> str:
        """As ``from_text`` reads it; to be encrypted."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Secret:
        """The secret that ``to_text`` wrote.

        Raises:
            ValueError: it is no such text.
        """
        try:
            found = json.loads(text)
            return cls(str(found["user"]), str(found["password"]), tuple(str(value) for value in found["hidden"]))
        except (KeyError, TypeError) as error:
            raise ValueError("no secret was written there") from error

    def scrubbed(self, text: str) -> str:
        """``text``, a message that a library made of the address, without what is secret in it."""
        return _masked(text, {self.password, _quoted(self.password), *self.hidden})

    def masked(self, text: str) -> str:
        """``text``, a message of ours, without what is hidden in the paths of its addresses.

        Only there: in the words around them a weak password ("camera", say) would be given away by its mask.
        """
        return _ADDRESS.sub(lambda found: found[1] + _masked(found[2], set(self.hidden)), text)


def _masked(text: str, values: set[str]) -> str:
    for value in sorted(values - {""}, key=len, reverse=True):
        text = text.replace(value, MARK)
    return text


NO_SECRET = Secret()


def split_secret(text: str) -> tuple[str, Secret]:
    """An address as it is shown, stored and hashed, and what was secret in it: user, password, and tokens.

    What is no network address is given back as it is.
    """
    text = text.strip()
    if not is_url(text):
        return text, NO_SECRET
    parts = split_url(text)
    if parts.scheme.lower() in _OPEN_SCHEMES:
        return text, NO_SECRET
    user, _, password = parts.userinfo.partition(":")
    hidden: list[str] = []
    path, query = _without_path_secrets(parts.path, hidden), _without_query_secrets(parts.query, hidden)
    secret = Secret(_unquoted(user), _unquoted(password), tuple(hidden))
    return f"{parts.scheme}://{parts.host}{path}{query}{parts.fragment}", secret


def with_credentials(text: str, secret: Secret) -> str:
    """The address that a camera wants to see: ``text`` as ``split_secret`` gave it, with its secret put back."""
    if not secret or not is_url(text):
        return text
    parts = split_url(text)
    tail = parts.path + parts.query
    pieces = tail.split(MARK)
    values = (*secret.hidden, *[MARK] * len(pieces))
    tail = pieces[0] + "".join(value + piece for value, piece in zip(values, pieces[1:], strict=False))
    userinfo = ""
    if secret.user or secret.password:
        password = f":{_quoted(secret.password)}" if secret.password else ""
        userinfo = f"{_quoted(secret.user)}{password}@"
    return f"{parts.scheme}://{userinfo}{parts.host}{tail}{parts.fragment}"


def _unquoted(text: str) -> str:
    """``text`` without its %-signs; bytes that are no UTF-8 survive until ``_quoted`` writes them again."""
    return unquote(text, errors="surrogateescape")


def _quoted(text: str) -> str:
    try:
        return quote(text, safe="", errors="surrogateescape")
    except UnicodeEncodeError:  # half a character, which no keyboard has
        return quote(text, safe="", errors="replace")


def _without_path_secrets(path: str, hidden: list[str]) -> str:
    def hide(found: re.Match[str]) -> str:
        if found[2] != MARK:
            hidden.append(found[2])
        return found[1] + MARK

    return PATH_SECRETS.sub(hide, path)


def _without_query_secrets(query: str, hidden: list[str]) -> str:
    """``query`` with its question mark; the values that choose a camera's channel and the like stay."""
    if not query:
        return ""
    shown = []
    for part in query[1:].split("&"):
        name, equals, value = part.partition("=")
        if equals and value and value != MARK and (_NAMES.search(name) or len(value) >= _LONG):
            hidden.append(value)
            shown.append(f"{name}={MARK}")
        elif not equals and len(part) >= _LONG:
            hidden.append(part)
            shown.append(MARK)
        else:
            shown.append(part)
    return "?" + "&".join(shown)
