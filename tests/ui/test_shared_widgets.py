"""Widgets that every tab shows alike: what is changed elsewhere is seen, and no echo of an old value counts."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from heatstream.ui.shared_widgets import showing

    def changed(value: str) -> None:
        st.session_state["truth"] = value

    st.session_state.setdefault("truth", "Line 1")
    if st.session_state.pop("broken-off", False):
        st.rerun()  # before the widget: Streamlit keeps its state, the browser does not
    if not st.session_state.pop("elsewhere", False):
        truth = st.session_state["truth"]
        st.text_input("Name", truth, **showing("name", truth, changed))


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_function(page).run()


def shown(app: AppTest) -> str:
    """What a browser shows that builds the widget anew: nothing but its default."""
    proto = app.text_input[0].proto
    assert not proto.set_value, "a value was sent to a widget that may be there already"
    return str(proto.default)


def test_a_widget_stays_while_nothing_changes_and_while_a_hand_moves_it(app: AppTest) -> None:
    first = app.text_input[0].id
    assert app.run().text_input[0].id == first
    app.text_input[0].set_value("Door").run()
    assert app.text_input[0].id == first
    assert shown(app) == app.session_state["truth"] == "Door"


def test_a_change_elsewhere_is_shown_by_another_widget(app: AppTest) -> None:
    first = app.text_input[0].id
    app.session_state["truth"] = "Door"
    app.run()
    assert app.text_input[0].id != first
    assert shown(app) == app.text_input[0].value == "Door"


@pytest.mark.parametrize("meanwhile", ["broken-off", "elsewhere"])
def test_a_widget_that_comes_back_shows_the_value_in_force(app: AppTest, meanwhile: str) -> None:
    app.text_input[0].set_value("Door").run()
    app.session_state[meanwhile] = True
    app.run()
    app.run()
    assert shown(app) == app.text_input[0].value == "Door"


def test_the_echo_of_what_was_shown_before_changes_nothing(app: AppTest) -> None:
    old = app.text_input[0]
    for truth in ("Door", "Gate"):
        app.session_state["truth"] = truth
        app.run()
        old.set_value("Line 1").run()  # what a browser tells that has not heard of the change
        assert app.session_state["truth"] == app.text_input[0].value == truth


def test_the_echo_of_a_widget_that_is_not_drawn_now_changes_nothing(app: AppTest) -> None:
    old = app.text_input[0]
    app.session_state["elsewhere"] = True
    app.run()
    app.session_state["truth"] = "Door"
    old.set_value("Line 1").run()
    assert app.session_state["truth"] == app.text_input[0].value == "Door"


def test_a_hand_that_has_not_seen_the_change_yet_has_the_last_word(app: AppTest) -> None:
    old = app.text_input[0]
    app.session_state["truth"] = "Door"
    app.run()
    old.set_value("Gate").run()
    assert app.session_state["truth"] == app.text_input[0].value == shown(app) == "Gate"


def test_two_sessions_have_no_widget_in_common(app: AppTest) -> None:
    assert AppTest.from_function(page).run().text_input[0].id != app.text_input[0].id
