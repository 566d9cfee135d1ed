"""What is there, what works without the rest, and the one command that adds it.

`finding` is what is said; `building`, `emulating` and `flashing` look, each at one thing people do;
`machine` is what they look at, which a test can replace piece by piece.
"""
