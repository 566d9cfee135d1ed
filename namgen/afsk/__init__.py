"""Bytes as sound: the pedal plays its results, a sound card records them, this reads them back."""

from __future__ import annotations
