"""What every layer may use: files written whole, CSV, numbers as people read them, timing, and the log."""
