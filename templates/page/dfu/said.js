/* What is said of a device: templates of namgen/flashing/sentences.py, filled in as Python does. */
"use strict";

/* What a person is told, with what is on the pedal. */
class Trouble extends Error {}

/* A request that did not happen. */
class TransferError extends Trouble {
    constructor(trouble, said, detail = "") {
        const told = said.troubles[trouble];
        const more = detail && trouble === "other";
        super(more ? spelled(said.trouble_detail, { trouble: told, detail }) : told);
        this.trouble = trouble;
    }
}

/* A device that answers that something is wrong, or nothing that makes sense. */
class DfuError extends Trouble {
    constructor(told, status = null) {
        super(told);
        this.status = status;
    }
}

/* A device that says of itself what cannot be used. */
class DescriptorError extends Error {}

/* Nothing comes of it; `lines` say why, and what to do. */
class Refused extends Error {
    constructor(lines) {
        super(lines.join("\n"));
        this.lines = lines;
    }
}

/* Fills in a template as Python's str.format does. */
function spelled(template, values = {}) {
    return template.replace(/\{(\w+)(!r)?(?::([^}]*))?\}/g, (_, name, shown, format = "") => {
        if (!(name in values)) {
            throw new Error(`${template}: no ${name}`);
        }
        return shown ? quoted(String(values[name])) : formatted(values[name], format);
    });
}

function formatted(value, format) {
    switch (format) {
        case "":
        case "g":
            return String(value);
        case ",":
            return value.toLocaleString("en-US");
        case "02x":
            return value.toString(16).padStart(2, "0");
        case "08x":
            return value.toString(16).padStart(8, "0");
        default:
            throw new Error(`a format that nobody knows: ${format}`);
    }
}

/* Shows a text as Python's repr does, so that nothing in it acts. */
function quoted(text) {
    const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
    const named = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", [quote]: `\\${quote}` };
    const hex = (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, "0")}`;
    const escaped = [...text].map((one) => named[one] ?? (/[\x00-\x1f\x7f-\xa0]/.test(one) ? hex(one) : one));
    return quote + escaped.join("") + quote;
}

function counted(number, one) {
    return `${number} ${one}${number === 1 ? "" : "s"}`;
}
