/* As much of MicroPython's runtime as a module of namgen uses, in other words; for tests alone. */
#ifndef STUB_PY_RUNTIME_H
#define STUB_PY_RUNTIME_H

#include "py/obj.h"

#define MP_ERROR_TEXT(text) (text)

void mp_get_buffer_raise(mp_obj_t from, mp_buffer_info_t *to, mp_uint_t flags);
void mp_raise_TypeError(const char *text);
void mp_raise_msg_varg(const mp_obj_type_t *type, const char *format, ...);

#endif
