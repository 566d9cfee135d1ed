/*
 * The guitar: what goes into the pedal. Samples are mono, at the pedal's rate. A plugged guitar is
 * {node, start, stop}; `onended` of it is called where it comes to its end by itself.
 */
"use strict";

const MOST_FILE_BYTES = 200e6;
const UNTOUCHED = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/* Samples of a file; of several channels their mean. */
async function samplesOf(file, rateHz) {
    if (file.size > MOST_FILE_BYTES) {
        throw new Error(`${file.name}: expected at most ${MOST_FILE_BYTES / 1e6} MB, found ${Math.ceil(file.size / 1e6)} MB`);
    }
    const found = await decoded(file, rateHz);
    const channels = Array.from({ length: found.numberOfChannels }, (_, at) => found.getChannelData(at));
    if (channels.length === 1) {
        return channels[0];
    }
    return channels[0].map((_, frame) => channels.reduce((sum, one) => sum + one[frame], 0) / channels.length);
}

async function decoded(file, rateHz) {
    try {
        return await new OfflineAudioContext(1, 1, rateHz).decodeAudioData(await file.arrayBuffer());
    } catch (error) {
        throw new Error(`${file.name}: expected a sound that this browser can play, as a WAV is (${error.name})`);
    }
}

/* Samples as a guitar that is played again and again, or once. */
function playedSamples(context, samples, { loop, onended }) {
    const buffer = context.createBuffer(1, samples.length, context.sampleRate);
    buffer.copyToChannel(samples, 0);
    const node = new AudioBufferSourceNode(context, { buffer, loop });
    node.onended = onended;
    let plays = false;
    const start = () => {
        plays = true;
        node.start();
    };
    const stop = () => {
        node.onended = null;
        node.disconnect();
        if (plays) {
            node.stop();
        }
    };
    return { node, start, stop };
}

/* The left channel of the sound card, as it comes; `onended` is called where it is unplugged. */
async function playedCard(context, onended) {
    const stream = await opened(context.sampleRate);
    const close = () => stream.getTracks().forEach((track) => track.stop());
    try {
        stream.getAudioTracks().forEach((track) => (track.onended = onended));
        return streamed(context, stream, close);
    } catch (error) {
        close();
        throw new Error(`expected a sound card's input at ${context.sampleRate} Hz, which this browser does not make of it (${error.message})`);
    }
}

function streamed(context, stream, close) {
    if (context.state === "closed") {
        throw new Error("the pedal has no power any more");
    }
    const node = new ChannelSplitterNode(context, { numberOfOutputs: 2 });
    const source = new MediaStreamAudioSourceNode(context, { mediaStream: stream });
    const stop = () => {
        close();
        source.disconnect();
        node.disconnect();
    };
    return { node, start: () => source.connect(node), stop };
}

async function opened(sampleRate) {
    if (!navigator.mediaDevices?.getUserMedia) {
        throw new Error(`this browser has no sound card for a page from ${location.protocol}//; ${SERVED}`);
    }
    try {
        const audio = { ...UNTOUCHED, channelCount: { ideal: 2 }, sampleRate: { ideal: sampleRate } };
        return await navigator.mediaDevices.getUserMedia({ audio });
    } catch (error) {
        throw new Error(`${CARD_REFUSED[error.name] ?? error.message} (${error.name}); ${SERVED}`);
    }
}

const SERVED = "some browsers give one only to pages from http://127.0.0.1, as `namgen page … --serve` has it";
const CARD_REFUSED = {
    NotAllowedError: "the sound card was not allowed to this page",
    NotFoundError: "there is no input of a sound card",
    NotReadableError: "the sound card is in use by something else",
};
