"""Tools for those who set up, build and check the course. No notebook imports them."""
