"""The page: draw, upload or photograph a digit, and see which one it is.

streamlit run app.py
"""

import streamlit as st

from page.following import ROUTE
from page.local_api import beside_an_api

if __name__ == "__main__":  # Streamlit runs this file once for each thing that a visitor does
    from page.visit import show_page  # its components can be imported only where the server runs already

    show_page()
else:
    app = st.App(__file__, lifespan=beside_an_api, routes=[ROUTE])
