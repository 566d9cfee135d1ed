/*
 * Calls the exports of a WebAssembly module: `node caller.cjs MODULE`.
 *
 * A request is a line of JSON on standard input, {"call": NAME, "arguments": [...]}, {"write":
 * ADDRESS, "bytes": COUNT} or {"read": ADDRESS, "bytes": COUNT}; what is written follows it. The
 * answer is a line on standard output, {"result": ...} or {"error": TEXT}; what was read follows it.
 */
"use strict";
const fs = require("fs");

function take(count) {
    const found = Buffer.alloc(count);
    let done = 0;
    while (done < count) {
        const read = fs.readSync(0, found, done, count - done);
        if (read === 0) {
            process.exit(0); /* whoever asks is gone */
        }
        done += read;
    }
    return found;
}

function takeLine() {
    const bytes = [];
    for (;;) {
        const [byte] = take(1);
        if (byte === 10) {
            return Buffer.from(bytes).toString("utf8");
        }
        bytes.push(byte);
    }
}

function give(answer, bytes = Buffer.alloc(0)) {
    const all = Buffer.concat([Buffer.from(JSON.stringify(answer) + "\n"), bytes]);
    for (let done = 0; done < all.length; ) {
        done += fs.writeSync(1, all, done);
    }
}

function attempt(action) {
    try {
        const [answer, bytes] = action();
        give(answer, bytes);
    } catch (error) {
        give({ error: String(error) });
    }
}

let exported;
attempt(() => {
    const module = new WebAssembly.Module(fs.readFileSync(process.argv[2]));
    exported = new WebAssembly.Instance(module, {}).exports;
    return [{ result: Object.keys(exported) }];
});
for (;;) {
    const asked = JSON.parse(takeLine());
    const given = "write" in asked ? take(asked.bytes) : null;
    attempt(() => {
        const memory = new Uint8Array(exported.memory.buffer);
        if (given) {
            memory.set(given, asked.write);
            return [{ result: null }];
        }
        if ("read" in asked) {
            return [{ result: null }, Buffer.from(memory.slice(asked.read, asked.read + asked.bytes))];
        }
        const result = exported[asked.call](...asked.arguments);
        return [{ result: result === undefined ? null : result }];
    });
}
