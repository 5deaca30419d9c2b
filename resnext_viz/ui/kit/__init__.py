"""What all pages share: dials, links, components, jobs, and parts of a page."""
