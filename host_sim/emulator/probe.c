/*
 * The callbacks the emulator runs inside a Cortex-M7: they count instructions, find the use of a
 * switched-off FPU, stop at a deadline, and write down what is executed and accessed.
 *
 * Built once per machine by probe.py, which has the same structures for ctypes.
 */
#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define PUBLIC __declspec(dllexport)
#else
#define PUBLIC __attribute__((visibility("default")))
#endif

#define TABLE_SIZE 16384u
#define MAX_REGIONS 16

typedef int (*stop_function)(void *engine);

/* unicorn's functions for registers. */
typedef int (*register_function)(void *engine, int number, void *value);

/* Makes the arrays of a trace larger; 0 when there is no memory for that. */
typedef int (*grow_function)(void);

struct region {
    uint64_t origin;
    uint64_t size_bytes;
    const uint8_t *host;
};

/* A block is the straight run of instructions the emulator translates as one piece. */
struct block {
    uint32_t address;
    uint32_t size_bytes;
    uint32_t instructions;
    uint32_t first_fpu_use;
};

/* `position` is the index of the accessing instruction in the recorded addresses. */
struct access {
    uint32_t address;
    uint32_t position;
    uint16_t size_bytes;
    uint16_t is_write;
};

struct probe {
    uint64_t instructions;
    uint64_t deadline;
    stop_function stop;
    register_function read_register;
    register_function write_register;
    uint32_t status_register; /* unicorn's number of XPSR */
    uint32_t expired;
    uint32_t fpu_enabled;
    uint32_t fpu_fault;
    uint32_t lost_block;
    uint32_t table_used;
    uint32_t region_count;
    struct region regions[MAX_REGIONS];
    struct block table[TABLE_SIZE];
    uint32_t *trace;
    uint64_t trace_size;
    uint64_t trace_length;
    struct access *accesses;
    uint64_t access_size;
    uint64_t access_length;
    uint64_t cursor;
    grow_function grow;
    uint32_t trace_full;
    uint32_t fetch_fault;
    uint32_t fetch_start;
    uint32_t fetch_end;
};

static const uint8_t *host_of(const struct probe *probe, uint32_t address)
{
    for (uint32_t i = 0; i < probe->region_count; i++) {
        const struct region *region = &probe->regions[i];
        uint64_t offset = (uint64_t)address - region->origin;
        if (offset < region->size_bytes) {
            return region->host + offset;
        }
    }
    return NULL;
}

/* Thumb: a halfword starting with 11101, 11110 or 11111 opens a 32-bit instruction. */
static uint32_t length_bytes(const uint8_t *code)
{
    return (code[1] >> 3) >= 0x1Du ? 4u : 2u;
}

/* The coprocessor space 1110x11x xxxx, coprocessors 10 and 11. */
static int uses_fpu(const uint8_t *code)
{
    return (code[1] & 0xECu) == 0xECu && (code[3] & 0x0Eu) == 0x0Au;
}

static void decode(const struct probe *probe, struct block *block)
{
    const uint8_t *code = host_of(probe, block->address);
    block->instructions = 0;
    block->first_fpu_use = 0;
    for (uint32_t offset = 0; code != NULL && offset < block->size_bytes;) {
        uint32_t length = length_bytes(code + offset);
        if (length == 4u && block->first_fpu_use == 0 && uses_fpu(code + offset)) {
            block->first_fpu_use = block->address + offset;
        }
        offset += length;
        block->instructions++;
    }
}

static void forget(struct probe *probe)
{
    for (uint32_t i = 0; i < TABLE_SIZE; i++) {
        probe->table[i].size_bytes = 0;
    }
    probe->table_used = 0;
}

static struct block *find(struct probe *probe, uint32_t address, uint32_t size_bytes)
{
    uint32_t first = ((address >> 1) * 2654435761u >> 16) % TABLE_SIZE;
    uint32_t slot = first;
    while (probe->table[slot].size_bytes != 0) {
        struct block *block = &probe->table[slot];
        if (block->address == address && block->size_bytes == size_bytes) {
            return block;
        }
        slot = (slot + 1u) % TABLE_SIZE;
    }
    if (probe->table_used > TABLE_SIZE / 2u) {
        forget(probe);
        slot = first;
    }
    probe->table_used++;
    probe->table[slot].address = address;
    probe->table[slot].size_bytes = size_bytes;
    decode(probe, &probe->table[slot]);
    return &probe->table[slot];
}

