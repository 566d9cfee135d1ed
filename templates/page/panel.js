/*
 * The drawing of the board as a panel: its controls (controls.js), and its lights. What the hands do
 * is sent by `ask`, as messages of worklet.js; what the pedal shows comes by `show`. Without power
 * controls move all the same, and are read when it comes.
 */
"use strict";

const STEADY_MS = 1500; /* where nothing is to blink, a lamp that was lit stays so: pauses are 1.1 s */

class Panel {
    /* `facts`: namgen/page/play.py; `ask` sends a message; `noPower` is told where none goes. */
    constructor(svg, { hands, codes, captures }, { ask, noPower }) {
        Object.assign(this, { svg, codes, captures, ask, noPower, pauseMs: 10, hasPower: false });
        Object.assign(this, { knobs: [], closed: 0, hasRelay: hands.has_relay });
        svg.setAttribute("role", "group");
        hands.turned.forEach((facts) => new PanelKnob(this, facts));
        hands.thrown.forEach((facts) => new PanelToggle(this, facts));
        hands.pressed.forEach((facts) => new PanelSwitch(this, facts));
        this.wheels = hands.wheels.map((facts) => new PanelWheel(this, facts));
        this.lights = hands.lights.map((facts) => new PanelLight(this, facts));
    }

    /* What the pedal is powered on with. */
    get stands() {
        return { knobs: [...this.knobs], closed: this.closed, hasRelay: this.hasRelay };
    }

    group({ control, label }) {
        const all = [...this.svg.querySelectorAll(`[data-control="${control}"]`)];
        return all.find((one) => one.dataset.label === label);
    }

    power(hasPower, bufferMs = 0) {
        this.hasPower = hasPower;
        this.pauseMs = Math.max(10, 2 * bufferMs);
        if (!hasPower) {
            this.lights.forEach((light) => light.show(0));
        }
    }

    turn(knob, code) {
        this.knobs[knob] = code;
        return this.send({ knob, code });
    }

    contact(bit, closed) {
        this.closed = (closed ? this.closed | (1 << bit) : this.closed & ~(1 << bit)) >>> 0;
        return this.send({ bit, closed });
    }

    async send(message) {
        if (this.hasPower) {
            await this.ask(message);
        }
    }

    show({ lit, capture }) {
        this.lights.forEach((light) => light.show(lit));
        this.wheels.forEach((wheel) => wheel.show(capture));
    }
}

/* An LED of one lamp, or of red, green and blue. */
class PanelLight extends PanelControl {
    constructor(panel, facts) {
        super(panel, facts);
        this.set({ role: "img" });
        this.calm = matchMedia("(prefers-reduced-motion: reduce)");
        this.show(0);
    }

    show(lit) {
        const own = this.facts.lamps.map((lamp) => (lit >>> lamp) & 1);
        clearTimeout(this.later);
        if (own.includes(1) || !this.calm.matches || !this.panel.hasPower) {
            this.put(own);
        } else {
            this.later = setTimeout(() => this.put(own), STEADY_MS);
        }
    }

    put(own) {
        const { label, shows } = this.facts;
        const isLit = own.includes(1);
        this.group.classList.toggle("lit", isLit);
        if (own.length === 3) {
            const colour = isLit ? `rgb(${own.map((one) => (one ? 255 : 50)).join(" ")})` : "";
            this.group.style.setProperty("--lit", colour);
        }
        this.set({ "aria-label": `LED ${label}, ${shows}: ${isLit ? "lit" : "dark"}` });
    }
}
