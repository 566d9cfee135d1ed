"""Compiles Neural Amp Modeler captures to fixed-size C and pedal firmware."""
