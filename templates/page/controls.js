/*
 * What of the board's drawing hands move: knobs, switches, toggles and encoders, by pointer, wheel and
 * keys. Each tells its panel (panel.js) how its knob or its contacts stand.
 */
"use strict";

const TURN_DEGREES = 270;
const PIXELS_OF_A_TURN = 220;
const STEP = 0.01; /* of a turn, of a key; the wheel and pages are more */
const PRESS_MS = 60; /* at least: a contact is read once in a millisecond, and bounces */
const LOG_BASE = (1 / 0.15 - 1) ** 2; /* of a taper that is at 15 % in the middle */

/* A control of the drawing: its group, what moves in it, and a line that says how it stands. */
class PanelControl {
    constructor(panel, facts) {
        Object.assign(this, { panel, facts, group: panel.group(facts) });
        this.part = this.group.querySelector("[data-part]");
        this.said = this.group.querySelector(".pn");
    }

    /* Let it be reached by keys and told to who does not see it. */
    serve(role) {
        const { group, facts } = this;
        const title = role === "button" ? this.said.textContent : `${facts.control} ${facts.label}`;
        this.set({ role, tabindex: 0, "aria-label": `${group.querySelector(".pt").textContent} ${title}` });
        group.classList.add("live");
        for (const kind of ["keydown", "keyup", "pointerdown", "pointermove", "pointerup", "pointercancel", "click", "blur", "dblclick"]) {
            group.addEventListener(kind, (event) => this.heard(kind, event));
        }
        group.addEventListener("wheel", (event) => this.rolled(event), { passive: false });
        group.addEventListener("touchstart", (event) => this.touched(event), { passive: false });
    }

    /* Of a mouse its main button alone: another one is for the browser. */
    heard(kind, event) {
        if (!(event.button > 0)) {
            this[`on${kind}`]?.(event);
        }
    }

    /* A finger on what is turned does not move the page; beside it, it does that alone. */
    touched(event) {
        if (this.dragged && !isBeside(event)) {
            event.preventDefault();
        }
    }

    set(attributes) {
        Object.entries(attributes).forEach(([name, value]) => this.group.setAttribute(name, value));
    }

    /* A wheel turns what was taken hold of before; else it moves the page. */
    rolled(event) {
        if (this.step && document.activeElement === this.group) {
            event.preventDefault();
            this.step(event.deltaY < 0 ? 1 : -1);
        }
    }

    hold(event) {
        this.group.setPointerCapture(event.pointerId);
        this.group.focus();
        this.held = { x: event.clientX, y: event.clientY };
    }

    /* What is turned calls `dragged` with the way of a pointer, to the right and up, in pixels. */
    onpointermove({ clientX, clientY }) {
        if (this.held && this.dragged) {
            const way = clientX - this.held.x + this.held.y - clientY;
            this.held = { x: clientX, y: clientY };
            this.dragged(way);
        }
    }

    onpointerup() {
        this.held = null;
    }

    onpointercancel() {
        this.held = null;
    }
}

/* Whether a finger is beside what it could turn: it may want to move the page. */
function isBeside(event) {
    const isFinger = event.pointerType === "touch" || event.type === "touchstart";
    return isFinger && event.target.classList.contains("hit");
}

const KEY_STEPS = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 };
const PRESS_KEYS = [" ", "Enter"];

class PanelKnob extends PanelControl {
    constructor(panel, facts) {
        super(panel, facts);
        const { low, high, position } = facts.range;
        this.serve("slider");
        this.set({ "aria-valuemin": low, "aria-valuemax": high });
        this.put(position);
    }

    put(position) {
        this.position = Math.min(Math.max(Math.round(position * 1e4) / 1e4, 0), 1);
        const { low, high } = this.facts.range;
        const value = (low + this.position * (high - low)).toFixed(1);
        this.part.setAttribute("transform", `rotate(${(this.position - 0.5) * TURN_DEGREES})`);
        this.set({ "aria-valuenow": value, "aria-valuetext": `${value} dB` });
        this.said.textContent = `${value} dB`;
        this.panel.turn(this.facts.number, this.code);
    }

    /* The voltage at the pin of a potentiometer that stands so, as its code. */
    get code() {
        const { end, travel } = this.panel.codes;
        const { curve, flipped } = this.facts;
        const share = TAPERS[curve](this.position);
        const code = Math.round(end + share * travel);
        return flipped ? 65535 - code : code;
    }

    step(steps) {
        this.put(this.position + steps * 2 * STEP);
    }

    onkeydown(event) {
        const ends = { Home: 0, End: 1 };
        if (event.key in ends) {
            this.put(ends[event.key]);
        } else if (event.key in KEY_STEPS) {
            this.put(this.position + KEY_STEPS[event.key] * STEP);
        } else {
            return;
        }
        event.preventDefault();
    }

    onpointerdown(event) {
        if (!isBeside(event)) {
            this.hold(event);
        }
    }

    dragged(way) {
        this.put(this.position + way / PIXELS_OF_A_TURN);
    }

    ondblclick() {
        this.put(this.facts.range.position);
    }
}

/* What part of the voltage a potentiometer gives at a position, by its taper. */
const TAPERS = {
    linear: (position) => position,
    log: (position) => (LOG_BASE ** position - 1) / (LOG_BASE - 1),
    reverse: (position) => 1 - TAPERS.log(1 - position),
};

/* A switch that is closed as long as it is pressed; presses follow each other slowly enough to count. */
class PanelSwitch extends PanelControl {
    constructor(panel, facts, bit = facts.bit) {
        super(panel, facts);
        Object.assign(this, { bit, isDown: false, turns: Promise.resolve() });
        this.serve("button");
    }

