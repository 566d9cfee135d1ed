"""Frame by frame: all channels of a frame side by side, for a processor without vectors."""
