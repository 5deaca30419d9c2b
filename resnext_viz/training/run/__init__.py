"""One training run, of one process or several: its loop, its folder, its checkpoints."""
