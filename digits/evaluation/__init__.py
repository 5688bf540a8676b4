"""Measuring: how well pictures and numbers are read; `python -m digits.evaluation`."""
