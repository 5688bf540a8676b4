"""My hand."""

from page.learning.teaching import Teaching


def show_hand(teaching: Teaching) -> None:
    """x."""
