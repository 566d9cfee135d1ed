/*
 * The handler of every exception that is not expected.
 */
#ifndef FAULT_ENTRY_H
#define FAULT_ENTRY_H

/* Goes on in `fault_main`. */
void fault_entry(void);

#endif
