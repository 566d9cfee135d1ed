"""How samples lie in memory, and what a kernel keeps in registers: one package a layout."""
