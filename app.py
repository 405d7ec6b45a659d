"""HeatStream's entry: ``streamlit run app.py`` imports it for the server and runs it as ``__main__`` for each page.

Streamlit finds the assignment of ``app`` by reading this source. A spawned child imports it as ``__mp_main__`` and must
do nothing here.
"""

if __name__ == "__main__":
    from heatstream.ui import shell

    shell.run()
elif __name__ != "__mp_main__":
    import streamlit as st

    from heatstream.web.app import lifespan, middleware, routes

    app = st.App(__file__, routes=routes(), middleware=middleware(), lifespan=lifespan)
