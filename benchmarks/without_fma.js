// Plays in.f32 through model.wasm: `node without_fma.js NAME BLOCK TURNS`, where both lie.
//
// Writes what the first turn plays to out.f32, and prints nanoseconds of processor time per frame, a line a turn.
const fs = require('fs');

const [name, block, turns] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const wasm = new WebAssembly.Module(fs.readFileSync('model.wasm'));
const model = new WebAssembly.Instance(wasm, {}).exports;
const input = fs.readFileSync('in.f32');
const bytes = input.length;
const frames = bytes / 4;
const start = model.memory.buffer.byteLength;
model.memory.grow(Math.ceil((2 * bytes) / 65536));
new Uint8Array(model.memory.buffer, start, bytes).set(input);

function play() {
    for (let at = 0; at < bytes; at += 4 * block) {
        model[`${name}_process`](start + at, start + bytes + at, block);
    }
}

model[`${name}_reset`]();
play();
fs.writeFileSync('out.f32', new Uint8Array(model.memory.buffer, start + bytes, bytes));
for (let turn = 0; turn < turns; turn++) {
    const before = process.cpuUsage();
    play();
    const taken = process.cpuUsage(before);
    console.log((1000 * (taken.user + taken.system)) / frames);
}
