"""The self-test: an image that measures the pedal it runs on, and what is made of its results."""

from __future__ import annotations
