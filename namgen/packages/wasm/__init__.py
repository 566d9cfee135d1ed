"""A WebAssembly module of a model, and what plays it in a web page."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from namgen.order import Order
from namgen.packages.package import Contents, Shop, shell_word
from namgen.packages.plain_c import PlainC
from namgen.plan.any_plan import AnyPlan
from namgen.scratch import write_files
from namgen.version import VERSION
from namgen.wasm import make_module, player, scripts

SOURCES = "src"
MODULE_FILE = "player.wasm"
PAGE = "example.html"
_FOLDER = "packages/wasm"


@dataclass(frozen=True, slots=True)
class WebModule(PlainC):
    """A folder with the module, its scripts for a page, an example, and the C it is made of."""

    @property
    def is_compiled(self) -> bool:
        """It is machine code, if of no machine."""
        return True

    def make(self, contents: Contents, order: Order, shop: Shop) -> None:
        """Write the module and what is around it.

        Raises:
            ToolError: the toolchain failed.
            UnsupportedError: the toolchain links no WebAssembly.

        """
        if shop.toolchain is None:
            raise ValueError("a module needs a compiler")
        planned = contents.planned
        glue = player(planned, title=planned.source, block_frames=planned.block_frames)
        files = {**contents.files, **glue.files}
        module = make_module(
            files, shop.toolchain, exports=glue.exports, opt=glue.opt, progress=shop.progress
        )
        sources = {f"{SOURCES}/{file}": text for file, text in files.items()}
        write_files({**sources, **around(planned, module, glue.exports)}, shop.folder)
        (shop.folder / MODULE_FILE).write_bytes(module)

    def next_steps(self, name: str, order: Order, folder: Path) -> Iterator[str]:
        """Say how the module is heard, and gets into a page."""
        yield f"{shell_word(folder / PAGE)}    in a browser plays a sound file, or the sound card"
        yield f"openPlayer(context, options)    of player_node.js, in a page of yours: {README}"


README = "README.md"


def around(planned: AnyPlan, module: bytes, exports: tuple[str, ...]) -> dict[str, str]:
    """Return the text of every file around the module, by its path in the folder."""
    texts = scripts()
    names: Mapping[str, object] = {
        "plan": planned,
        "version": VERSION,
        "exports": exports,
        "opener": texts.opener,
        "worklet_url": texts.worklet_url,
        "module": b64encode(module).decode(),
        "bytes": len(module),
    }
    spelled = {file: _spelled(file, names) for file in (README, PAGE)}
    return {"worklet.js": texts.worklet, "player_node.js": texts.opener, **spelled}


def _spelled(file: str, names: Mapping[str, object]) -> str:
    from namgen.emit import template_environment  # slow to load

    environment = template_environment()
    environment.globals |= names
    return environment.get_template(f"{_FOLDER}/{file}.j2").render()
