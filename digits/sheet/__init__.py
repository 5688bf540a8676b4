"""A sheet to print, fill in by hand and photograph: a hundred labelled digits of one hand.

from digits.sheet.pdf import sheet_pdf
from digits.sheet.read import MAX_SHEET_SIDE, read_sheet
"""
