"""What an audit looks for: one check a mistake, with its remedy and its source."""
