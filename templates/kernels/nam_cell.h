/*
 * The gates of an LSTM's cell, four units at once.
 *
 * sigmoid(x) = 0.5 + s(x), where s(x) = tanh(x / 2) / 2 is read from a table of its own: that of
 * tanh, every number multiplied by the power of two with which a cubic in x has the value that one
 * in x / 2 has, and then half of it. Powers of two pass through every rounding, so the bits are
 * those of nam_sigmoid, by two multiplications less.
 */
#ifndef NAM_CELL_H
#define NAM_CELL_H

#include "nam_sigmoid_table.h"
#include "nam_tanh.h"

#define NAM_SIGMOID_FIRST (0x4A400000U - 63U) /* the bits of its magic, less the segments below 0 */

/* What the sigmoids of a cell need besides. */
typedef struct {
    nam_range in;
    float half;
} nam_cell;

/*
 * It is read from memory where it is needed: constants that a compiler knows it keeps in registers
 * throughout, and then the sums of the gates lack them.
 */
NAM_INLINE void nam_cell_read(nam_cell *by)
{
    const float *numbers = nam_sigmoid_table[127];
    NAM_OPAQUE(numbers);
    by->in.least = numbers[0];
    by->in.most = numbers[1];
    by->in.magic = numbers[2];
    by->half = numbers[3];
    NAM_PIN_4(by->in.least, by->in.most, by->in.magic, by->half);
}

/* Four sigmoids at once. */
NAM_INLINE void nam_cell_sigmoid_4(const nam_cell *by, float *a, float *b, float *c, float *d)
{
    nam_places at;
    NAM_PIN_4(*a, *b, *c, *d);
    nam_places_4(&at, &by->in, nam_sigmoid_table, NAM_SIGMOID_FIRST, *a, *b, *c, *d);
    nam_cubics_4(&at, a, b, c, d);
    *a += by->half;
    *b += by->half;
    *c += by->half;
    *d += by->half;
    NAM_PIN_4(*a, *b, *c, *d);
}

#endif
