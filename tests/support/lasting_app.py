"""The product's server without its pages: for tests that kill and restart it.

``/test/open?source=..&model=..`` opens a camera with a line in its middle, ``/test/wake?id=..`` wakes one, and
``/test/cameras`` tells what is known.
"""

if __name__ == "__main__":
    import streamlit as st

    st.text("HeatStream under test")
elif __name__ != "__mp_main__":
    import json

    import streamlit as st
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    from heatstream.core.controls import Controls
    from heatstream.core.portable import controls_to_json
    from heatstream.core.types import Zone
    from heatstream.host.spec import CameraSpec
    from heatstream.vision import ModelSpec
    from heatstream.web import current
    from heatstream.web.app import lifespan, middleware, routes

    async def open_camera(request: Request) -> JSONResponse:
        query = request.query_params
        line = Zone("middle", "Middle", ((0.5, 1.0), (0.5, 0.0)))
        spec = CameraSpec(query["source"], ModelSpec(query["model"]))
        return JSONResponse(current.host().open(spec, Controls(zones=(line,))))

    async def wake(request: Request) -> JSONResponse:
        return JSONResponse(current.host().wake(request.query_params["id"]))

    async def cameras(_request: Request) -> JSONResponse:
        host = current.host()
        found = {}
        for spec in host.cameras():
            shot = host.snapshot(spec.id)
            found[spec.id] = {
                "state": shot.state,
                "counted": sum(tally.total.into + tally.total.out for tally in shot.tallies),
                "index": shot.index,
                "run": shot.run,
                "controls": json.loads(controls_to_json(host.controls(spec.id))),
            }
        return JSONResponse({"cameras": found, "trouble": host.trouble, "engine": host.engine_pid})

    app = st.App(
        __file__,
        routes=[
            *routes(),
            Route("/test/open", open_camera),
            Route("/test/wake", wake),
            Route("/test/cameras", cameras),
        ],
        middleware=middleware(),
        lifespan=lifespan,
    )
