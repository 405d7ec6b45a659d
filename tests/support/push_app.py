"""A server whose fake host takes a browser's pictures: for the tests of the route alone.

``/fake/push?taking=0&stopped=1`` changes what the host does and says what has come so far.
"""

if __name__ == "__main__":
    import streamlit as st

    st.text("nothing to see")
elif __name__ != "__mp_main__":
    from concurrent.futures import Future
    from dataclasses import dataclass

    import streamlit as st
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    from heatstream.core.errors import CameraStoppedError
    from heatstream.sources.inlets import SentPicture
    from heatstream.web import current
    from heatstream.web.app import lifespan_with, middleware, routes
    from tests.support.fake_host import FakeHost
    from tests.support.pictures import SOURCE

    @dataclass(frozen=True)
    class Spec:
        """A camera and where its pictures come from."""

        id: str
        source: str

    class PushHost(FakeHost):
        """``taking`` tells whether pictures are taken, or only lie there."""

        def __init__(self) -> None:
            super().__init__(scenes=1)
            self.publishing = False
            self.taking = True
            self.pictures: list[SentPicture] = []
            self._known.add("cam-file")
            self._cameras.add("cam-file")

        def spec(self, camera_id: str) -> Spec:
            super().spec(camera_id)
            return Spec(camera_id, "/clip.mp4" if camera_id == "cam-file" else SOURCE)

        def push(self, camera_id: str, picture: SentPicture) -> Future[bool]:
            if not self.running(camera_id):
                raise CameraStoppedError("The camera is stopped; start it again on its page.")
            self.pictures.append(picture)
            future: Future[bool] = Future()
            if self.taking:
                future.set_result(True)
            return future

    async def control(request: Request) -> JSONResponse:
        """Change what the host does."""
        host = current.host()
        asked = request.query_params
        host.taking = asked.get("taking", str(int(host.taking))) == "1"
        if "stop" in asked:
            host.stop(asked["stop"])
        if "forget" in asked:
            host.forget(asked["forget"])
        if "open" in asked:
            host.open(Spec(asked["open"], SOURCE))
        last = host.pictures[-1] if host.pictures else None
        return JSONResponse(
            {
                "came": len(host.pictures),
                "captured_s": last.captured_s if last else None,
                "size_wh": last.size_wh if last else None,
                "push": {one: current.issue_push_ticket(one) for one in ("cam-fake", "cam-file")},
                "see": current.issue_ticket("cam-fake"),
            }
        )

    app = st.App(
        __file__,
        routes=[*routes(), Route("/fake/push", control)],
        middleware=middleware(),
        lifespan=lifespan_with(PushHost),
    )
