"""The app measured from outside: its server, its visitors, and what they wait for."""
