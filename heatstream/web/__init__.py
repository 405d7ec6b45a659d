"""The Starlette side: routes for pictures, access checks, and the lifespan that starts and ends the engine."""
