"""The page: draw, upload or photograph a digit, and see which one it is.

streamlit run app.py
"""

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from page.local_api import beside_an_api
from page.opening import open_page


async def follow(request: Request) -> Response:
    """The answer while the pen moves, which does not wait for a run of the page."""
    from page.following import answer_so_far  # its components can be imported only where the server runs already

    return await answer_so_far(request)


if __name__ == "__main__":  # Streamlit runs this file once for each thing that a visitor does
    from page.visit import show_page  # as above

    show_page()
else:
    routes = [Route("/", open_page), Route("/following", follow, methods=["POST"])]
    app = st.App(__file__, lifespan=beside_an_api, routes=routes)
