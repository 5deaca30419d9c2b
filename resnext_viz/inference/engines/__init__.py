"""Engines: ways to run a network, the fastest of them proved, batched, and left for the next when it fails."""
