"""Native modules of MicroPython on emulated processors, with as much of MicroPython as they use."""
