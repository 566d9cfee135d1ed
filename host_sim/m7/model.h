/*
 * The inside of the cycle model: the state of one processor, and who works on which part of it.
 */
#ifndef NAMGEN_M7_MODEL_H
#define NAMGEN_M7_MODEL_H
#include "codes.h" /* written by codes.py when the model is compiled */
#include "pipeline.h"

#include <stddef.h>
#include <string.h>

enum {
    REGISTER_COUNT = 64,
    LINE_SHIFT = 5,
    LINE_WORDS = 8,
    MAX_LINES = 4096,
    MAX_BRANCHES = 256,
    MAX_QUEUE = 16,
    MAX_STORES = 16,
    MAX_FILLS = 8,
    CHUNK_SHIFT = 3,
    NO_ADDRESS = 0
};

typedef struct {
    uint32_t tag[MAX_LINES];
    uint64_t used[MAX_LINES];
    int64_t arrival[MAX_LINES];
    uint32_t critical[MAX_LINES];
    uint8_t dirty[MAX_LINES];
    uint32_t sets;
    uint32_t ways;
    uint64_t clock;
    uint32_t noise;
    int random;
} cache;

typedef struct {
    uint32_t address;
    uint32_t target;
    uint64_t used;
    int counter;
} branch_entry;

typedef struct {
    const m7_parameters *p;
    int64_t now;
    int slots;
    int closed;
    m7_instruction older;
    uint32_t older_address;
    int older_is_first_mac;
    int older_in_shadow; /* a float transfer among multiply-accumulates */
    int64_t made[REGISTER_COUNT];
    uint8_t producer[REGISTER_COUNT];
    int64_t last_mac;
    int last_mac_is_mla;
    int64_t last_arithmetic;
    int64_t flags_set;
    /* fetch */
    uint32_t chunk;
    int64_t fetched;
    int fetch_reason;
    int64_t consumed[MAX_QUEUE];
    uint32_t chunk_number;
    int fetch_redirected;
    /* stores and line fills */
    int64_t drained[MAX_STORES];
    uint32_t store_number;
    int64_t last_drain;
    uint32_t last_store_bank;
    int64_t fill_free[MAX_FILLS];
    int64_t bus_free;
    branch_entry branches[MAX_BRANCHES];
    uint64_t branch_clock;
    cache icache;
    cache dcache;
    /* the instruction before, whose successor is not known until it comes */
    m7_instruction previous;
    int has_previous;
    m7_totals *previous_totals;
    int64_t start;
    m7_totals measured_totals;
    m7_totals ignored_totals;
    uint64_t ignored_row[REASON_COUNT];
    m7_totals *totals;
} model;

/* cache.c: the memories, and two caches before them. */
const m7_region *m7_region_of(const m7_parameters *p, uint32_t address);
int m7_cache_reset(cache *c, int32_t bytes, int32_t ways, int random);
uint32_t m7_cache_find(cache *c, uint32_t line);
uint32_t m7_cache_victim(cache *c, uint32_t line);
void m7_cache_place(cache *c, uint32_t slot, uint32_t line, int64_t arrival, uint32_t word);
int64_t m7_word_arrival(const cache *c, uint32_t slot, const m7_region *region, uint32_t address);

/* data.c: what loads and stores wait for. */
int64_t m7_load_wait(model *m, uint32_t address, uint32_t bytes);
int64_t m7_store_wait(model *m, uint32_t address, uint32_t bytes, int multiple);

/* front.c: fetched bytes, and branches. */
int64_t m7_fetch(model *m, const m7_instruction *in);
int64_t m7_follow_branch(model *m, const m7_instruction *in, uint32_t next);

static inline int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

#endif
