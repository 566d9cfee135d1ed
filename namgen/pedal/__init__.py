"""A pedal: captures, the signal chain around them, and the board they are played on."""
