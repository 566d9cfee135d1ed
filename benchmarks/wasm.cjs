/* Plays in.f32 with module.wasm, TURNS times with a CAPTURE; prints the milliseconds. See wasm.py. */
"use strict";
const fs = require("fs");

const module_ = new WebAssembly.Module(fs.readFileSync("module.wasm"));
const player = new WebAssembly.Instance(module_, {}).exports;
const bytes = fs.readFileSync("in.f32");
const input = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
const output = new Float32Array(input.length);
const most = player.player_block_frames();
const memory = new Float32Array(player.memory.buffer);
const from = player.player_input() / 4, to = player.player_output() / 4;

function play() {
    for (let at = 0; at < input.length; at += most) {
        const frames = Math.min(most, input.length - at);
        memory.set(input.subarray(at, at + frames), from);
        player.player_process(frames);
        output.set(memory.subarray(to, to + frames), at);
    }
}

player.player_reset(Number(process.argv[3]));
play();
fs.writeFileSync("out.f32", output);
for (let turn = 0; turn < Number(process.argv[2]); turn++) {
    const before = process.cpuUsage();
    play();
    const taken = process.cpuUsage(before);
    console.log((taken.user + taken.system) / 1000);
}
