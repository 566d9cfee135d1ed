/*
 * Flash, a part of the page: a pedal is chosen and the image of the page put onto it, or the image is
 * saved. Its words are those of namgen/page/flashing.py.
 */
"use strict";

const flashPlace = (name) => document.getElementById(`flash-${name}`);

/* Which of the systems, whose ways to let a browser open a device differ. */
function systemOf({ userAgentData, platform }) {
    const named = (userAgentData?.platform || platform).toLowerCase();
    return ["linux", "win"].find((one) => named.startsWith(one)) ?? "other";
}

/* The image of the page, with what `flashDevice` has to know of it. */
async function imageOf({ image, said }) {
    const data = await unpacked("flash-image");
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
    const sha256 = Array.from(digest, (byte) => formatted(byte, "02x")).join("");
    if (sha256 !== image.sha256) {
        throw new Refused([spelled(said.damaged, { sha256 })]);
    }
    return { ...image, data };
}

/* What the buttons do; one run at a time. */
class Flasher {
    constructor(usb, words) {
        const ways = words.systems[systemOf(navigator)];
        Object.assign(this, { usb, words: { ...words, ways }, stopper: null });
        this.stays = (event) => event.preventDefault();
        flashPlace("go").addEventListener("click", () => this.run());
        flashPlace("stop").addEventListener("click", () => this.stopper.abort());
        flashPlace("go").disabled = false;
    }

    async run() {
        this.stopper = new AbortController();
        this.show(true);
        try {
            this.end([await this.flashed()], "good");
        } catch (error) {
            this.end(error instanceof Refused ? error.lines : [String(error)], "bad");
        }
    }

    async flashed() {
        const device = await this.chosen();
        const image = await imageOf(this.words);
        window.addEventListener("beforeunload", this.stays);
        return flashDevice(this.usb, device, image, this.words, {
            found: (title) => (flashPlace("found").textContent = `Found: ${title}`),
            tell: (line, share) => this.tell(line, share),
            signal: this.stopper.signal,
        });
    }

    async chosen() {
        try {
            return await this.usb.requestDevice({ filters: FILTERS });
        } catch (error) {
            throw new Refused(error.name === "NotFoundError" ? this.words.nobody : [error.message]);
        }
    }

    tell(line, share) {
        flashPlace("bar").value = share;
        if (flashPlace("now").textContent !== line) {
            flashPlace("now").textContent = line;
        }
    }

    end(lines, kind) {
        window.removeEventListener("beforeunload", this.stays);
        const told = lines.map((line) => Object.assign(document.createElement("p"), { textContent: line }));
        flashPlace("said").className = kind;
        flashPlace("said").replaceChildren(...told);
        this.show(false);
    }

    /* Whoever has pressed one button by keys comes to the other. */
    show(busy) {
        const [from, to] = busy ? ["go", "stop"] : ["stop", "go"];
        const isThere = document.activeElement === flashPlace(from);
        flashPlace("now").textContent = "";
        flashPlace("bar").value = 0;
        flashPlace("bar").hidden = !busy;
        flashPlace("stop").hidden = !busy;
        flashPlace("go").disabled = busy;
        flashPlace("usb").setAttribute("aria-busy", String(busy));
        if (isThere) {
            flashPlace(to).focus();
        }
        if (busy) {
            flashPlace("said").replaceChildren();
            flashPlace("found").textContent = "";
        }
    }
}

/* Saves the image as a file. */
async function saveImage(name) {
    const blob = new Blob([await unpacked("flash-image")], { type: "application/octet-stream" });
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function openFlash() {
    flashPlace(navigator.usb ? "usb" : "without").hidden = false;
    const words = JSON.parse(new TextDecoder().decode(await unpacked("flash-words")));
    flashPlace("save").addEventListener("click", () => saveImage(words.image.name));
    flashPlace("save").disabled = false;
    if (navigator.usb) {
        new Flasher(navigator.usb, words);
    }
}

openFlash().catch((error) => {
    flashPlace("broken").textContent = error.message;
});
