"""Measures of speed, memory and accuracy, a program each; every one says in its first lines how it is run."""
