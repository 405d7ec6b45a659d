"""Encrypts what must not lie in the database in clear: with a key of the environment, or one in the data folder."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from heatstream.core.errors import VaultError

FILE_NAME = "secret.key"
_MODE = 0o600
_FROM_SETTING = "HEATSTREAM_SECRET_KEY"


class Vault:
    """Seals and unseals short texts. ``key`` is a Fernet key; if empty, the file ``secret.key`` in ``folder`` has it.

    The file is made when something is sealed for the first time, and only its owner may read it.
    """

    def __init__(self, folder: Path, key: str = "") -> None:
        self._path = folder / FILE_NAME
        self._key = key
        self._fernet: Fernet | None = None

    def seal(self, text: str) -> str:
        """``text`` encrypted.

        Raises:
            VaultError: there is no usable key, and none can be made.
        """
        return self._opened(make=True).encrypt(text.encode()).decode("ascii")

    def unseal(self, sealed: str) -> str:
        """The text that ``seal`` made ``sealed`` of.

        Raises:
            VaultError: the key is lost or another one, or it cannot be used.
        """
        try:
            return self._opened(make=False).decrypt(sealed.encode()).decode()
        except (InvalidToken, ValueError) as error:
            where = _FROM_SETTING if self._key else str(self._path)
            raise VaultError(f"It was encrypted with another key than the one in {where}") from error

    def _opened(self, *, make: bool) -> Fernet:
        if self._fernet is None:
            key = self._key or self._read(make=make)
            try:
                self._fernet = Fernet(key)
            except ValueError as error:
                where = _FROM_SETTING if self._key else str(self._path)
                raise VaultError(
                    f"{where} holds no key: 32 bytes in URL-safe base64, as cryptography's Fernet.generate_key() makes"
                ) from error
        return self._fernet

    def _read(self, *, make: bool) -> str:
        try:
            if make and not self._path.exists():
                self._make()
            _protect(self._path)
            return self._path.read_text("ascii").strip()
        except FileNotFoundError as error:
            raise VaultError(f"Its key, {self._path}, is gone") from error
        except (OSError, UnicodeError) as error:
            reason = (error.strerror if isinstance(error, OSError) else "") or "it is no text"
            raise VaultError(f"The key {self._path} cannot be used: {reason}") from error

    def _make(self) -> None:
        """Write a new key whole or not at all; of two programs that do so at once one wins."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_name(f".{FILE_NAME}-{secrets.token_hex(4)}.part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(Fernet.generate_key() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(part, self._path)  # unlike a rename it never replaces a key that is there
            except FileExistsError:
                return
            except OSError:  # a file system without links
                part.rename(self._path)
        finally:
            part.unlink(missing_ok=True)


def _protect(path: Path) -> None:
    """Take a key away from all but its owner.

    Raises:
        VaultError: it is no regular file, or belongs to somebody else, who could read or change it.
    """
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        raise VaultError(f"The key {path} is not a regular file; a link to a key is not followed")
    if os.name != "posix":
        return
    if found.st_uid not in (os.geteuid(), 0):
        raise VaultError(f"The key {path} belongs to another user; give it to the one who runs HeatStream")
    if stat.S_IMODE(found.st_mode) & 0o077:
        path.chmod(_MODE)
