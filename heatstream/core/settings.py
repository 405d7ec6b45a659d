"""Settings that are read once from the environment: folders, the default model, limits."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from heatstream.core.errors import SettingsError

_PRIVATE = "HEATSTREAM_ALLOW_PRIVATE_URLS"


class Settings(BaseSettings):
    """Every setting; ``HEATSTREAM_MEDIA_DIR`` sets ``media_dir``, and so on. Folders are relative to where it runs."""

    model_config = SettingsConfigDict(env_prefix="HEATSTREAM_", frozen=True, env_ignore_empty=True)

    media_dir: Path = Field(Path("media"), description="folder whose videos and pictures the page offers")
    model_dir: Path = Field(Path("models"), description="folder whose models the page offers; downloads go here")
    data_dir: Path = Field(Path("data"), description="everything HeatStream writes goes here")
    model: str = Field("yolov8n.pt", description="the model that 'automatic' stands for: a name, a path, or motion")
    device: str = Field("auto", description="where models run: auto, cpu, or a CUDA device number")
    max_upload_mb: int = Field(500, ge=1, description="largest file that can be uploaded, in megabytes")
    allowed_hosts: str = Field("", description="further host names the server answers to, separated by commas")
    ticket_s: int = Field(600, ge=5, description="how long a picture's signed address can be opened, in seconds")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("WARNING", description="how much goes to the log")
    database_url: str = Field("", description="database of what must last; if empty, heatstream.db in the data folder")
    max_cameras: int = Field(8, ge=1, description="how many cameras may run at the same time")
    idle_stop_s: float = Field(300.0, gt=0, description="a file's camera stops this long after its last viewer")

    allow_private_urls: bool | Literal["auto"] = Field(
        "auto", description="whether the page may open hosts of private networks: on, off; auto: on for loopback only"
    )
    camera_hosts: str = Field("", description="hosts and networks that may be opened in any case, separated by commas")
    secret_key: SecretStr = Field(SecretStr(""), description="encrypts passwords; if empty, a key in the data folder")

    @property
    def upload_dir(self) -> Path:
        """Where uploaded files are kept."""
        return self.data_dir / "uploads"

    @property
    def extra_hosts(self) -> tuple[str, ...]:
        """``allowed_hosts`` as a tuple of lower-case names."""
        return tuple(name.strip().lower() for name in self.allowed_hosts.split(",") if name.strip())


@cache
def settings() -> Settings:
    """The settings of this process.

    Raises:
        SettingsError: an environment variable has a value that cannot be used; the message names it.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"HEATSTREAM_{first['loc'][0]}".upper()
        raise SettingsError(f"{name}: {first['msg']} (it is {first['input']!r})") from error


@contextmanager
def private_urls(allowed: bool) -> Iterator[None]:
    """Inside, ``allow_private_urls`` is ``allowed`` where it was ``auto``, also in processes that are started there."""
    if settings().allow_private_urls != "auto":
        yield
        return
    before = os.environ.get(_PRIVATE)
    os.environ[_PRIVATE] = "on" if allowed else "off"
    settings.cache_clear()
    try:
        yield
    finally:
        os.environ.pop(_PRIVATE)
        if before is not None:
            os.environ[_PRIVATE] = before
        settings.cache_clear()
