"""The proof that three forms are one: each form built, compared, broken, and followed through whole networks."""
