"""Pictures to train on: found, decoded, reported on, and augmented."""
