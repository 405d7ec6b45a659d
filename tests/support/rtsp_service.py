"""A real RTSP server (GStreamer's) as a program of its own: ``/usr/bin/python3 rtsp_service.py SPEC.json``.

The specification is ``{"port": 0, "user": "", "password": "", "digest": false, "certificate": "", "mounts": {"/live":
{...}}}``; with a ``certificate``, a PEM file with its key, all is encrypted. A mount
has ``"caps"`` and ``"units"``, a file of access units that are encoded already, of the ``"sizes"`` in bytes; they are
sent at ``"rate"`` a second, from ``"loop_from"`` on again and again, or up to ``"pause_after"`` of them. Or it has a
``"launch"`` line of its own, or a ``"clock"``: pictures of ``"size"`` at ``"rate"`` a second with the time drawn into
them (see ``clock_row``). The port is printed once the server listens.

It runs on the system's Python, which has GStreamer's bindings, and imports nothing of HeatStream.
"""

import json
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtspServer  # noqa: E402 - the versions come first


class Feeder:
    """Pushes access units into an ``appsrc`` at their rate until the stream is gone."""

    def __init__(self, source, mount):
        self.source, self.rate, self.loop_from = source, mount["rate"], mount.get("loop_from", 0)
        self.pause_after = mount.get("pause_after")
        with open(mount["units"], "rb") as file:  # noqa: PTH123
            data = file.read()
        self.units, place = [], 0
        for size in mount["sizes"]:
            self.units.append(data[place : place + size])
            place += size
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        """Until the client is gone: pushing fails then."""
        number, sent, due_s = 0, 0, time.monotonic()
        while True:
            if sent == self.pause_after:
                time.sleep(3600)
            buffer = Gst.Buffer.new_wrapped(self.units[number])
            if self.source.emit("push-buffer", buffer) != Gst.FlowReturn.OK:
                if sent or time.monotonic() - due_s > 10:
                    return
                time.sleep(0.01)  # the pipeline is not ready yet
                continue
            sent += 1
            number += 1
            if number == len(self.units):
                number = self.loop_from
            due_s += 1 / self.rate
            time.sleep(max(0.0, due_s - time.monotonic()))


CLOCK_BITS, CLOCK_ROWS = 44, 48


def clock_row(time_s, width):
    """A row of grey pixels: the time in milliseconds, 44 bits from the left, the highest first, white for 1."""
    milliseconds, cell = int(time_s * 1000), width // CLOCK_BITS
    bits = (milliseconds >> place & 1 for place in reversed(range(CLOCK_BITS)))
    row = b"".join((b"\xeb" if bit else b"\x10") * cell for bit in bits)
    return row + b"\x80" * (width - len(row))


class ClockFeeder:
    """Pushes pictures with the time of their making in their upper rows into an ``appsrc``."""

    def __init__(self, source, mount):
        self.source, self.rate, (self.width, self.height) = source, mount["rate"], mount["size"]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        """Until the client is gone."""
        ground = b"".join(
            bytes((x * 3 + y) // 4 % 160 + 40 for x in range(self.width)) for y in range(self.height - CLOCK_ROWS)
        )
        due_s, sent = time.monotonic(), 0
        while True:
            picture = clock_row(time.time(), self.width) * CLOCK_ROWS + ground
            if self.source.emit("push-buffer", Gst.Buffer.new_wrapped(picture)) != Gst.FlowReturn.OK:
                if sent or time.monotonic() - due_s > 10:
                    return
                time.sleep(0.01)
                continue
            sent += 1
            due_s = max(due_s + 1 / self.rate, time.monotonic() - 0.2)
            time.sleep(max(0.0, due_s - time.monotonic()))


def clock_factory(mount):
    """A factory of clocks, encoded as they are made."""
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_latency(0)
    width, height = mount["size"]
    caps = f"video/x-raw,format=GRAY8,width={width},height={height},framerate={mount['rate']}/1"
    factory.set_launch(
        f"( appsrc name=feed is-live=true do-timestamp=true format=time max-buffers=1 leaky-type=downstream "
        f'caps="{caps}" ! videoconvert '
        "! video/x-raw,format=I420 ! x264enc tune=zerolatency speed-preset=ultrafast bitrate=4000 key-int-max=50 "
        "! rtph264pay name=pay0 pt=96 )"
    )

    def configure(_factory, media):
        ClockFeeder(media.get_element().get_by_name("feed"), mount)

    factory.connect("media-configure", configure)
    return factory


def factory_of(mount):
    """A media factory; every client has a stream of its own, from its start."""
    if "clock" in mount:
        return clock_factory(mount["clock"])
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_latency(0)
    if "launch" in mount:
        factory.set_launch(mount["launch"])
        return factory
    payload = {"video/x-h264": "h264parse ! rtph264pay", "video/x-h265": "h265parse ! rtph265pay"}
    caps = mount["caps"]
    line = payload[caps.partition(",")[0]]
    factory.set_launch(
        f'( appsrc name=feed is-live=true do-timestamp=true format=time caps="{caps}" ! {line} name=pay0 pt=96 )'
    )

    def configure(_factory, media):
        Feeder(media.get_element().get_by_name("feed"), mount)

    factory.connect("media-configure", configure)
    return factory


def guard(server, spec):
    """Encrypt, and ask for user and password at every mount, as far as it is wanted."""
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    if spec.get("certificate"):
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(spec["certificate"]))
    if not spec.get("user"):
        auth.set_default_token(token)
    elif spec.get("digest"):
        auth.set_supported_methods(gi.repository.GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(spec["user"], spec["password"], token)
    else:
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(spec["user"], spec["password"]), token)
    server.set_auth(auth)


def main():
    """Serve until killed."""
    with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123
        spec = json.load(file)
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(spec["port"]))
    guarded = spec.get("user") or spec.get("certificate")
    if guarded:
        guard(server, spec)
    for path, mount in spec["mounts"].items():
        factory = factory_of(mount)
        if guarded:
            factory.add_role_from_structure(
                Gst.Structure.new_from_string(
                    "viewer, media.factory.access=(boolean)true, media.factory.construct=(boolean)true"
                )
            )
        server.get_mount_points().add_factory(path, factory)
    if not server.attach(None):
        sys.exit("the port is taken")
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
