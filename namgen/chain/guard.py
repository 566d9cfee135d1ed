"""What no sound can be."""

from __future__ import annotations

MODEL_LIMIT = 128.0
"""Of a model's output, 42 dB above full scale: no filter behind it can leave float32."""
