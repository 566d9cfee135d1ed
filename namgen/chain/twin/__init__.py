"""The signal chain in NumPy: every bit of what the C computes, on any machine."""

from namgen.chain.twin.chain import ChainTwin

__all__ = ["ChainTwin"]
