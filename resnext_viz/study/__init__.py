"""The study of cardinality on real pictures: what is trained, what came out, and what that shows. No torch here."""
