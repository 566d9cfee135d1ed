"""Options and arguments of several commands, and what they mean together."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from namgen.blocks import MAX_BLOCK_FRAMES
from namgen.boards.refused import why_not
from namgen.cli.command import CName, ForTarget, ForVariant, OneOf, Submodel
from namgen.fixed.precision import AUTO, PRECISIONS
from namgen.nam_file import read
from namgen.order import IDLE, Order, make_order
from namgen.pedal.file import is_pedal_file, read_pedal
from namgen.selection.wanted import LARGEST_THAT_FITS
from namgen.targets import DEFAULT_TARGET, Target, load_target, target_names
from namgen.toolchain import CROSS_NAMES

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Purpose:
    """What C is made for, as the options of a command say it."""

    target: str = DEFAULT_TARGET
    block_frames: int | None = None
    clock: str | None = None
    boot: str | None = None
    idle: str = "spin"
    cpu: str | None = None
    mpy_arch: str | None = None
    state: str | None = None

    @property
    def variant(self) -> str | None:
        """Which of the target's variants is wanted; None: nothing is said of it."""
        return self.cpu or self.mpy_arch

    def order(self) -> Order:
        """Check it, and fill in the target's defaults.

        Raises:
            NamgenError: as `make_order`.

        """
        return make_order(
            load_target(self.target, self.variant),
            clock=self.clock,
            block_frames=self.block_frames,
            boot=self.boot,
            idle=self.idle,
            state=self.state,
        )

    def orders(self) -> Iterator[Order]:
        """Check it for every target that a model may be too large or too slow for."""
        for target in map(load_target, target_names()):
            if target.board is not None:
                yield replace(self, target=target.name).order()
            for variant in target.package.embedded if target.package else ():
                alone = load_target(target.name, variant)
                yield make_order(alone, clock=None, block_frames=self.block_frames)


def is_given(name: str) -> bool:
    """Whether somebody gave the option of the command that runs, be it its default."""
    source = click.get_current_context().get_parameter_source(name)
    return source not in (None, ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP)


