"""Passwords of cameras: beside the camera, not in it; kept encrypted; asked for again when their key is lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from heatstream.core.controls import Controls
from heatstream.core.errors import TooManyCamerasError
from heatstream.core.settings import settings
from heatstream.core.types import CameraState, Snapshot, Zone
from heatstream.engine.messages import Open, Stop, Watch
from heatstream.host.engine_host import EngineHost
from heatstream.host.spec import CameraSpec
from heatstream.sources.credentials import NO_SECRET, Secret
from heatstream.store import Vault, open_store
from heatstream.vision import ModelSpec

SECRET = Secret("anna", "sesame-street", ("t0ken",))
WHOLE = "rtsp://anna:sesame-street@cam.example/1?token=t0ken"
SHOWN = CameraSpec("rtsp://cam.example/1?token=***", ModelSpec("auto"))
ZONE = Zone("z1", "Gate", ((0.2, 0.5), (0.8, 0.5)), colour=0)


class Ears:
    """An engine that is not there: what it would have been told."""

    def __init__(self, host: EngineHost) -> None:
        self.heard: list[object] = []
        host._engine.send = self.send  # type: ignore[method-assign]

    def send(self, command: object) -> bool:
        self.heard.append(command)
        return True


class Server:
    """A host with its database and its key in ``folder``; the engine process is not started."""

    def __init__(self, folder: Path, key: str = "") -> None:
        self.host = EngineHost(lambda: open_store("", folder), Vault(folder, key))
        self.ears = Ears(self.host)
        self.host._hub = SimpleNamespace(  # type: ignore[assignment]
            end=lambda _: None, publish_snapshot=lambda _: None, fits=lambda _: frozenset(), close=lambda: None
        )
        self.host._roster.fill(self.host._keeper.start())
        self.host._began()

    def close(self) -> None:
        self.host._keeper.close()

    @property
    def opened(self) -> list[str]:
        return [command.address for command in self.ears.heard if isinstance(command, Open)]


def test_a_password_is_no_part_of_the_camera(tmp_path: Path) -> None:
    server = Server(tmp_path)
    host = server.host
    camera_id = host.open(CameraSpec(WHOLE, ModelSpec("auto")), Controls(zones=(ZONE,)))
    assert (camera_id, host.spec(camera_id)) == (SHOWN.id, SHOWN)
    assert host.open(SHOWN) == camera_id
    assert server.opened == [WHOLE]
    assert host.open(SHOWN, secret=SECRET) == camera_id
    assert not [command for command in server.ears.heard if isinstance(command, Stop)]  # nothing is new
    host.open(SHOWN, secret=Secret("anna", "another", ("t0ken",)))
    assert [type(command) for command in server.ears.heard if not isinstance(command, Watch)] == [Open, Stop, Open]
    assert server.opened[1:] == ["rtsp://anna:another@cam.example/1?token=t0ken"]
    assert host.controls(camera_id).zones == (ZONE,)
    for text in ("sesame-street", "another", "t0ken", "anna"):
        assert text not in f"{server.ears.heard} {host.cameras()} {host.snapshot(camera_id)} {host._roster.all()}"
    server.close()


def test_another_model_sees_with_the_same_password_and_takes_the_failed_ones_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEATSTREAM_MAX_CAMERAS", "1")
    settings.cache_clear()
    server = Server(tmp_path)
    settings.cache_clear()
    host = server.host
    camera_id = host.open(CameraSpec(WHOLE, ModelSpec("none.pt")))
    with pytest.raises(TooManyCamerasError):
        host.open_instead(camera_id, ModelSpec("motion"), Controls())
    assert host.running(camera_id)
    host._take(Snapshot(camera_id, CameraState.FAILED, model_failed=True))
    other = host.open_instead(camera_id, ModelSpec("motion"), Controls(zones=(ZONE,)))
    assert (host.spec(other), host.controls(other).zones) == (CameraSpec(SHOWN.source, ModelSpec("motion")), (ZONE,))
    assert (host.running(camera_id), host.running(other)) == (False, True)
    assert server.opened == [WHOLE, WHOLE]
    server.close()


def test_a_new_password_opens_anew_and_what_it_leaves_empty_stays(tmp_path: Path) -> None:
    server = Server(tmp_path)
    camera_id = server.host.open(CameraSpec(WHOLE, ModelSpec("auto")))
    server.host.let_in(camera_id, Secret(password="another"))
    server.host.let_in(camera_id, Secret(password="another"))  # the camera may take now what it refused
    assert server.opened == [WHOLE, *["rtsp://anna:another@cam.example/1?token=t0ken"] * 2]
    server.close()
    server = Server(tmp_path)
    server.host.restart(camera_id)
    assert server.opened[-1] == "rtsp://anna:another@cam.example/1?token=t0ken"
    server.close()


def test_it_is_there_after_a_restart_and_in_no_file_in_clear(tmp_path: Path) -> None:
    server = Server(tmp_path)
    camera_id = server.host.open(CameraSpec(WHOLE, ModelSpec("auto")))
    server.close()
    for path in tmp_path.iterdir():
        assert not [word for word in (b"sesame-street", b"t0ken", b"anna") if word in path.read_bytes()], path
    server = Server(tmp_path)
    assert server.opened == [WHOLE]
    assert server.host.running(camera_id)
    server.close()


def test_a_lost_key_loses_the_password_and_nothing_else(tmp_path: Path) -> None:
    server = Server(tmp_path)
    camera_id = server.host.open(CameraSpec(WHOLE, ModelSpec("auto")), Controls(zones=(ZONE,)))
    server.close()
    key = (tmp_path / "secret.key").read_bytes()
    (tmp_path / "secret.key").unlink()
    server = Server(tmp_path)
    host = server.host
    assert host.locked(camera_id)
    for _ in range(2):
        shot = host.snapshot(camera_id)
        assert shot.state is CameraState.FAILED
        assert "enter it again" in shot.reason
        host.wake(camera_id)  # which is refused: without its password it could only fail
    host.restart(camera_id)
    assert (server.opened, host.running(camera_id)) == ([], False)
    assert host.controls(camera_id).zones == (ZONE,)
    host.update(camera_id, lambda now: Controls(zones=now.zones, speed=2.0))
    server.close()

    (tmp_path / "secret.key").write_bytes(key)  # it is found again, and so is the password
    server = Server(tmp_path)
    assert not server.host.locked(camera_id)
    assert server.host.controls(camera_id).speed == 2.0
    server.close()

    (tmp_path / "secret.key").unlink()
    server = Server(tmp_path)
    server.host.open(SHOWN, secret=SECRET)
    assert server.opened == [WHOLE]
    assert server.host.controls(camera_id).zones == (ZONE,)
    server.close()
    server = Server(tmp_path)
    assert not server.host.locked(camera_id)
    server.close()


def test_a_live_camera_whose_password_is_lost_does_not_start_by_itself(tmp_path: Path) -> None:
    server = Server(tmp_path)
    camera_id = server.host.open(CameraSpec(WHOLE, ModelSpec("auto")))
    server.close()
    with closing(sqlite3.connect(tmp_path / "heatstream.db")) as connection, connection:
        connection.execute(
            "UPDATE cameras SET seen = ?", ('{"source": {"label": "cam", "size_wh": [640, 360], "live": true}}',)
        )
    server = Server(tmp_path)
    assert server.host.running(camera_id)
    server.close()
    (tmp_path / "secret.key").unlink()
    server = Server(tmp_path)
    assert not server.host.running(camera_id)
    server.close()


def test_a_removed_camera_comes_back_with_its_password(tmp_path: Path) -> None:
    server = Server(tmp_path)
    camera_id = server.host.open(CameraSpec(WHOLE, ModelSpec("auto")))
    forgotten = server.host.forget(camera_id)
    assert "sesame" not in repr(forgotten)
    server.host.restore(forgotten)
    assert server.opened == [WHOLE, WHOLE]
    server.close()


def test_where_nothing_can_be_encrypted_the_camera_runs_and_the_page_says_so(tmp_path: Path) -> None:
    server = Server(tmp_path, key="no key at all")
    camera_id = server.host.open(CameraSpec(WHOLE, ModelSpec("auto")))
    assert server.opened == [WHOLE]
    assert "Passwords of cameras are not kept" in server.host.trouble
    assert "HEATSTREAM_SECRET_KEY" in server.host.trouble
    server.close()
    server = Server(tmp_path)
    assert server.host.locked(camera_id)
    server.host.open(SHOWN, secret=SECRET)
    assert server.host.trouble == ""
    server.close()


def test_a_camera_without_a_secret_makes_no_key(tmp_path: Path) -> None:
    server = Server(tmp_path)
    server.host.open(CameraSpec("rtsp://cam.example/1", ModelSpec("auto")))
    server.close()
    assert not (tmp_path / "secret.key").exists()
    server = Server(tmp_path)
    assert server.host._roster.all()[0].secret == NO_SECRET
    server.close()


@pytest.mark.parametrize("source", ["demo://plaza?seed=1&crowd=24", "file:///videos/a@b.mp4?", "/videos/me@home?.mp4"])
def test_a_file_or_the_demo_is_what_it_was(source: str) -> None:
    assert CameraSpec(source, ModelSpec("auto")).split() == (CameraSpec(source, ModelSpec("auto")), NO_SECRET)
