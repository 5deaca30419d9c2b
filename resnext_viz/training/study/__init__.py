"""A study: many small runs that differ in one thing, planned, timed and gone on with."""
