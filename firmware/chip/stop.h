/*
 * What stops the pedal for good. The board has the function: it knows what to show it with.
 */
#ifndef STOP_H
#define STOP_H

/* The number of blinks between two pauses. */
enum fault_kind {
    FAULT_HARD = 1,      /* a hard fault that is none of the others */
    FAULT_CLOCK = 2,     /* a clock or voltage did not become ready, or the crystal stopped */
    FAULT_CODEC = 3,     /* the codec does not answer */
    FAULT_AUDIO = 4,     /* the audio interface did not start, or failed again and again */
    FAULT_MEMORY = 5,    /* memory protection, such as a stack overflow */
    FAULT_BUS = 6,       /* nobody answers at an address */
    FAULT_USAGE = 7,     /* an instruction the processor cannot execute */
    FAULT_INTERRUPT = 8, /* an interrupt nobody asked for, or main returned */
    FAULT_SUPPLY = 9,    /* the supply was low at the start; later it resets instead */
    FAULT_WATCHDOG = 10  /* only in the record: the watchdog has reset a pedal that hung */
};

/* Silence, a record, and blinks until the power is cut. */
__attribute__((noreturn)) void board_stop(enum fault_kind kind);

#endif