/* Have room for more entries; a trace that cannot grow any more is given up as a whole. */
static int has_room(struct probe *probe, const uint64_t *size, uint64_t needed)
{
    while (probe->trace_full == 0 && needed > *size) {
        if (probe->grow == NULL || probe->grow() == 0) {
            probe->trace_full = 1;
        }
    }
    return probe->trace_full == 0;
}

static void record(struct probe *probe, const struct block *block)
{
    const uint8_t *code = host_of(probe, block->address);
    if (!has_room(probe, &probe->trace_size, probe->trace_length + block->instructions)) {
        return;
    }
    probe->cursor = probe->trace_length;
    for (uint32_t offset = 0; code != NULL && offset < block->size_bytes;) {
        probe->trace[probe->trace_length++] = block->address + offset;
        offset += length_bytes(code + offset);
    }
}

/* Called before a block runs; stopping here leaves the block unexecuted and uncounted. */
PUBLIC void probe_block(void *engine, uint64_t address, uint32_t size_bytes, struct probe *probe)
{
    const struct block *block;
    if (probe->instructions >= probe->deadline) {
        probe->expired = 1;
        (void)probe->stop(engine);
        return;
    }
    if (address >= probe->fetch_start && address < probe->fetch_end) {
        probe->fetch_fault = (uint32_t)address;
        (void)probe->stop(engine);
        return;
    }
    block = find(probe, (uint32_t)address, size_bytes);
    if (block->instructions == 0) {
        probe->lost_block = 1;
    }
    if (block->first_fpu_use != 0 && probe->fpu_enabled == 0) {
        probe->fpu_fault = block->first_fpu_use;
        (void)probe->stop(engine);
        return;
    }
    probe->instructions += block->instructions;
    if (probe->trace != NULL && probe->trace_full == 0) {
        record(probe, block);
    }
}

/* Follows the executed instructions of the current block; skipped ones of an IT block are not told. */
PUBLIC void probe_instruction(void *engine, uint64_t address, uint32_t size_bytes,
                              struct probe *probe)
{
    (void)engine;
    (void)size_bytes;
    while (probe->cursor < probe->trace_length &&
           probe->trace[probe->cursor] != (uint32_t)address) {
        probe->cursor++;
    }
}

/*
 * Forget the IT state that unicorn brings up to date before an access is told, and leaves so.
 *
 * The instruction's own condition is decided already. What is left would count for whatever is
 * translated next: behind `it le; ldmle sp!, {pc}` the first instruction of some later block was
 * executed under `le`, and skipped.
 */
static void forget_condition(void *engine, const struct probe *probe)
{
    const uint32_t it_state = 0x0600FC00u;
    uint32_t status = 0;
    (void)probe->read_register(engine, (int)probe->status_register, &status);
    if ((status & it_state) != 0u) {
        status &= ~it_state;
        (void)probe->write_register(engine, (int)probe->status_register, &status);
    }
}

PUBLIC void probe_access(void *engine, int type, uint64_t address, int size_bytes, int64_t value,
                         struct probe *probe)
{
    const int memory_write = 17;
    struct access *access;
    (void)value;
    forget_condition(engine, probe);
    if (!has_room(probe, &probe->access_size, probe->access_length + 1u)) {
        return;
    }
    access = &probe->accesses[probe->access_length++];
    access->address = (uint32_t)address;
    access->position = (uint32_t)probe->cursor;
    access->size_bytes = (uint16_t)size_bytes;
    access->is_write = (uint16_t)(type == memory_write);
}

PUBLIC size_t probe_size_bytes(void)
{
    return sizeof(struct probe);
}

PUBLIC void probe_forget(struct probe *probe)
{
    forget(probe);
}
