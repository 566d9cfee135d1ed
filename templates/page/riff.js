/*
 * A riff that the page plays where there is no guitar: strings that are plucked, computed here and
 * always the same. A string is a delay that comes back a little duller each time (Karplus and
 * Strong, 1983); its end begins anew, so that the riff can go on and on.
 */
"use strict";

const RIFF_BEATS = 16;
const RIFF_BEATS_PER_MINUTE = 116;
const RIFF_PEAK = 0.35; /* of full scale: a guitar that is played hard */
const RIFF_A4 = { midi: 69, hz: 440 };
const PICK = 0.13; /* where it plucks, of the string's length */
const FADE_SECONDS = 0.03; /* with which a finger ends a note */

/* Beat, beats, loudness, strings as MIDI has notes; short ones are muted with the palm. */
const RIFF = [
    [0, 1, 1, [40, 47, 52]],
    [1, 0.5, 0.7, [40]],
    [1.5, 0.5, 0.6, [40]],
    [2, 1, 0.9, [43, 50, 55]],
    [3, 1, 0.9, [45, 52, 57]],
    [4, 0.5, 0.7, [40]],
    [4.5, 0.5, 0.6, [40]],
    [5, 1, 0.9, [50, 57, 62]],
    [6, 0.5, 0.6, [40]],
    [6.5, 1.5, 0.9, [43, 50, 55]],
    [8, 1, 1, [40, 47, 52]],
    [9, 0.5, 0.7, [40]],
    [9.5, 0.5, 0.6, [40]],
    [10, 1, 0.9, [43, 50, 55]],
    [11, 1, 0.9, [45, 52, 57]],
    [12, 1, 0.35, [59]],
    [12.5, 1, 0.35, [62]],
    [13, 2, 0.5, [64]],
    [14, 1, 0.4, [62]],
    [14.5, 1, 0.4, [59]],
    [15, 1, 0.45, [57]],
    [15.5, 1, 0.5, [55]],
];

/* Samples of the whole riff, mono, at a rate. */
function riff(rateHz) {
    const beat = (60 / RIFF_BEATS_PER_MINUTE) * rateHz;
    const samples = new Float32Array(Math.round(RIFF_BEATS * beat));
    const random = noise(1);
    for (const [at, beats, level, strings] of RIFF) {
        strings.forEach((midi, number) => {
            const strum = 0.006 * rateHz * number;
            const played = plucked(midi, Math.round(beats * beat), { level, rateHz, random, muted: beats <= 0.5 });
            addTo(samples, played, Math.round(at * beat + strum));
        });
    }
    return scaled(samples, RIFF_PEAK);
}

/* Numbers from -1 to 1 that are the same every time. */
function noise(seed) {
    let state = seed >>> 0;
    return () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 31 - 1;
    };
}

function plucked(midi, frames, { level, rateHz, random, muted }) {
    const period = rateHz / (RIFF_A4.hz * 2 ** ((midi - RIFF_A4.midi) / 12));
    const line = picked(Math.floor(period - 0.5), random, level);
    const rest = period - 0.5 - line.length; /* of a frame, which an all-pass delays */
    const pass = (1 - rest) / (1 + rest);
    const kept = 10 ** ((-3 * period) / rateHz / (muted ? 0.35 : 3.5));
    const samples = new Float32Array(frames);
    let [at, before, passed] = [0, 0, 0];
    for (let frame = 0; frame < frames; frame += 1) {
        const after = (at + 1) % line.length;
        const dull = (kept * (line[at] + line[after])) / 2;
        passed = pass * (dull - passed) + before;
        before = dull;
        samples[frame] = line[at];
        line[at] = passed;
        at = after;
    }
    return ended(samples, FADE_SECONDS * rateHz);
}

/* A string as it is let go: dull noise without what the place of the pick leaves out, nor a mean. */
function picked(length, random, level) {
    const line = Float64Array.from({ length }, random);
    const place = Math.round(length * PICK);
    const comb = line.map((one, at) => one - line[(at + length - place) % length]);
    const dull = comb.map((one, at) => (one + comb[(at + 1) % length] + comb[(at + 2) % length]) / 3);
    const mean = dull.reduce((sum, one) => sum + one, 0) / length;
    return dull.map((one) => level * (one - mean));
}

function ended(samples, frames) {
    const { length } = samples;
    for (let left = 0; left < Math.min(frames, length); left += 1) {
        samples[length - 1 - left] *= left / frames;
    }
    return samples;
}

function addTo(samples, played, first) {
    played.forEach((one, at) => {
        samples[(first + at) % samples.length] += one;
    });
}

function scaled(samples, peak) {
    const most = samples.reduce((found, one) => Math.max(found, Math.abs(one)), 0);
    return samples.map((one) => (one * peak) / most);
}
