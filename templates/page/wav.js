/*
 * A recording as a file: RIFF WAVE, one channel, floats of 32 bits. `chunks`: Float32Arrays that
 * follow each other; their bits are those of the file.
 */
"use strict";

const WAV_HEADER_BYTES = 58;
const WAV_FLOATS = 3;

function wavOf(chunks, rateHz) {
    const frames = chunks.reduce((sum, one) => sum + one.length, 0);
    return new Blob([wavHeader(frames, rateHz), ...chunks], { type: "audio/wav" });
}

/* What precedes the samples: "fmt ", "fact" with their number, and the name of what follows. */
function wavHeader(frames, rateHz) {
    const data = 4 * frames;
    const format = ["fmt ", [4, 18], [2, WAV_FLOATS], [2, 1], [4, rateHz], [4, 4 * rateHz], [2, 4], [2, 32], [2, 0]];
    const fields = ["RIFF", [4, WAV_HEADER_BYTES - 8 + data], "WAVE", ...format, "fact", [4, 4], [4, frames], "data", [4, data]];
    return Uint8Array.from(fields.flatMap(wavField));
}

/* A name, or a number in so many bytes. */
function wavField(field) {
    if (typeof field === "string") {
        return [...field].map((one) => one.charCodeAt(0));
    }
    const [bytes, value] = field;
    return Array.from({ length: bytes }, (_, at) => Math.floor(value / 256 ** at) % 256);
}
