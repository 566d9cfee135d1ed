/*
 * The handler of every exception that is not expected.
 */
#ifndef FAULT_ENTRY_H
#define FAULT_ENTRY_H

#include <stdint.h>

/* Goes on in `fault_main`, which the board has, on a stack that holds. */
void fault_entry(void);
__attribute__((noreturn)) void fault_main(const uint32_t *frame, uint32_t exception_return);

#endif
