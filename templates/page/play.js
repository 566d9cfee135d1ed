/*
 * Play: the desk beside the board. Buttons give and take power, choose the guitar, record; lines
 * tell what is heard, how busy it is, and in one line what went wrong.
 */
"use strict";

const SOURCES = { riff: "The riff", file: "The file", card: "The sound card" };

class Desk {
    constructor(facts) {
        Object.assign(this, { facts, pedal: null, samples: {}, capture: 0, stopping: null, opening: null });
        this.parts = new Map([...document.querySelectorAll("#play [id^='play-']")].map((one) => [one.id.slice(5), one]));
        this.panel = this.drawing(document.querySelector("#panel svg"));
        this.tape = new Tape(this.parts, facts, (text) => this.tell(text));
        this.serve();
        this.part("desk").hidden = this.part("power").hidden = false;
    }

    part(name) {
        return this.parts.get(name);
    }

    drawing(svg) {
        const ask = (message) => this.obeyed(this.pedal.ask(message));
        const noPower = () => this.tell("The pedal has no power: Play gives it some.");
        return svg && new Panel(svg, this.facts, { ask, noPower });
    }

    serve() {
        const on = (name, kind, act) => this.part(name)?.addEventListener(kind, act);
        on("desk", "submit", (event) => event.preventDefault());
        on("start", "click", () => this.attempt(() => this.start()));
        on("stop", "click", () => this.attempt(() => this.stop()));
        on("record", "click", () => this.attempt(() => this.record()));
        on("desk", "change", ({ target }) => target.name === "play-source" && this.attempt(() => this.choose()));
        on("file", "change", ({ target }) => target.files[0] && this.attempt(() => this.open(target.files[0])));
        on("loop", "change", ({ target }) => this.loop(target.checked));
        on("volume", "input", () => this.loudness());
        on("bypass", "change", ({ target }) => this.send({ bypass: target.checked }));
        on("cabinet", "change", ({ target }) => this.sound("use_cabinet", target.checked ? 1 : 0));
        on("gate", "change", ({ target }) => this.sound("use_gate", target.checked ? 1 : 0));
        this.ranges((range, number) => range.addEventListener("input", () => this.setParameter(range, number)));
        this.serveDrops();
    }

    ranges(act) {
        this.facts.hands.offered.parameters.forEach(([, number]) => act(this.part(`set-${number}`), number));
    }

    serveDrops() {
        const zone = this.part("drop");
        const over = (isOver) => (event) => {
            event.preventDefault();
            zone.classList.toggle("over", isOver);
        };
        document.addEventListener("dragover", over(true));
        document.addEventListener("dragleave", over(false));
        document.addEventListener("drop", (event) => {
            over(false)(event);
            const [file] = event.dataTransfer.files;
            this.attempt(() => this.open(file));
        });
    }

    /* Do it, or say in one line what went wrong. */
    async attempt(act) {
        this.part("error").hidden = true;
        try {
            await act();
        } catch (error) {
            await this.fail(error);
        }
    }

    async fail(error) {
        const line = this.part("error");
        line.textContent = `${error.message ?? error}`;
        line.hidden = false;
        if (this.pedal !== null && this.pedal.player.error !== null) {
            await this.stop();
        }
    }

    tell(text) {
        this.part("told").textContent = text;
    }

    get source() {
        return this.part("desk").elements["play-source"].value;
    }

    /* Power, and the guitar from its beginning. */
    async start(keep = 0) {
        if (this.pedal === null) {
            this.buttons({ start: false, stop: false, record: false });
            this.tell("Opening the sound card …");
            await this.orStop(null, () => this.powerOn(keep));
        }
        const { pedal } = this;
        await this.orStop(pedal, () => this.run(pedal));
    }

    /* Do it, or take the power of the pedal that it was for; where that has none, nothing is wrong.
     * For no pedal yet (null): of the one that it gives power to. */
    async orStop(pedal, act) {
        try {
            await act();
        } catch (error) {
            if (pedal === null || pedal === this.pedal) {
                await this.stop();
                throw error;
            }
        }
    }

    async run(pedal) {
        await this.plug();
        if (pedal === this.pedal) {
            await pedal.run();
            this.part("latency").textContent = `${pedal.latencyMs.toFixed(0)} ms, as far as the browser knows`;
        }
    }

    async powerOn(keep) {
        const { rateHz } = this.facts;
        const [wasm, worklet] = await Promise.all([unpacked("play-module"), unpacked("play-worklet")]);
        const url = `data:text/javascript;charset=utf-8,${encodeURIComponent(new TextDecoder().decode(worklet))}`;
        const hands = { ...this.panel?.stands, capture: this.capture };
        const rests = () => this.tell("The browser has stopped the sound: Play goes on.");
        const heard = { hear: (message) => this.hear(message), kept: (message) => this.tape.kept(message), rests };
        this.pedal = await PoweredPedal.on({ rateHz, url, wasm, hands, keep, gain: this.gain, ...heard });
        this.panel?.power(true, 1000 * (this.pedal.context.baseLatency || 0));
        this.showPanel(this.pedal.player.shown);
        this.buttons({ stop: true });
        movesOf(hands, this.panel?.stands ?? hands).forEach((message) => this.send(message));
        this.sendAll();
    }

    /* What the form says and no control of the board: it stands so before the first sample. */
    sendAll() {
        const isOn = (name) => this.part(name)?.checked;
        if (isOn("bypass")) {
            this.send({ bypass: true });
        }
        for (const name of ["cabinet", "gate"]) {
            if (isOn(name) === false) {
                this.sound(`use_${name}`, 0);
            }
        }
        this.ranges((range, number) => range.value !== range.defaultValue && this.setParameter(range, number));
    }

