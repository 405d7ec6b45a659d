"""A page with the live view on a fake engine host: for the browser tests of the live picture, and for its photographs.

``/fake/set?publishing=0&state=failed&reason=why&engine=restarting...`` changes what the fake host does;
``HEATSTREAM_FAKE_ZONES`` is how many zones there are.
"""

import os

if __name__ == "__main__":
    import streamlit as st

    from heatstream.ui.live_view import live_view
    from heatstream.web import current

    st.set_page_config(layout="wide", page_title="Live view test")
    camera_id = st.query_params.get("camera", "cam-fake")
    st.slider("alpha", 0.0, 1.0, 0.5, key="alpha")
    if st.button("Rerun"):
        st.session_state.runs = st.session_state.get("runs", 0) + 1
    st.caption(f"runs: {st.session_state.get('runs', 0)}, alpha: {st.session_state.alpha}")
    zones = current.host().controls(camera_id).zones
    ticket = "forged" if st.query_params.get("ticket") == "forged" else current.issue_ticket(camera_id)
    live_view(camera_id, ticket=ticket, zones=zones, key="live", label="the plaza")
    st.text(current.issue_ticket("cam-fake"))
elif __name__ != "__mp_main__":
    import streamlit as st
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    from heatstream.core.types import CameraState
    from heatstream.web import current
    from heatstream.web.app import lifespan_with, middleware, routes
    from tests.support.fake_host import FakeHost

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
            elif name == "stop":
                host.stop(value)
            elif name == "state":
                host.figures["state"] = CameraState(value)
            elif name == "counts":
                host.counting = False
                host.counts = [int(part) for part in value.split(",")]
            elif name == "counting":
                host.counting = value == "1"
            else:
                host.figures[name] = value if name == "reason" else float(value)
        return JSONResponse(
            {
                "published": host.published,
                "viewers": host.hub.viewers(host.camera_id),
                "ticket": current.issue_ticket(host.camera_id),
            }
        )

    app = st.App(
        __file__,
        routes=[*routes(), Route("/fake/set", control)],
        middleware=middleware(),
        lifespan=lifespan_with(make_host),
    )
