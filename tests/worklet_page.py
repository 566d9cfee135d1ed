"""A page from disk that plays through the worklet without a sound card, for tests."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from browser import Page

from namgen.arithmetic import F32
from namgen.wasm import scripts

POLICY = "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval' data:"

_PAGE = """<!DOCTYPE html>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>Through the worklet</title>
<script>{player}</script>
<script>
const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
const url = {url}, wasm = bytes({wasm});
let context, source, player, heard = [];

async function open(options, samples, rate) {{
    context = new OfflineAudioContext(1, samples.length, rate);
    const hear = (told) => heard.push(told);
    player = await openPlayer(context, {{ url, wasm, hear, ...options }});
    const buffer = context.createBuffer(1, samples.length, rate);
    buffer.copyToChannel(samples, 0);
    source = new AudioBufferSourceNode(context, {{ buffer }});
    source.connect(player.node).connect(context.destination);
}}

async function play(options, input, asked, rate) {{
    heard = [];
    await open(options, new Float32Array(bytes(input).buffer), rate);
    for (const [frame, messages] of asked) {{
        context.suspend(frame / rate).then(async () => {{
            for (const message of messages) await player.ask(message);
            context.resume();
        }});
    }}
    source.start();
    const rendered = await context.startRendering();
    const found = new Uint8Array(rendered.getChannelData(0).buffer);
    const text = Array.from(found, (one) => String.fromCharCode(one)).join("");
    return {{ ready: player.ready, samples: btoa(text), heard }};
}}
</script>
"""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came out, (frames,), what the module is, and the messages on the way."""

    samples: F32
    ready: dict[str, Any]
    messages: list[dict[str, Any]]


def write_page(place: Path, wasm: bytes) -> Path:
    """Write the page of a module."""
    texts = scripts()
    text = _PAGE.format(
        policy=POLICY,
        player=texts.opener,
        url=json.dumps(texts.worklet_url),
        wasm=json.dumps(base64.b64encode(wasm).decode()),
    )
    place.write_text(text, encoding="utf-8")
    return place


def play(
    page: Page,
    samples: F32,
    *,
    options: Mapping[str, Any] | None = None,
    asked: Mapping[int, Iterable[Mapping[str, Any]]] | None = None,
    rate_hz: int = 48000,
) -> Heard:
    """Play mono samples; at a frame, a multiple of 128, messages are sent and hold."""
    given = base64.b64encode(samples.astype("<f4").tobytes()).decode()
    at = [[frame, list(messages)] for frame, messages in (asked or {}).items()]
    arguments = (dict(options or {}), given, at, rate_hz)
    told = page.value(f"play({', '.join(json.dumps(one) for one in arguments)})")
    found = np.frombuffer(base64.b64decode(told["samples"]), "<f4")
    return Heard(found, told["ready"], told["heard"])
