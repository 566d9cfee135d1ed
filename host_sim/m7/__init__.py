"""Cycles of a Cortex-M7: executed code, timed by a model of the pipeline, caches and memories."""
