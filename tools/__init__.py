"""What developers run, and what tests and benchmarks share: a browser, drawings, processes, screenshots."""
