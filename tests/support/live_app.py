"""A page with the live view on a fake engine host: for the browser tests of the live picture, and for its photographs.

``/fake/set?publishing=0&state=failed&reason=why&engine=restarting...`` changes what the fake host does;
``HEATSTREAM_FAKE_ZONES`` is how many zones there are.
"""

import os
import time

if __name__ == "__main__":
    from dataclasses import replace

    import streamlit as st

    from heatstream.ui.live_view import Actions, live_view
    from heatstream.web import current

    st.set_page_config(layout="wide", page_title="Live view test")
    camera_id = st.query_params.get("camera", "cam-fake")
    st.slider("alpha", 0.0, 1.0, 0.5, key="alpha")
    if st.button("Rerun"):
        st.session_state.runs = st.session_state.get("runs", 0) + 1
    st.caption(f"runs: {st.session_state.get('runs', 0)}, alpha: {st.session_state.alpha}")
    host = current.host()
    zones = host.zones  # also of a camera that was removed: what its view says then stays to be seen

    def put(name):
        return lambda value: host.update(camera_id, lambda controls: replace(controls, **{name: value})) and None

    def play_again():
        host.seek(camera_id, 0)
        host.figures.pop("state", None)

    actions = Actions(put("paused"), lambda at: host.seek(camera_id, at), put("speed"), put("loop"), play_again)
    ticket = "forged" if st.query_params.get("ticket") == "forged" else current.issue_ticket(camera_id)
    bar = None if st.query_params.get("bar") == "0" else actions
    live_view(camera_id, ticket=ticket, zones=zones, label="the plaza.mp4", actions=bar)
    st.text(current.issue_ticket("cam-fake"))
elif __name__ != "__mp_main__":
    from dataclasses import replace

    import streamlit as st
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    from heatstream.core.types import CameraState, SourceInfo
    from heatstream.web import current
    from heatstream.web.app import lifespan_with, middleware, routes
    from tests.support.fake_host import SIZE_WH, ZONES, FakeHost

    def make_host():
        return FakeHost(zones=int(os.environ.get("HEATSTREAM_FAKE_ZONES", "2")))

    def set_state(host: FakeHost, value: str) -> None:
        host.figures.pop("state", None)  # then it is live, or paused if it was told to
        if value != "playing":
            host.figures["state"] = CameraState(value)

    def set_counts(host: FakeHost, value: str) -> None:
        host.counting, host.counts = False, [int(part) for part in value.split(",")]

    def set_live(host: FakeHost, value: str) -> None:
        live = {"source": SourceInfo("rtsp://door", SIZE_WH, 25.0, live=True), "speed": None, "seekable": False}
        for name in live:
            host.figures.pop(name, None)
        if value == "1":
            host.figures.update(live)
        elif value == "unknown":  # not connected yet
            host.figures["source"] = None

    SET = {
        "publishing": lambda host, value: setattr(host, "publishing", value == "1"),
        "engine": lambda host, value: setattr(host, "state", value),
        "forget": lambda host, value: host.forget(value),
        "stop": lambda host, value: host.stop(value),
        "wake": lambda host, value: host.wake(value),
        "state": set_state,
        "counts": set_counts,
        "upright": lambda host, value: setattr(host, "upright", value == "1"),
        "counting": lambda host, value: setattr(host, "counting", value == "1"),
        "zones": lambda host, value: setattr(host, "zones", ZONES[: int(value)]),
        "flipped": lambda host, value: setattr(
            host, "zones", tuple(replace(zone, flipped=zone.id == value) for zone in host.zones)
        ),
        "paused": lambda host, value: host.playing.update(paused=value == "1"),
        "play": lambda host, value: host.playing.clear(),
        "live": set_live,
        "reason": lambda host, value: host.figures.update(reason=value),
        "wait": lambda host, value: host.figures.update(next_try_utc_s=time.time() + float(value)),
    }

    async def control(request: Request) -> JSONResponse:
        """Change what the fake host does, and say how far it is."""
        host = current.host()
        for name, value in request.query_params.items():
            if name in SET:
                SET[name](host, value)
            else:
                host.figures[name] = float(value)
        return JSONResponse(
            {
                "published": host.published,
                "viewers": host.hub.viewers(host.camera_id),
                "ticket": current.issue_ticket(host.camera_id),
                "playing": host.playing,
                "seeks": host.seeks,
                "fits": sorted(host.fits),
            }
        )

    app = st.App(
        __file__,
        routes=[*routes(), Route("/fake/set", control)],
        middleware=middleware(),
        lifespan=lifespan_with(make_host),
    )
