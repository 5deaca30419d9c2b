"""The table of the page Code."""
