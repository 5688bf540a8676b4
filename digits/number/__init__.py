"""Ink -> several digits: segments, text lines, and the likeliest way to divide them."""

from digits.number.reader import normalised_at as normalised_at
from digits.number.reader import read_number as read_number
