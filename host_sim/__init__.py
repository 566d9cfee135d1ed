"""The generated C on this machine and on an emulated Cortex-M7: playing, comparing, timing."""
