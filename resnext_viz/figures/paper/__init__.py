"""Tables and charts of the page Paper."""
