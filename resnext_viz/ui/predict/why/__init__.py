"""Why an answer: which paths speak for it, what goes without them, and where the network looks."""
