"""How large a `.nam` file and what it describes may be, and why; beyond, reading stops early."""

from __future__ import annotations

MAX_FILE_BYTES = 8 * 1024 * 1024
"""Thirty times the largest preset; in any shape it parses within seconds and half a gigabyte."""

MAX_BRACKETS = 100_000
"""Lists and objects in the text, counted before parsing, where each costs hundreds of bytes."""

MAX_PROBLEMS = 100
"""Reading stops here: nobody reads more lines, and a hostile file could cause millions."""

MAX_MODELS = 256
"""Model objects in one file, nested ones included; real containers hold two or three."""

MAX_NESTING = 8
"""Models inside models; bounds the recursion of every later stage."""

MAX_LAYERS = 1024
"""Layers, layer arrays, blocks or convolutions in one file; the largest preset has 23."""

MAX_CHANNELS = 1024
"""Width of any signal inside a model: one dense 1x1 of that size outgrows MAX_FILE_BYTES."""

MAX_AUDIO_CHANNELS = 64
"""Inputs and outputs of a model; a Linear gets them without a weight in the file."""

MAX_KERNEL_SIZE = 1 << 20
"""Taps of one convolution."""

MAX_RESPONSE_FRAMES = 1 << 18
"""Samples of a WAV read as an impulse response: five seconds at 48 kHz; longer is a recording."""

MAX_RECORDING_SECONDS = 30
"""Of playing that integers are made for: more says nothing new, and takes long to listen to."""

MAX_RECORDING_BYTES = 64 * 1024 * 1024
"""So many seconds in two channels of floats at 192 kHz, and some more."""

MAX_DILATION = 1 << 24
"""Five minutes at 48 kHz between two taps."""

MAX_HISTORY_BYTES = 64 * 1024 * 1024
"""Past samples one model keeps: the largest memory on any supported board (Daisy SDRAM)."""

MAX_WEIGHTS = MAX_FILE_BYTES // 2
"""Numbers a file can hold: a digit and a comma each. Also bounds a Linear written out densely."""

MAX_SAMPLE_RATE_HZ = 768_000
"""Sixteen times 48 kHz, the fastest audio converters made."""

MAX_TEXT = 200
"""Characters kept of each metadata text."""
