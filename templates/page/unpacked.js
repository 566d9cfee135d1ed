/*
 * Bytes of the page: a <script> of data with an id has them deflated, in base 64
 * (namgen/page/working.py:packed). Where the browser cannot unpack them, the promise says so.
 */
"use strict";

async function unpacked(id) {
    if (typeof DecompressionStream === "undefined") {
        throw new Error("this browser has no DecompressionStream, which unpacks what is in the page");
    }
    const text = atob(document.getElementById(id).textContent);
    const bytes = Uint8Array.from(text, (one) => one.charCodeAt(0));
    const whole = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(whole).arrayBuffer());
}
