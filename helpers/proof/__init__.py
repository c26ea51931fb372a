"""What the course promises, shown by numbers that one command repeats: `python -m helpers.proof` (`make proof`)."""
