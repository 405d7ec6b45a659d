"""The Streamlit floor: pages, widgets and the drawing canvas, bound to the cameras' controls."""
