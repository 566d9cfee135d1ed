/* The words of a native module that hold an address by design; see nam_python.h. */
#include "nam_python.h"

#pragma GCC visibility push(hidden)
extern const struct python_table mp_fun_table;
extern const uint8_t module_state[];
#pragma GCC visibility pop

const struct python_table *const python = &mp_fun_table;

/* The garbage collector keeps what a word leads to the beginning of, and nothing else. */
const void *const python_state = module_state;
