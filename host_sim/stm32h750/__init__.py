"""An STM32H750 on a Daisy Seed, around the emulated Cortex-M7: a room for every peripheral."""
