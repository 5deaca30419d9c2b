"""The Lessons page, and the bar of a lesson that runs over another page."""
