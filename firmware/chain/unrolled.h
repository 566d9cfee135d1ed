/*
 * Before a loop over what is in registers: GCC keeps the arrays of a struct there only where it
 * knows every index.
 */
#ifndef UNROLLED_H
#define UNROLLED_H

#define UNROLLED _Pragma("GCC unroll 16")

#endif
