"""The formats in which weights, and what is taken for weights, come: told by a file's first and last bytes."""
