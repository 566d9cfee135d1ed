"""Which captures share an engine, what they take, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import capture_sets
import pytest
from small_networks import LEAKY, Weights

from namgen import ir
from namgen.captures import laid_out_for, plan_captures
from namgen.errors import UnsupportedError
from namgen.firmware.engines import shared_bytes, table_bytes
from namgen.ir import Model
from namgen.pedal.sound import fast_bytes_left
from namgen.plan.loading import loading
from namgen.selection.plans import plan_floats
from namgen.targets import load_target

DAISY = load_target("daisy")


def test_captures_of_one_shape_share_an_engine() -> None:
    captures = capture_sets.three_shapes()
    assert [capture.engine for capture in captures.captures] == [0, 1, 0, 2, 1]
    assert [engine.name for engine in captures.engines] == ["engine_1", "engine_2", "engine_3"]


def test_the_head_scale_is_a_capture_s_own() -> None:
    network = capture_sets.wavenet(1)
    models = [
        capture_sets.model("soft", network),
        capture_sets.model("loud", capture_sets.louder(network, 2.0)),
    ]
    captures = plan_captures(models, target=DAISY)
    assert len(captures.engines) == 1
    soft, loud = (capture.numbers for capture in captures.captures)
    assert sum(soft != loud) == 1  # one word, behind the weights of the head


def test_an_activation_of_its_own_is_another_shape() -> None:
    network = capture_sets.wavenet(1)
    layers = tuple(
        replace(layer, activation=replace(layer.activation, name="LeakyReLU", params=(slope,)))
        for layer, slope in zip(network.arrays[0].layers, (0.01, 0.01, 0.02), strict=True)
    )
    other = replace(network, arrays=(replace(network.arrays[0], layers=layers),))
    models = [capture_sets.model("one", network), capture_sets.model("other", other)]
    assert len(plan_captures(models, target=DAISY).engines) == 2


def test_engines_take_the_room_of_the_largest() -> None:
    captures = capture_sets.three_shapes()
    sizes = [memory.bytes_in("dtcm") for memory in captures.memories]
    assert max(sizes) <= shared_bytes(captures.memories, "dtcm") < max(sizes) + 32


def test_places_are_those_of_the_model_alone() -> None:
    """But weights are filled, not copied at the start."""
    captures = capture_sets.three_shapes()
    alone = plan_floats(captures.captures[3].model, target=DAISY, block_frames=48)
    engine = captures.engines[2].plan
    assert [(b.symbol, b.region, b.size_bytes) for b in alone.buffers] == [
        (b.symbol, b.region, b.size_bytes) for b in engine.buffers
    ]
    assert not any(b.constant for b in engine.buffers if b.symbol.endswith("weights"))


def stereo() -> Model:
    network = capture_sets.linear(1)
    return capture_sets.model("stereo", replace(network, conv=capture_sets.Weights(1).conv(1, 2)))


@pytest.mark.parametrize(
    ("models", "message"),
    [
        ([], "captures: expected at least one, found none"),
        ([stereo()], "stereo.nam: captures have 1 input and 1 output, found 1 and 2"),
        (
            [
                capture_sets.model("a", capture_sets.linear(1)),
                replace(capture_sets.model("b", capture_sets.linear(1)), sample_rate_hz=44100),
            ],
            "captures: expected one sample rate, found a.nam at 48000 Hz, b.nam at 44100 Hz",
        ),
    ],
)
def test_what_a_pedal_cannot_play_is_refused(models: list[Model], message: str) -> None:
    with pytest.raises(UnsupportedError, match=message):
        plan_captures(models, target=DAISY)


def test_in_vectors_a_capture_is_loaded_row_by_row() -> None:
    captures = capture_sets.three_shapes("host")
    engine = captures.engines[0].plan
    loads = loading(engine).loads
    filled = {load.array: 0 for load in loads}
    for load in loads:
        filled[load.array] += load.words
    kept = {buffer.symbol: buffer.values for buffer in engine.buffers}
    assert filled == {symbol: kept[symbol] for symbol in filled}
    assert {h.symbol for h in engine.histories} | {w.symbol for w in engine.weights} == set(filled)


def test_what_is_laid_out_anew_comes_up_when_it_did() -> None:
    captures = capture_sets.three_shapes()
    anew = laid_out_for(captures, load_target("host"))
    assert anew.is_paced
    assert not captures.is_paced
    assert [anew.loading_blocks(n, 8) for n in range(5)] == [
        captures.loading_blocks(n, 8) for n in range(5)
    ]


def filling(name: str, dilation: int, *, has_tanh: bool) -> Model:
    """A capture whose histories are more than the fastest memory, in many pieces."""
    w = Weights(dilation)
    dilations = (1, 60, 70, 80, 90, 100, 110, 300, 420, 500, 510, dilation)
    layers = tuple(w.layer(8, kernel=3, dilation=d) for d in dilations)
    if not has_tanh:
        layers = tuple(replace(layer, activation=LEAKY) for layer in layers)
    array = ir.LayerArray(w.conv(1, 8, bias=False), layers, w.conv(8, 1))
    return capture_sets.model(name, ir.WaveNet(1, (array,), 1.0))


def test_the_tables_of_all_engines_have_room_beside_the_largest() -> None:
    """Each engine that reads the tanh table has one of its own, and it is there whatever plays."""
    models = [filling(f"m{d}", d, has_tanh=True) for d in (401, 402, 403)]
    models.append(filling("relu", 404, has_tanh=False))
    captures = plan_captures(models, target=DAISY)
    assert table_bytes(captures.memories, "dtcm") == 3 * 2048
    used = shared_bytes(captures.memories, "dtcm") + table_bytes(captures.memories, "dtcm")
    free = DAISY.pedal.region("dtcm").free_bytes
    assert free - 2048 < used <= free  # full, and not overfull
    left = fast_bytes_left(DAISY.pedal, [engine.plan for engine in captures.engines], captures)
    assert left == free - used


def test_one_engine_has_all_the_room() -> None:
    models = [filling(name, 401, has_tanh=True) for name in ("one", "two")]
    alone = plan_floats(models[0], target=DAISY, loaded=True)
    found = plan_captures(models, target=DAISY).engines[0].plan
    assert [b.region for b in found.buffers] == [b.region for b in alone.buffers]
