"""Long work beside the page: generators of steps, and commands of ours, run and shown in one way."""
