"""Inspecting a file computes only what is shown: no audio, no silence, nothing that cannot fit."""

from __future__ import annotations

from pathlib import Path

import make_nam
import pytest

from namgen import inspection
from namgen.inspection import inspect
from namgen.lower import lower
from namgen.nam_file import read
from namgen.order import make_order
from namgen.plan.parts import Parts
from namgen.selection import plans
from namgen.selection.plans import planned, sketched
from namgen.targets import load_target


def refuse(*_: object, **__: object) -> None:
    raise AssertionError("expected nothing to be run, found a network being run")


@pytest.mark.parametrize("kind", make_nam.all_kinds())
def test_no_network_is_run(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "settled", refuse)
    found = inspect(make_nam.write(tmp_path, make_nam.all_kinds()[kind]))
    assert found.networks


@pytest.mark.parametrize("kind", make_nam.all_kinds())
def test_a_sketch_has_the_sizes_places_and_cost_of_the_plan(kind: str, tmp_path: Path) -> None:
    model = lower(read(make_nam.write(tmp_path, make_nam.all_kinds()[kind])), submodel="full")
    order = make_order(load_target("daisy"), clock=None, block_frames=None)
    sketch, whole = sketched(model, order), planned(model, order)
    assert sketch.plan.buffers == whole.plan.buffers
    assert sketch.prediction == whole.prediction


def test_what_cannot_fit_is_not_planned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Parts, "constant", refuse)
    large = make_nam.write(tmp_path, make_nam.linear(200_000))
    (fit,) = [f for f in inspect(large).networks[0].fits if f.target == "daisy"]
    assert not fit.fits
    assert "need 1600000 bytes and more, daisy has" in fit.reason


def test_every_submodel_is_lowered_once_and_madeonce(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lowered: list[object] = []
    made: list[object] = []
    lower_it, plan_it = inspection.lower, plans.plan
    monkeypatch.setattr(
        inspection, "lower", lambda *a, **k: (lowered.append(a), lower_it(*a, **k))[1]
    )
    monkeypatch.setattr(plans, "plan", lambda *a, **k: (made.append(a), plan_it(*a, **k))[1])
    box = make_nam.container(*(make_nam.a2(width) for width in (2, 3, 4, 5)))
    inspect(make_nam.write(tmp_path, box))
    assert len(lowered) == 4
    assert len(made) == 4 + 1  # and once more to choose
