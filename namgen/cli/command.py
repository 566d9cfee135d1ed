"""What every command has: `-q`, `-v`, a folder for what is temporary, values with suggestions."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn, Protocol, runtime_checkable

import click
from click.shell_completion import CompletionItem

from namgen import scratch
from namgen.cli.maybe_value import MaybeValue
from namgen.cli.terminal import printable
from namgen.errors import ChoiceError, Together, nearest, one_of
from namgen.naming import NAMES, TAKEN, c_name, is_c_name
from namgen.targets import Target, load_target, package_targets, target_names

OWN_PROCESS = "own process"
"""`ctx.obj` where namgen is the program and not called by another."""


class WrongUsageError(click.UsageError):
    """All that is wrong with a command line, a line each."""

    def __init__(self, lines: Iterable[str], ctx: click.Context) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines), ctx)


@runtime_checkable
class Examined(Protocol):
    """A kind of value that can be looked at where the command itself does not begin."""

    def examine(self, value: Any) -> object:
        """Raise what is wrong with it as a NamgenError."""


class Command(click.Command):
    """A command of namgen; make one with `@command("name")` and name it in `group.COMMANDS`."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.params += [_quiet(), _verbose()]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as click does; a misspelt option gets a suggestion in any case."""
        for param in self.params:
            if isinstance(param, MaybeValue):
                args = param.with_values(args)
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            known = [name for param in self.params for name in param.opts if name[:2] == "--"]
            raise click.UsageError(
                f"No such option {error.option_name!r}{nearest(error.option_name, known)}", ctx
            ) from error
        except click.BadParameter as error:
            raise WrongUsageError(self._wrong(ctx, given), ctx) from error

    def _wrong(self, ctx: click.Context, args: list[str]) -> Iterator[str]:
        """Yield all that is wrong with the values of a command line."""
        values, _, _ = self.make_parser(ctx).parse_args(args=args)
        for param in self.get_params(ctx):
            if param.callback is None:  # what the others do is done
                try:
                    value, _ = param.handle_parse_result(ctx, values, [])
                except click.BadParameter as error:
                    yield error.format_message()
                else:
                    yield from _troubles(param, value)
        yield from self._not_offered(ctx)

    def _not_offered(self, ctx: click.Context) -> Iterator[str]:
        """Yield what the chosen target does not have."""
        for param in self.params:
            if isinstance(param.type, ForTarget):
                try:
                    param.type.check(ctx, param)
                except click.BadParameter as error:
                    yield error.format_message()

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a value that nobody offers is wrong usage wherever it is found."""
        if ctx.obj == OWN_PROCESS:
            scratch.own_temporary_folder()
        wrong = list(self._not_offered(ctx))
        if wrong:
            troubles = (_troubles(param, ctx.params.get(str(param.name))) for param in self.params)
            raise WrongUsageError([*wrong, *chain.from_iterable(troubles)], ctx)
        try:
            return super().invoke(ctx)
        except ChoiceError as error:  # what is offered depends on another option
            raise WrongUsageError(error.lines, ctx) from error


def _troubles(param: click.Parameter, value: Any) -> Iterator[str]:
    """Yield what is wrong with the files that a value names, told beside wrong usage."""
    if isinstance(param.type, Examined):
        together = Together()
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, str | Path):
                together.attempt(partial(param.type.examine, one))
        yield from (line for error in together.errors for line in error.lines)


command = partial(click.command, cls=Command)
"""Decorates a function that is a command."""

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print the result as JSON on standard output."
)
"""Every command has it."""


class OneOf(click.ParamType):  # type: ignore[type-arg]
    """One of a closed set of words, taken in upper or lower case; a wrong one is exit code 2."""

    name = "choice"

    def __init__(
        self,
        offered: Callable[[], Iterable[str]] | Iterable[str],
        why_not: Callable[[str], str] | None = None,
    ) -> None:
        self._offered = offered
        self._why_not = why_not

    def names(self) -> tuple[str, ...]:
        """What is offered."""
        return tuple(self._offered() if callable(self._offered) else self._offered)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Show the words in the help."""
        return f"[{'|'.join(self.names())}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the word as it is spelt in the set."""
        try:
            return one_of("", str(value), self.names(), why_not=self._why_not)
        except ChoiceError as error:
            self.fail(error.lines[0].removeprefix(": "), param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Offer the words that begin like this."""
        return [CompletionItem(n) for n in self.names() if n.startswith(incomplete.lower())]


class ForTarget(OneOf):
    """One of the words that a target offers; which target it is, another option says."""

    def __init__(self, offered: Callable[[Target], Iterable[str]]) -> None:
        self._of = offered
        super().__init__(lambda: {word: None for target in _targets() for word in offered(target)})

    def check(self, ctx: click.Context, param: click.Parameter) -> None:
        """Refuse a word that the chosen target does not offer."""
        chosen, value = ctx.params.get("target"), ctx.params.get(str(param.name))
        if isinstance(value, str) and isinstance(chosen, str):
            offered = tuple(self._of(load_target(chosen)))
            if value not in offered:
                told = f"one of {', '.join(offered)}" if offered else "none"
                having = ", ".join(t.name for t in _targets() if value in self._of(t))
                self.fail(
                    f"target {chosen}: expected {told}, found {value!r}, which {having} would take",
                    param,
                    ctx,
                )


class ForVariant(ForTarget):
    """A variant of the chosen package, by any of its names; `option` is what chooses it."""

    def __init__(self, option: str) -> None:
        self._option = option
        super().__init__(self._variants)

    def _variants(self, target: Target) -> Iterator[str]:
        if target.package and target.package.option == self._option:
            yield from target.package.variants

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name that the package has for it."""
        known: dict[str, str] = {}
        for package in package_targets().values():
            known |= package.spellings if package.option == self._option else {}
        return super().convert(known.get(str(value).lower(), value), param, ctx)


def _targets() -> Iterator[Target]:
    return map(load_target, target_names())


class SeveralOf(OneOf):
    """Some words of a closed set, with commas between them."""

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Show the words in the help."""
        return f"[{','.join(self.names())}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the words as they are spelt in the set, with commas."""
        words = [part.strip() for part in str(value).split(",")]
        return ",".join(OneOf.convert(self, word, param, ctx) for word in words)


class Submodel(OneOf):
    """A model of a container: one of the words, or a number from 1."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the number or the word; whether the file has it is not known here."""
        if re.fullmatch(r"[1-9][0-9]{0,3}", str(value)):
            return str(value)
        try:
            return one_of("", str(value), self.names())
        except ChoiceError:
            words = ", ".join(self.names())
            hint = nearest(str(value), self.names())
            self.fail(f"expected a number from 1 or one of {words}, found {value!r}{hint}", param)


class CName(click.ParamType):  # type: ignore[type-arg]
    """The name of a model in C."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse what cannot be part of a C identifier."""
        if value in TAKEN:
            own, free = f"nam_{value}.h", c_name(value)
            self.fail(f"{value!r} is taken by namgen's own {own}; did you mean {free}?", param, ctx)
        if not is_c_name(value):
            self._refuse(value, param, ctx)
        return str(value)

    def _refuse(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> NoReturn:
        self.fail(f"expected {NAMES}, found {value!r}; did you mean {c_name(value)}?", param, ctx)


def _quiet() -> click.Option:
    return click.Option(
        ["-q", "--quiet"],
        is_flag=True,
        expose_value=False,
        callback=_remember("quiet"),
        help="No progress, no remarks: only results and errors.",
    )


def _verbose() -> click.Option:
    return click.Option(
        ["-v", "--verbose"],
        is_flag=True,
        expose_value=False,
        callback=_explain,
        help="Tell on stderr what is run, and what the caches hold.",
    )


def _remember(name: str) -> Callable[[click.Context, click.Parameter, bool], bool]:
    def remember(ctx: click.Context, _: click.Parameter, value: bool) -> bool:
        ctx.meta[f"namgen.{name}"] = value
        return value

    return remember


def _explain(ctx: click.Context, param: click.Parameter, value: bool) -> bool:
    """Print what the modules log, from here to the end of the command."""
    _remember("verbose")(ctx, param, value)
    if value:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_Lines("%(relativeCreated)6d ms  %(message)s"))
        for package in ("namgen", "host_sim"):
            logger = logging.getLogger(package)
            logger.setLevel(logging.DEBUG)
            logger.addHandler(handler)
            ctx.call_on_close(partial(logger.removeHandler, handler))
    return value


class _Lines(logging.Formatter):
    """Log records as single lines."""

    def format(self, record: logging.LogRecord) -> str:
        """Spell a record."""
        return printable(super().format(record))
