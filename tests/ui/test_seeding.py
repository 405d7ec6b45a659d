"""What the browser is told to show: values that it may have lost are sent again, a hand that drags is left alone."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from heatstream.ui import seeding

    seeding.begin_run()
    if st.session_state.pop("broken-off", False):
        st.rerun()  # before the widget: Streamlit keeps its state, the browser does not
    seeding.seed("name", st.session_state.get("truth", "Line 1"))
    st.text_input("Name", key="name")


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_function(page).run()


def sent(app: AppTest) -> bool:
    """Whether the last run told the browser what to show."""
    return bool(app.text_input[0].proto.set_value)


def test_a_new_widget_is_given_its_value_in_two_runs_and_then_left_alone(app: AppTest) -> None:
    assert app.text_input[0].value == "Line 1"
    told = [sent(app)] + [sent(app.run()) for _ in range(4)]
    assert told == [True, True, False, False, False]


def test_a_widget_that_comes_back_is_given_its_value_though_its_state_was_kept(app: AppTest) -> None:
    app.run().run()
    assert not sent(app)
    app.session_state["broken-off"] = True
    app.run()
    assert app.text_input[0].value == "Line 1"
    assert sent(app)


def test_a_change_elsewhere_is_sent(app: AppTest) -> None:
    app.run().run()
    app.session_state["truth"] = "Door"
    app.run()
    assert sent(app)
    assert app.text_input[0].value == "Door"
