"""A name for the C, and so for the folder, out of any file name."""

from __future__ import annotations

import hashlib
import re
import unicodedata

LONGEST_NAME = 48
"""Characters of a name made here; with what C adds, within the 63 that C99 tells apart."""

LONGEST_ASKED = 64
"""Characters of a name that somebody asks for."""

NAMES = f"lower-case letters, digits and _, at most {LONGEST_ASKED}, beginning with a letter"
"""What `is_c_name` takes, in words."""

TAKEN = frozenset(
    (
        *("activations", "cell", "fixed", "fixed_rows", "math", "platform", "python", "sections"),
        *("self_test", "sigmoid_table", "tanh", "tanh_columns", "tanh_table", "vector"),
        *("vector_activations", "vector_simd128", "vector_tanh"),
    )
)
"""Names whose header would be one of the kernels', `nam_math.h`, which lie in the same folder."""

_PIECE = 6  # hexadecimal digits
_LATIN = re.compile(r"LATIN (?:SMALL|CAPITAL) (?:LETTER|LIGATURE) ([A-Z]{1,2})(?: WITH .*)?")


def c_name(file_name: str) -> str:
    """Make a lower-case C identifier of a file name: ``Boss WN-a2.nam`` becomes ``boss_wn_a2``.

    Accents go. Where letters are lost that have no Latin spelling, or the name is too long, a piece
    of the whole name's SHA-256 stands for them, so that different names stay different; what
    differs only in case, accents or punctuation gets one name. An ending other than ``.nam`` stays.
    A name that the kernels have taken gets another beginning.

    >>> c_name("5150 (red).nam"), c_name("Gitarrenverstärker.nam"), c_name("cab.wav")
    ('model_5150_red', 'gitarrenverstarker', 'cab_wav')
    >>> c_name("日本語.nam")
    'model_fd71cd'
    """
    stem = file_name.removesuffix(".nam")
    latin = [_latin(character) for character in unicodedata.normalize("NFKD", stem)]
    plain = re.sub(r"[^a-z0-9]+", "_", "".join(part or "" for part in latin)).strip("_")
    is_free = plain[:1].isalpha() and plain not in TAKEN
    named = plain if is_free else f"model_{plain}".rstrip("_")
    if plain and None not in latin and len(named) <= LONGEST_NAME:
        return named
    piece = hashlib.sha256(file_name.encode("utf-8", "surrogateescape")).hexdigest()[:_PIECE]
    return f"{named[: LONGEST_NAME - _PIECE - 1].rstrip('_')}_{piece}"


def is_c_name(name: str) -> bool:
    """Whether a name can be a model's: lower-case letters, digits and _, a letter first; free."""
    return (
        name not in TAKEN
        and re.fullmatch(f"[a-z][a-z0-9_]{{0,{LONGEST_ASKED - 1}}}", name) is not None
    )


def _latin(character: str) -> str | None:
    """Spell one character in ASCII, a mark as nothing; None where that loses something."""
    if character.isascii():
        return character.lower()
    if unicodedata.combining(character):
        return ""
    if unicodedata.category(character)[0] in "ZP":
        return "_"
    folded = character.casefold()
    found = _LATIN.fullmatch(unicodedata.name(character, ""))
    return folded if folded.isascii() else found[1].lower() if found else None