def gathers(kind: type[Any], into: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options that are fields of the dataclass `kind` as one argument `into`."""
    names = [field.name for field in fields(kind)]

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(function)
        def call(*args: Any, **values: Any) -> None:
            gathered = {name: values.pop(name) for name in names if name in values}
            function(*args, **values, **{into: kind(**gathered)})

        return call

    return decorate


def all_of(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Give a command several options, in this order."""

    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def pedal_names() -> tuple[str, ...]:
    """The targets that an image can be made for."""
    return tuple(name for name in target_names() if load_target(name).makes_image)


def boots_of(target: Target) -> Iterator[str]:
    """Yield how an image for a target may start."""
    if target.board:
        yield from (boot.name for boot in target.board.boots)


def clocks_of(target: Target) -> Iterator[str]:
    """Yield the clocks in MHz that a target may run at."""
    if target.board:
        yield from (str(hz // 1_000_000) for hz in target.board.clock.options_hz)


def states_of(target: Target) -> Iterator[str]:
    """Yield where what a model remembers may lie, where there is a choice."""
    if target.package and len(target.package.states) > 1:
        yield from target.package.states


file_path = click.Path(path_type=Path, readable=False)
"""A file whose troubles are told when it is opened, as a problem of the file and not of usage."""


class ModelFile(click.Path):
    """A capture, or what describes a pedal of several."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, readable=False)

    def examine(self, value: Path) -> object:
        """Read it.

        Raises:
            NamgenError: all that is wrong in it.

        """
        return read_pedal(value) if is_pedal_file(value) else read(value)


def refuse_pedals(models: Iterable[Path], instead: str) -> None:
    """Refuse the description of a pedal where captures alone are taken.

    Raises:
        click.UsageError: with what to run `instead`; {} in it stands for the description.

    """
    for model in filter(is_pedal_file, models):
        raise click.UsageError(f"{model}: {instead.format(model)}")


model_argument = click.argument("model", type=ModelFile(), metavar="MODEL")

models_argument = click.argument(
    "models", type=ModelFile(), metavar="MODEL...", nargs=-1, required=True
)

target_option = click.option(
    "--target",
    type=OneOf(target_names, why_not),
    default=DEFAULT_TARGET,
    show_default=f"{DEFAULT_TARGET}, or the board's",
    help="The pedal or machine it is for.",
)


class _Pedal(OneOf):
    """A target that an image can be made for."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name as it is known; say of other targets why they will not do."""
        if str(value).lower() in target_names() and str(value).lower() not in self.names():
            expected = " or ".join(self.names())
            only = load_target(str(value).lower()).only_gives
            self.fail(f"no image can be made for {value}, {only}; expected {expected}", param, ctx)
        return super().convert(value, param, ctx)


pedal_option = click.option(
    "--target",
    type=_Pedal(pedal_names, why_not),
    default=DEFAULT_TARGET,
    show_default=True,
    help="The pedal to emulate.",
)

boot_option = click.option(
    "--boot",
    "--app",
    type=ForTarget(boots_of),
    metavar="WAY",
    help="How the image is started, one of those `namgen targets` lists.  [default: the first]",
)

clock_option = click.option(
    "--clock",
    type=ForTarget(clocks_of),
    metavar="MHZ",
    help="Processor clock.  [default: the target's fastest]",
)

cpu_option = click.option(
    "--cpu",
    type=ForVariant("cpu"),
    metavar="CPU",
    help="Of the package c: the processor it is laid out for, such as m4, m7 or host; or teensy41, "
    "for an Arduino library; `namgen targets` lists them.  [default: generic]",
)

mpy_arch_option = click.option(
    "--mpy-arch",
    type=ForVariant("mpy-arch"),
    metavar="ARCH",
    help="Of the package micropython: the machine that the native module is for, as MicroPython "
    "names it; `namgen targets` lists them.  [default: armv7emdp]",
)

state_option = click.option(
    "--state",
    type=ForTarget(states_of),
    metavar="STATE",
    help="Of the package c: what is remembered lies in static arrays, or in a struct of the "
    "caller, as many as there are instances.  [default: static]",
)


class _Making(ForTarget):
    """A compiler for a target that namgen compiles for; there is none to choose for others."""

    def __init__(self) -> None:
        super().__init__(lambda _: CROSS_NAMES)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Show the words in the help."""
        return f"[{'|'.join(CROSS_NAMES)}]"

    def check(self, ctx: click.Context, param: click.Parameter) -> None:
        """Refuse to hear of a compiler where nothing is compiled."""
        from namgen.packages import package_of  # slow to load

        name = ctx.params.get("target")
        chosen = load_target(name) if isinstance(name, str) else None
        if chosen and is_given("toolchain") and not package_of(chosen).is_compiled:
            self.fail(
                f"target {chosen.name}: its C is compiled by whoever gets it, not here: "
                "leave --toolchain out",
                param,
                ctx,
            )


_toolchain_option = functools.partial(
    click.option,
    "--toolchain",
    default="zig",
    show_default=True,
    help="The compiler for the pedal: the one pip installed, or arm-none-eabi-gcc from PATH.",
)

toolchain_option = _toolchain_option(type=OneOf(CROSS_NAMES))

build_toolchain_option = _toolchain_option(type=_Making())
"""Of a command that gives away C that it may not have compiled."""

block_option = click.option(
    "--block",
    "block_frames",
    type=click.IntRange(1, MAX_BLOCK_FRAMES),
    help=f"Frames per audio block, 1 to {MAX_BLOCK_FRAMES}; of a pedal a multiple of 8.  "
    "[default: the target's]",
)


class _Ratio(click.FloatRange):
    """A number in a range; `nan`, which no range refuses, is none."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number = float(super().convert(value, param, ctx))
        if math.isnan(number):
            self.fail(f"{value!r} is not in the range 0.0<=x<=1.0.", param, ctx)
        return number


slim_option = click.option(
    "--slim",
    type=_Ratio(0.0, 1.0),
    help="Choose a width by NAM's ratio from 0 (small) to 1 (full).",
)

tanh_option = click.option(
    "--tanh",
    type=OneOf(["exact", "fast"]),
    default="exact",
    show_default=True,
    help="fast: the rational formula that NAM plug-ins use in place of tanh; it sounds as they do, "
    "and is slower on a pedal than exact.",
)

precision_option = click.option(
    "--precision",
    type=OneOf(PRECISIONS),
    default=AUTO,
    show_default=True,
    help="How numbers are held: float32, fixed32 or fixed16 (integers; docs/fixed-point.md); auto: "
    "the most exact that keeps up, of the largest submodel that does.",
)

submodel_option = click.option(
    "--submodel",
    type=Submodel(("lite", "full", LARGEST_THAT_FITS)),
    metavar="MODEL",
    default=LARGEST_THAT_FITS,
    show_default=True,
    help=f"Which model of a container: lite, full, a number from 1, {LARGEST_THAT_FITS}.",
)

wanted_options = all_of(submodel_option, slim_option, tanh_option, precision_option)
"""Of a command that makes a network in one of all ways: what `Wanted` gathers."""

idle_option = click.option(
    "--idle",
    type=OneOf(IDLE),
    default="spin",
    show_default=True,
    help="Between two blocks: spin, against noise at their rate, or sleep, to save power.",
)

name_option = click.option(
    "--name", type=CName(), help="Name of the model in the C.  [default: from the file name]"
)