    press() {
        if (!this.isDown) {
            this.isDown = true;
            this.group.classList.add("down");
            this.put(true);
            if (!this.panel.hasPower) {
                this.panel.noPower();
            }
        }
    }

    release() {
        if (this.isDown) {
            this.isDown = false;
            this.group.classList.remove("down");
            this.put(false);
        }
    }

    put(closed) {
        const pause = () => waited(Math.max(PRESS_MS, this.panel.pauseMs));
        this.turns = this.turns.then(() => this.panel.contact(this.bit, closed)).then(pause);
    }

    onkeydown(event) {
        if (PRESS_KEYS.includes(event.key)) {
            event.preventDefault();
            this.press();
        }
    }

    onkeyup(event) {
        if (PRESS_KEYS.includes(event.key)) {
            this.release();
        }
    }

    onpointerdown(event) {
        this.hold(event);
        this.wasPointed = true;
        this.press();
    }

    onpointerup() {
        this.release();
    }

    onpointercancel() {
        super.onpointercancel();
        this.wasPointed = false;
        this.release();
    }

    onblur() {
        this.release();
    }

    /* By what has neither pointer nor keys, as a screen reader. */
    onclick() {
        if (!this.wasPointed) {
            this.press();
            this.release();
        }
        this.wasPointed = false;
    }
}

/* A switch that stays where it is put; its highest value is the first position, at the top. */
class PanelToggle extends PanelControl {
    constructor(panel, facts) {
        super(panel, facts);
        this.serve("slider");
        this.set({ "aria-valuemin": 0, "aria-valuemax": facts.ways.length - 1 });
        this.put(facts.position);
    }

    put(position) {
        const { ways } = this.facts;
        this.position = Math.min(Math.max(position, 0), ways.length - 1);
        const way = ways[this.position];
        const tilt = 1 - (2 * this.position) / (ways.length - 1);
        this.part.setAttribute("transform", `scale(1 ${Math.abs(tilt) < 0.3 ? 0.3 : tilt})`);
        const told = way.does ? `${way.label}: ${way.does}` : way.label;
        this.set({ "aria-valuenow": ways.length - 1 - this.position, "aria-valuetext": told });
        this.said.textContent = told;
        this.contacts(way.closed);
    }

    contacts(wanted) {
        const own = this.facts.ways.reduce((all, way) => all | way.closed, 0);
        const changed = (this.panel.closed ^ wanted) & own;
        for (let bit = 0; bit < 32; bit += 1) {
            if ((changed >>> bit) & 1) {
                this.panel.contact(bit, ((wanted >>> bit) & 1) === 1);
            }
        }
    }

    step(steps) {
        this.put(this.position - steps);
    }

    onkeydown(event) {
        const ends = { Home: this.facts.ways.length - 1, End: 0 };
        if (event.key in ends) {
            this.put(ends[event.key]);
        } else if (event.key in KEY_STEPS) {
            this.step(Math.sign(KEY_STEPS[event.key]));
        } else if (PRESS_KEYS.includes(event.key)) {
            this.onclick();
        } else {
            return;
        }
        event.preventDefault();
    }

    onclick() {
        this.put((this.position + 1) % this.facts.ways.length);
    }
}

const PIXELS_OF_A_DETENT = 18;

/* An encoder: turned, its two contacts go through four quarters; pressed, a switch. */
class PanelWheel extends PanelSwitch {
    constructor(panel, facts) {
        super(panel, facts, facts.press);
        Object.assign(this, { angle: 0, way: 0 });
        if (facts.a >= 0) {
            this.set({ role: "spinbutton", "aria-valuemin": 1, "aria-valuemax": panel.captures.length });
        }
        this.show(0);
    }

    show(capture) {
        if (this.facts.a >= 0) {
            this.set({ "aria-valuenow": capture + 1, "aria-valuetext": this.panel.captures[capture] });
        }
    }

    step(steps) {
        const { a, b } = this.facts;
        if (a < 0) {
            return;
        }
        const [first, second] = steps > 0 ? [b, a] : [a, b];
        for (const [bit, closed] of [[first, true], [second, true], [first, false], [second, false]]) {
            this.turns = this.turns.then(() => this.panel.contact(bit, closed)).then(() => waited(this.panel.pauseMs));
        }
        this.angle += 18 * Math.sign(steps);
        this.part.setAttribute("transform", `rotate(${this.angle})`);
    }

    press() {
        if (this.bit >= 0) {
            super.press();
        }
    }

    onkeydown(event) {
        if (event.key in KEY_STEPS) {
            event.preventDefault();
            this.step(Math.sign(KEY_STEPS[event.key]));
        } else {
            super.onkeydown(event);
        }
    }

    /* Whether it is turned or pressed, the way tells that the pointer goes. */
    onpointerdown(event) {
        this.wasPointed = true;
        if (!isBeside(event)) {
            this.hold(event);
            [this.way, this.hasTurned] = [0, false];
        }
    }

    dragged(way) {
        this.way += way;
        for (; Math.abs(this.way) >= PIXELS_OF_A_DETENT; this.way -= Math.sign(this.way) * PIXELS_OF_A_DETENT) {
            this.hasTurned = true;
            this.step(Math.sign(this.way));
        }
    }

    onpointerup() {
        if (this.held && !this.hasTurned) {
            this.press();
            this.release();
        }
        this.held = null;
    }
}

function waited(milliseconds) {
    return new Promise((done) => setTimeout(done, milliseconds));
}
