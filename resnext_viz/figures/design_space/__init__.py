"""Charts and tables of the page Design space."""
