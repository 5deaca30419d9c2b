"""The networks that a session has at hand: loaded beside the page, shared by all who want the same."""
