"""A page with the live view on a fake engine host: for the browser tests of the live picture, and for its photographs.

``/fake/set?publishing=0&state=failed&reason=why&engine=restarting...`` changes what the fake host does;
``HEATSTREAM_FAKE_ZONES`` is how many zones there are.
"""

import os

if __name__ == "__main__":
    import streamlit as st

    from dataclasses import replace

    from heatstream.ui.live_view import Actions, live_view
    from heatstream.web import current

    st.set_page_config(layout="wide", page_title="Live view test")
    camera_id = st.query_params.get("camera", "cam-fake")
    st.slider("alpha", 0.0, 1.0, 0.5, key="alpha")
    if st.button("Rerun"):
        st.session_state.runs = st.session_state.get("runs", 0) + 1
    st.caption(f"runs: {st.session_state.get('runs', 0)}, alpha: {st.session_state.alpha}")
    host = current.host()
    zones = host.controls(camera_id).zones

    def put(name):
        return lambda value: host.update(camera_id, lambda controls: replace(controls, **{name: value})) and None

    def play_again():
        host.seek(camera_id, 0)
        host.figures.pop("state", None)

    actions = Actions(put("paused"), lambda at: host.seek(camera_id, at), put("speed"), put("loop"), play_again)
    ticket = "forged" if st.query_params.get("ticket") == "forged" else current.issue_ticket(camera_id)
    bar = None if st.query_params.get("bar") == "0" else actions
    live_view(camera_id, ticket=ticket, zones=zones, key="live", label="the plaza.mp4", actions=bar)
    st.text(current.issue_ticket("cam-fake"))
elif __name__ != "__mp_main__":
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

    async def control(request: Request) -> JSONResponse:
        """Change what the fake host does, and say how far it is."""
        host = current.host()
        for name, value in request.query_params.items():
            if name == "publishing":
                host.publishing = value == "1"
            elif name == "engine":
                host.state = value
            elif name in {"stop", "wake", "forget"}:
                getattr(host, name)(value)
            elif name == "state":
                host.figures.pop("state", None)
                if value != "playing":
                    host.figures["state"] = CameraState(value)
            elif name == "counts":
                host.counting = False
                host.counts = [int(part) for part in value.split(",")]
            elif name == "counting":
                host.counting = value == "1"
            elif name == "zones":
                host.zones = ZONES[: int(value)]
            elif name == "playing":
                host.playing = {}
            elif name == "live":
                host.figures.pop("source", None)
                if value == "1":
                    source = SourceInfo("rtsp://door", SIZE_WH, 25.0, live=True)
                    host.figures.update(source=source, speed=None, seekable=False)
            else:
                host.figures[name] = value if name == "reason" else float(value)
        return JSONResponse(
            {
                "published": host.published,
                "viewers": host.hub.viewers(host.camera_id),
                "ticket": current.issue_ticket(host.camera_id),
                "playing": host.playing,
                "sought": host.sought,
            }
        )

    app = st.App(
        __file__,
        routes=[*routes(), Route("/fake/set", control)],
        middleware=middleware(),
        lifespan=lifespan_with(make_host),
    )