    /* A sound card may be given late: by then something else may be wanted. */
    async plug() {
        const { source, pedal } = this;
        const isWanted = () => source === this.source && pedal === this.pedal;
        try {
            const guitar = await this.guitar(source);
            if (!isWanted()) {
                guitar.stop();
                return;
            }
            pedal.plug(guitar);
            this.tell(`${SOURCES[source]} plays.`);
        } catch (error) {
            if (isWanted()) {
                throw error;
            }
        }
    }

    async guitar(source) {
        if (source === "card") {
            return playedCard(this.pedal.context, () => this.ended(source));
        }
        if (source === "riff") {
            this.samples.riff ??= riff(this.facts.rateHz);
        }
        if (!this.samples[source]) {
            throw new Error("choose a file first, or drop one onto the page");
        }
        const onended = () => this.ended(source);
        return playedSamples(this.pedal.context, this.samples[source], { loop: this.part("loop").checked, onended });
    }

    ended(source) {
        this.tell(`${SOURCES[source]} has ended; the pedal still has power.`);
    }

    async choose() {
        if (this.pedal !== null) {
            await this.plug();
        }
    }

    async open(file) {
        if (!file) {
            throw new Error("expected a file, found something else that was dropped");
        }
        this.opening = file;
        const samples = await samplesOf(file, this.facts.rateHz);
        if (this.opening !== file) {
            return; /* another one was asked for meanwhile */
        }
        this.samples.file = samples;
        this.part("desk").elements["play-source"].value = "file";
        this.tell(`${file.name}: ${(this.samples.file.length / this.facts.rateHz).toFixed(1)} s.`);
        if (this.pedal !== null) {
            await this.plug();
        }
    }

    loop(isOn) {
        if (this.pedal?.guitar && "loop" in this.pedal.guitar.node) {
            this.pedal.guitar.node.loop = isOn;
        }
    }

    get gain() {
        const level = Number(this.part("volume").value);
        return level <= Number(this.part("volume").min) ? 0 : 10 ** (level / 20);
    }

    loudness() {
        const { value, min } = this.part("volume");
        this.part("volume").setAttribute("aria-valuetext", value === min ? "silent" : `${value} dB`);
        if (this.pedal !== null) {
            this.pedal.volume.gain.value = this.gain;
        }
    }

    send(message) {
        return this.pedal === null ? null : this.obeyed(this.pedal.ask(message));
    }

    sound(name, ...values) {
        return this.send({ sound: name, arguments: values });
    }

    setParameter(range, number) {
        const [low, high, value] = [range.min, range.max, range.value].map(Number);
        this.part(`said-${number}`).textContent = `${value.toFixed(1)} dB`;
        range.setAttribute("aria-valuetext", `${value.toFixed(1)} dB`);
        return this.sound("set", number, (value - low) / (high - low));
    }

    async obeyed(answer) {
        try {
            await answer;
        } catch (error) {
            await this.fail(error);
        }
    }

    /* A pedal without power is shown nothing; with it, `powerOn` shows the first state. */
    hear(message) {
        if (this.pedal === null) {
            return;
        }
        if ("shown" in message) {
            this.showPanel(message.shown);
        } else if ("load" in message) {
            this.busy(message);
        } else if ("error" in message) {
            this.fail(new Error(message.error));
        }
    }

    showPanel(shown) {
        if (shown === null) {
            this.heard(`the effect${this.facts.captures.length > 1 ? "" : `, ${this.facts.captures[0]}`}`);
            return;
        }
        this.capture = shown.capture;
        this.panel?.show(shown);
        this.heard(`${shown.effect ? "the effect" : "the guitar past the effect"}, ${this.facts.captures[shown.capture]}`);
    }

    heard(text) {
        const line = this.part("capture");
        if (line.textContent !== text) {
            line.textContent = text;
        }
    }

    busy({ load, dropouts, underruns }) {
        this.part("load").textContent = `${Math.round(100 * load)} % of the time${load > 0.9 ? ": too much for this computer" : ""}`;
        const counted = underruns === null ? "" : `; the browser counted ${underruns}`;
        this.part("dropouts").textContent = `${dropouts || "none"}${counted}`;
        this.part("dropouts").classList.toggle("bad", dropouts > 0);
    }

    async record() {
        if (this.tape.turns) {
            this.pedal.recorder.port.postMessage({ end: true });
            return;
        }
        const frames = this.facts.recordSeconds * this.facts.rateHz;
        this.tape.begin();
        if (this.pedal === null) {
            await this.start(frames);
        } else {
            this.pedal.recorder.port.postMessage({ frames });
        }
    }

    /* Without power, once nothing of the pedal is left; however often it is asked for meanwhile. */
    stop() {
        this.stopping ??= this.end().finally(() => (this.stopping = null));
        return this.stopping;
    }

    async end() {
        const { pedal } = this;
        this.buttons({ start: false, stop: false, record: false });
        await this.tape.end(this.pedal?.recorder);
        this.pedal = null;
        this.panel?.power(false);
        try {
            await pedal?.off();
        } finally {
            this.buttons({ stop: false });
            this.heard("nothing");
            this.tell("The pedal has no power: Play gives it some.");
        }
    }

    /* Which can be pressed: without power all but Stop, with it all. */
    buttons({ start = true, stop, record = true }) {
        Object.entries({ start, stop, record }).forEach(([name, can]) => (this.part(name).disabled = !can));
    }
}

/* The desk, or a line that says why there is none. */
async function openDesk() {
    try {
        return new Desk(JSON.parse(new TextDecoder().decode(await unpacked("play-facts"))));
    } catch (error) {
        const line = document.getElementById("play-error");
        line.textContent = error.message;
        line.hidden = false;
        return null;
    }
}

const desk = openDesk();
