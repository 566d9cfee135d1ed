"""Native modules of MicroPython: their file format, and how machine code becomes one."""
