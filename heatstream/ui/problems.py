"""Errors as people should see them: what is wrong and what to do, never a traceback."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from heatstream.core.errors import HeatStreamError
from heatstream.ui.names import escaped

logger = logging.getLogger(__name__)

#: Messages, each with the monotonic time until which it is shown; None before it was shown first.
_NOTICES = "heatstream-notices"
UNEXPECTED = "Something went wrong on our side. Reload the page; if it happens again, the server's log says why."


@contextmanager
def shown() -> Iterator[None]:
    """Show whatever is raised inside as a message, and go on after it."""
    try:
        yield
    except HeatStreamError as error:
        st.error(escaped(str(error)))
    except Exception:
        logger.exception("A page failed")
        st.error(UNEXPECTED)


def kept(callback: Callable[..., None]) -> Callable[..., None]:
    """A widget callback whose errors wait for ``show_kept``: when callbacks run there is no page to show them on."""

    def guarded(*args: Any) -> None:
        try:
            callback(*args)
        except HeatStreamError as error:
            keep(str(error))
        except Exception:
            logger.exception("A control failed")
            keep(UNEXPECTED)

    return guarded


def keep(message: str) -> None:
    """Have ``show_kept`` show a message."""
    st.session_state.setdefault(_NOTICES, []).append((message, None))


def sentence(error: Exception) -> str:
    """An error's message as a sentence of its own."""
    text = str(error)
    first = text.partition(" ")[0]
    begun = f"{text[:1].upper()}{text[1:]}" if first.isalpha() else text  # an address stays as it is
    return begun + ("" if text.endswith((".", "?", "!")) else ".")


def show_kept(for_s: float = 0.0, *, key: str | None = None) -> None:
    """Show the errors that callbacks left: once, or for ``for_s`` seconds where the page is drawn anew all the time.

    Their container is always there: a message that comes or goes must not move what follows to another place, where
    the browser would build it anew, with its first tab open and its picture gone. ``key`` names it to our styles.
    """
    now_s = time.monotonic()
    with st.container(key=key):
        due = [
            (text, until_s)
            for text, until_s in st.session_state.pop(_NOTICES, [])
            if until_s is None or now_s < until_s
        ]
        for text, _ in due:
            st.error(escaped(text))
    if for_s:
        st.session_state[_NOTICES] = [(text, until_s or now_s + for_s) for text, until_s in due]


def show_trouble(trouble: str) -> None:
    """Show what is wrong for as long as it is; its container is always there, too."""
    with st.container():
        if trouble:
            st.warning(escaped(trouble))
