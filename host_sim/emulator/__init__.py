"""A Cortex-M7 with the memories of an STM32H750, on unicorn."""
