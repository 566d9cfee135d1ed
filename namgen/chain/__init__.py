"""The signal chain around a model: planned as data, spelled as C, and repeated in NumPy."""
