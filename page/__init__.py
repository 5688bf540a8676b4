"""The page's parts: its texts, its canvas, its way of asking the API, and how it shows the answer."""
