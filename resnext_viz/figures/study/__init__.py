"""Charts and tables of the page Study."""
