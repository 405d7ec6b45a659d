"""Secrets at rest: what is sealed cannot be read without the key, and a key that is lost loses nothing else."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from heatstream.core.errors import VaultError
from heatstream.store import Vault


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_sealed_is_read_by_the_next_program(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    vault = Vault(folder)
    assert not folder.exists()  # no key before there is a secret
    sealed = vault.seal("wörd")
    assert "w" + "örd" not in sealed
    assert Vault(folder).unseal(sealed) == "wörd"
    assert [path.name for path in folder.iterdir()] == ["secret.key"]
    assert mode(folder / "secret.key") == 0o600


def test_a_key_that_others_can_read_is_taken_from_them(tmp_path: Path) -> None:
    sealed = Vault(tmp_path).seal("word")
    (tmp_path / "secret.key").chmod(0o644)
    assert Vault(tmp_path).unseal(sealed) == "word"
    assert mode(tmp_path / "secret.key") == 0o600


def test_a_umask_that_gives_too_much_does_not_reach_the_key(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        Vault(tmp_path).seal("word")
    finally:
        os.umask(before)
    assert mode(tmp_path / "secret.key") == 0o600


def test_many_that_begin_at_once_have_one_key(tmp_path: Path) -> None:
    vaults = [Vault(tmp_path) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        sealed = list(pool.map(lambda vault: vault.seal("word"), vaults))
    assert [Vault(tmp_path).unseal(text) for text in sealed] == ["word"] * 8
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_a_key_of_the_environment_needs_no_file(tmp_path: Path) -> None:
    key = Fernet.generate_key().decode()
    sealed = Vault(tmp_path, key).seal("word")
    assert list(tmp_path.iterdir()) == []
    assert Vault(tmp_path, key).unseal(sealed) == "word"
    with pytest.raises(VaultError, match=r"another key than the one in HEATSTREAM_SECRET_KEY"):
        Vault(tmp_path, Fernet.generate_key().decode()).unseal(sealed)
    with pytest.raises(VaultError, match="HEATSTREAM_SECRET_KEY holds no key") as caught:
        Vault(tmp_path, "hunter2").seal("word")
    assert "hunter2" not in str(caught.value)


def test_a_lost_key_is_named_and_no_other_is_made_in_its_place(tmp_path: Path) -> None:
    sealed = Vault(tmp_path).seal("word")
    (tmp_path / "secret.key").rename(tmp_path / "elsewhere")
    with pytest.raises(VaultError, match=r"secret\.key, is gone"):
        Vault(tmp_path).unseal(sealed)
    assert not (tmp_path / "secret.key").exists()
    (tmp_path / "elsewhere").rename(tmp_path / "secret.key")
    assert Vault(tmp_path).unseal(sealed) == "word"
    with pytest.raises(VaultError, match="another key"):
        Vault(tmp_path).unseal(sealed[:-8] + "AAAAAAA=")


@pytest.mark.parametrize("content", [b"", b"short", b"\xff\xfe" * 20])
def test_a_file_that_is_no_key_is_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret.key").write_bytes(content)
    with pytest.raises(VaultError, match=r"secret\.key"):
        Vault(tmp_path).seal("word")
    assert (tmp_path / "secret.key").read_bytes() == content


def test_a_link_or_a_folder_in_the_keys_place_is_refused(tmp_path: Path) -> None:
    Vault(tmp_path / "other").seal("word")
    (tmp_path / "secret.key").symlink_to(tmp_path / "other" / "secret.key")
    with pytest.raises(VaultError, match="not a regular file"):
        Vault(tmp_path).seal("word")
    (tmp_path / "file").write_text("x")
    with pytest.raises(VaultError, match="cannot be used"):
        Vault(tmp_path / "file").seal("word")
