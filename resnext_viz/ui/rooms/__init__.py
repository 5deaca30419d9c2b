"""Rooms in the app's own server: the phone's page, the teacher's remote, and the routes that they ask."""
