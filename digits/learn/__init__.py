"""The installation's own model: made of corrections, judged, promoted, and taken back."""

from digits.learn.pointer import promoted_folder as promoted_folder
