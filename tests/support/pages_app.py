"""The real pages on a fake engine host: for the browser tests of controls and zones.

``/fake/controls`` gives every camera's controls as JSON; ``/fake/zone?name=Door`` adds a line as another tab would.
"""

if __name__ == "__main__":
    from heatstream.ui import shell

    shell.run()
elif __name__ != "__mp_main__":
    from dataclasses import asdict, replace

    import streamlit as st
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    from heatstream.core.types import Zone
    from heatstream.web import current
    from heatstream.web.app import lifespan_with, middleware, routes
    from tests.support.fake_ui_host import FakeUiHost

    async def controls(_request: Request) -> JSONResponse:
        host = current.host()
        found = {spec.id: asdict(host.controls(spec.id)) for spec in host.cameras()}
        return JSONResponse({key: _finite(value) for key, value in found.items()})

    async def add_zone(request: Request) -> JSONResponse:
        host, name = current.host(), request.query_params["name"]
        zone = Zone(f"elsewhere-{name}", name, ((0.1, 0.3), (0.3, 0.3)))
        for spec in host.cameras():
            host.update(spec.id, lambda now: replace(now, zones=(*now.zones, zone)))
        return JSONResponse({})

    def _finite(value):
        if isinstance(value, dict):
            return {key: _finite(item) for key, item in value.items()}
        return str(value) if value == float("inf") else value

    app = st.App(
        __file__,
        routes=[*routes(), Route("/fake/controls", controls), Route("/fake/zone", add_zone)],
        middleware=middleware(),
        lifespan=lifespan_with(lambda: FakeUiHost(scenes=8)),
    )
