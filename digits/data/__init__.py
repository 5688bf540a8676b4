"""Data sets, and numbers composed of their digits: what training and evaluation both stand on."""
