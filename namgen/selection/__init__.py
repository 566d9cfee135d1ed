"""What to take of a file for a target, and its plan."""
