"""What several commands share: parsers of options, printing, and lines of progress."""
