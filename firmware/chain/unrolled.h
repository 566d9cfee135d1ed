/*
 * Before a loop over what is in registers: GCC keeps the arrays of a struct there only where it
 * knows every index. WebAssembly has no registers to keep, and is sent to a browser.
 */
#ifndef UNROLLED_H
#define UNROLLED_H

#if defined(__wasm__)
#define UNROLLED
#else
#define UNROLLED _Pragma("GCC unroll 16")
#endif

#endif
