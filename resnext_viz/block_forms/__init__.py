"""The paper's three forms of a block in words: their names, what counts as equal, and mistakes made on purpose."""
