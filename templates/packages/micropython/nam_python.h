/*
 * What a native module has to know of MicroPython: the native interface of `.mpy` 6.3 (MicroPython
 * 1.23 and later). No header of MicroPython is needed.
 */
#ifndef NAM_PYTHON_H
#define NAM_PYTHON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uintptr_t object; /* a pointer, or a small number or name in its bits */

/* How a buffer is described. */
struct python_buffer {
    void *data;
    size_t bytes;
    int code;
};

enum { BUFFER_READ = 1, BUFFER_WRITE = 2, BUFFER_OR_RAISE = 4 };
enum { NATIVE_INT = 2 };

/* `mp_fun_table`: a word each, of which these are used. */
struct python_table {
    object none;
    uintptr_t unused_1[3];
    object (*to_object)(uintptr_t value, uintptr_t type); /* 4 */
    object (*swap_globals)(object globals);
    uintptr_t unused_6;
    object (*load_global)(size_t name); /* 7 */
    uintptr_t unused_8[5];
    void (*store_global)(size_t name, object value); /* 13 */
    uintptr_t unused_14[20];
    void (*raise)(object exception); /* 34; comes back to nobody, as the next */
    uintptr_t unused_35[20];
    void (*raise_text)(object type, const char *text); /* 55; NULL where there are no texts */
    uintptr_t unused_56[9];
    bool (*get_buffer)(object from, struct python_buffer *to, uintptr_t flags); /* 65 */
    uintptr_t unused_66[11];
    object function_of_0; /* 77: types of functions by their number of arguments */
    object function_of_1;
    object function_of_2;
};

/* A function of one of these types. */
struct python_function {
    object type;
    uintptr_t entry;
};

/* What a module is called with when it is imported, as words: its globals are the second. */
struct python_context {
    object type;
    object globals;
    const uint16_t *names; /* in the order of the file */
};
struct python_entry {
    object type;
    const struct python_context *context;
};

/*
 * Words to which the loader adds addresses. They are constants of another file, so that no compiler
 * looks through them.
 */
#pragma GCC visibility push(hidden)
extern const struct python_table *const python;
extern const void *const python_state;
#pragma GCC visibility pop

#endif
