/* As much of MicroPython's objects as a module of namgen uses, in other words; for tests alone. */
#ifndef STUB_PY_OBJ_H
#define STUB_PY_OBJ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef void *mp_obj_t;
typedef uintptr_t mp_uint_t;
typedef struct {
    const void *type;
} mp_obj_base_t;
typedef struct {
    int name;
} mp_obj_type_t;
typedef struct {
    void *buf;
    size_t len;
    int typecode;
} mp_buffer_info_t;
typedef struct {
    const char *key;
    const void *value;
} mp_rom_map_elem_t;
typedef struct {
    size_t used;
    const mp_rom_map_elem_t *table;
} mp_obj_dict_t;
typedef struct {
    mp_obj_base_t base;
    mp_obj_dict_t *globals;
} mp_obj_module_t;

#define MP_BUFFER_READ 1u
#define MP_BUFFER_WRITE 2u
#define mp_const_none ((mp_obj_t)0)
#define MP_OBJ_NEW_SMALL_INT(value) ((mp_obj_t)(intptr_t)((value)*2 + 1))
#define MP_ROM_QSTR(name) (name)
#define MP_ROM_PTR(pointer) (pointer)
#define MP_ROM_INT(value) ((const void *)(intptr_t)((value)*2 + 1))
#define MP_DEFINE_CONST_FUN_OBJ_0(name, function) mp_obj_t (*const name)(void) = (function)
#define MP_DEFINE_CONST_FUN_OBJ_2(name, function) \
    mp_obj_t (*const name)(mp_obj_t, mp_obj_t) = (function)
#define MP_DEFINE_CONST_DICT(name, table) \
    const mp_obj_dict_t name = {sizeof(table) / sizeof((table)[0]), (table)}
#define MP_REGISTER_MODULE(name, module) extern const mp_obj_module_t module

#define MP_QSTR___name__ "__name__"
#define MP_QSTR___init__ "__init__"
#define MP_QSTR_tweed "tweed"
#define MP_QSTR_reset "reset"
#define MP_QSTR_process "process"
#define MP_QSTR_process_i32 "process_i32"
#define MP_QSTR_self_test "self_test"
#define MP_QSTR_SAMPLE_RATE "SAMPLE_RATE"
#define MP_QSTR_MAX_BLOCK "MAX_BLOCK"
#define MP_QSTR_RECEPTIVE_FIELD "RECEPTIVE_FIELD"

extern const mp_obj_type_t mp_type_module;
extern const mp_obj_type_t mp_type_ValueError;

#endif
