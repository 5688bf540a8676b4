"""Recognises folders, zip files and IDX files of pictures, on all cores or on a cluster: `python -m digits.bulk`."""
