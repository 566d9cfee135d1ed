/*
 * Stopping the pedal for good, and the record that it leaves in backup SRAM.
 */
#ifndef FAULT_H
#define FAULT_H

#include <stdint.h>

#include "chip/registers/system.h"

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
    FAULT_WATCHDOG = 10, /* only in the record: the watchdog has reset a pedal that hung */
    FAULT_PANEL = 11     /* what reads the knobs did not start */
};

/*
 * The last stop, at 0x38800F00. It survives a reset, not the loss of power. libDaisy and
 * the Daisy bootloader use the first words of backup SRAM; this is its end.
 *
 * `checksum`: start with 0, and for each word before it rotate left by one and add the word.
 */
struct fault_record {
    uint32_t magic;     /* FAULT_RECORD_MAGIC */
    uint32_t count;     /* stops since power-on, this one included */
    uint32_t kind;      /* enum fault_kind */
    uint32_t exception; /* IPSR: 3 hard, 4 memory, 5 bus, 6 usage fault, 16 + n interrupt n */
    uint32_t cfsr;
    uint32_t hfsr;
    uint32_t mmfar;
    uint32_t bfar;
    uint32_t exception_return;
    uint32_t sp; /* where the exception frame lies */
    uint32_t r0; /* from here to xpsr: the frame; all ones where it could not be read */
    uint32_t r1;
    uint32_t r2;
    uint32_t r3;
    uint32_t r12;
    uint32_t lr;
    uint32_t pc; /* where it happened; for a stop without an exception, who called */
    uint32_t xpsr;
    uint32_t blocks; /* of audio since the start */
    uint32_t checksum;
};

#define FAULT_RECORD_OFFSET 0xF00u /* its last 256 bytes */
#define FAULT_RECORD_ADDRESS (BACKUP_SRAM + FAULT_RECORD_OFFSET)
#define FAULT_RECORD_MAGIC 0x464D414Eu /* "NAMF" */

/* Take note of a reset by the watchdog; early, while the data cache is off. */
void fault_init(void);
/* Silence, a record, and blinks until the power is cut. */
__attribute__((noreturn)) void fault_stop(enum fault_kind kind);

#endif
