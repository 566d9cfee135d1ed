/*
 * Cycles of a Cortex-M7 for an executed trace: in order, two issue slots, caches, predictor.
 *
 * Instructions are taken one by one in program order. Each joins the current issue group as its
 * younger half, or opens the next group at the first cycle at which its operands, the float unit,
 * the fetched bytes and memory allow it. The clock only moves forward, and every cycle it moves
 * is booked to the instruction that waited and to one reason.
 */
#include "pipeline.h"

#include <stddef.h>
#include <stdlib.h>
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

/* Instruction flags; the same values are in decode.py. */
enum {
    FLAG_EARLY_OLDER = 1,
    FLAG_EARLY_EITHER = 2,
    FLAG_BRANCH = 4,
    FLAG_CONDITIONAL = 8,
    FLAG_LOAD = 16,
    FLAG_STORE = 32,
    FLAG_MULTIPLE = 64
};

/* Flags of a kind; the same values are in parameters.py. */
enum {
    KIND_ALONE = 1,
    KIND_MAC = 2,
    KIND_SHADOW_BLOCKED = 4,
    KIND_SHADOW_OLDER = 8,
    KIND_ARITHMETIC = 16
};

/* Pairing rules; the same values are in parameters.py. */
enum { PAIR_NEVER = 0, PAIR_ALWAYS = 1, PAIR_OTHER_BANK = 2, PAIR_FIRST_MAC = 3 };

/* Reasons; the same order is in timing.py. */
enum {
    REASON_ISSUE,
    REASON_FLOAT,
    REASON_PAIRING,
    REASON_LATENCY,
    REASON_SHADOW,
    REASON_BUSY,
    REASON_DCACHE,
    REASON_STORE,
    REASON_FETCH,
    REASON_ICACHE,
    REASON_BRANCH,
    REASON_COUNT
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

struct m7_state {
    model m;
};

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static const m7_region *region_of(const m7_parameters *p, uint32_t address)
{
    for (int32_t i = 0; i < p->region_count; i++) {
        if (address - p->regions[i].origin < p->regions[i].size_bytes) {
            return &p->regions[i];
        }
    }
    return NULL;
}

static int cache_reset(cache *c, int32_t bytes, int32_t ways, int random)
{
    const int32_t lines = bytes >> LINE_SHIFT;
    if (lines < ways || lines > MAX_LINES || ways < 1) {
        return -1;
    }
    memset(c, 0, sizeof *c);
    memset(c->tag, 0xff, sizeof c->tag);
    c->sets = (uint32_t)(lines / ways);
    c->ways = (uint32_t)ways;
    c->noise = 1u;
    c->random = random;
    return 0;
}

static uint32_t cache_find(cache *c, uint32_t line)
{
    const uint32_t first = (line % c->sets) * c->ways;
    for (uint32_t way = 0; way < c->ways; way++) {
        if (c->tag[first + way] == line) {
            c->used[first + way] = ++c->clock;
            return first + way;
        }
    }
    return MAX_LINES;
}

/* The way to replace: an empty one, else at random (a 16-bit shift register) or the oldest. */
static uint32_t cache_victim(cache *c, uint32_t line)
{
    const uint32_t first = (line % c->sets) * c->ways;
    uint32_t best = first;
    for (uint32_t way = 0; way < c->ways; way++) {
        if (c->tag[first + way] == UINT32_MAX) {
            return first + way;
        }
        if (c->used[first + way] < c->used[best]) {
            best = first + way;
        }
    }
    if (c->random) {
        c->noise = (c->noise >> 1) ^ ((c->noise & 1u) ? 0xb400u : 0u);
        best = first + c->noise % c->ways;
    }
    return best;
}

static void cache_place(cache *c, uint32_t slot, uint32_t line, int64_t arrival, uint32_t word)
{
    c->tag[slot] = line;
    c->used[slot] = ++c->clock;
    c->arrival[slot] = arrival;
    c->critical[slot] = word;
    c->dirty[slot] = 0;
}

/* Bring a data line in; returns when its wanted word arrives. */
static int64_t fill_line(model *m, const m7_region *region, uint32_t address, int64_t start)
{
    const m7_parameters *p = m->p;
    const uint32_t line = address >> LINE_SHIFT;
    const uint32_t slot = cache_victim(&m->dcache, line);
    int oldest = 0;
    for (int i = 1; i < p->linefill_buffers; i++) {
        if (m->fill_free[i] < m->fill_free[oldest]) {
            oldest = i;
        }
    }
    const int64_t begin = later(start, m->fill_free[oldest]);
    const int64_t first = later(begin + region->first_word_cycles, m->bus_free);
    const int64_t last = first + 3 * (int64_t)region->beat_cycles;
    m->fill_free[oldest] = last;
    m->bus_free = last + region->beat_cycles;
    if (m->dcache.dirty[slot]) {
        m->bus_free += (int64_t)p->eviction_beats * region->beat_cycles;
        m->totals->evictions++;
    }
    cache_place(&m->dcache, slot, line, first, (address >> 3) & 3u);
    return first;
}

/* When a word of a cached line is there: the wanted pair of words came first, the rest follow. */
static int64_t word_arrival(const cache *c, uint32_t slot, const m7_region *region,
                            uint32_t address)
{
    const uint32_t behind = (((address >> 3) & 3u) - c->critical[slot]) & 3u;
    return c->arrival[slot] + (int64_t)behind * region->beat_cycles;
}

/* Extra cycles of the loads of one instruction. */
static int64_t load_wait(model *m, uint32_t address, uint32_t bytes)
{
    const m7_region *region = region_of(m->p, address);
    if (region == NULL) {
        return 0;
    }
    if (!region->cached) {
        return region->data_extra_cycles;
    }
    int64_t ready = m->now;
    const uint32_t end = address + (bytes ? bytes : 1u) - 1u;
    for (uint32_t line = address >> LINE_SHIFT; line <= end >> LINE_SHIFT; line++) {
        const uint32_t at = line == address >> LINE_SHIFT ? address : line << LINE_SHIFT;
        const uint32_t slot = cache_find(&m->dcache, line);
        if (slot == MAX_LINES) {
            m->totals->dcache_load_misses++;
            ready = later(ready, fill_line(m, region, at, ready));
        } else {
            ready = later(ready, word_arrival(&m->dcache, slot, region, at));
        }
    }
    return ready - m->now;
}

/* Cycles a store waits for a place: a free store buffer entry, or a line fill it must start. */
static int64_t store_wait(model *m, uint32_t address, uint32_t bytes, int multiple)
{
    const m7_parameters *p = m->p;
    const m7_region *region = region_of(p, address);
    const uint32_t bank = (address >> 2) & 1u;
    const uint32_t entry = m->store_number++ % (uint32_t)p->store_buffer_entries;
    const int64_t enter = later(m->now, m->drained[entry]);
    int64_t cost = 1;
    if (!multiple && bytes < 4u) {
        cost = bank == m->last_store_bank ? p->narrow_store_cycles
                                          : p->narrow_store_other_bank_cycles;
    } else if (!multiple && bytes == 4u && (address & 3u)) {
        cost = p->unaligned_store_cycles;
    }
    int64_t start = later(enter, m->last_drain);
    if (region != NULL && region->cached) {
        const uint32_t end = address + bytes - 1u;
        for (uint32_t line = address >> LINE_SHIFT; line <= end >> LINE_SHIFT; line++) {
            uint32_t slot = cache_find(&m->dcache, line);
            if (slot == MAX_LINES) {
                m->totals->dcache_store_misses++;
                /* The store waits for a line fill buffer, not for the line. */
                int64_t buffer = m->fill_free[0];
                for (int i = 1; i < p->linefill_buffers; i++) {
                    buffer = m->fill_free[i] < buffer ? m->fill_free[i] : buffer;
                }
                start = later(start, buffer);
                (void)fill_line(m, region, line << LINE_SHIFT, start);
                slot = cache_find(&m->dcache, line);
            }
            m->dcache.dirty[slot] = 1;
        }
    }
    m->last_drain = start + cost;
    m->drained[entry] = m->last_drain;
    m->last_store_bank = bank;
    return enter - m->now;
}

/* Fetch the 8-byte chunks of an instruction; returns when its last byte is there. */
static int64_t fetch(model *m, const m7_instruction *in)
{
    const m7_parameters *p = m->p;
    const uint32_t last = (in->address + in->size_bytes - 1u) >> CHUNK_SHIFT;
    if (m->fetch_redirected) {
        m->chunk = (in->address >> CHUNK_SHIFT) - 1u;
        m->fetch_redirected = 0;
    }
    while (m->chunk != last) {
        const uint32_t entry = m->chunk_number % (uint32_t)p->fetch_queue_chunks;
        const int64_t room = m->consumed[entry];
        m->consumed[entry] = m->now;
        m->chunk_number++;
        m->chunk++;
        if (m->fetched + 1 >= room) {
            m->fetched += 1;
        } else {
            m->fetched = room;
            m->fetch_reason = REASON_FETCH;
        }
        const m7_region *region = region_of(p, m->chunk << CHUNK_SHIFT);
        if (region == NULL || !region->cached) {
            continue;
        }
        const uint32_t line = m->chunk >> (LINE_SHIFT - CHUNK_SHIFT);
        uint32_t slot = cache_find(&m->icache, line);
        if (slot == MAX_LINES) {
            m->totals->icache_misses++;
            slot = cache_victim(&m->icache, line);
            cache_place(&m->icache, slot, line, m->fetched + region->first_word_cycles,
                        m->chunk & 3u);
        }
        const int64_t there = word_arrival(&m->icache, slot, region, m->chunk << CHUNK_SHIFT);
        if (there > m->fetched) {
            m->fetched = there;
            m->fetch_reason = REASON_ICACHE;
        }
    }
    return m->fetched;
}

static int64_t operands_ready(const model *m, const m7_instruction *in, const m7_operand *operands)
{
    const m7_operand *source = operands + in->first_operand;
    int64_t ready = 0;
    for (int i = 0; i < in->source_count; i++) {
        const int32_t wait =
            m->p->latency[m->producer[source[i].reg] * m->p->use_count + source[i].role];
        ready = later(ready, m->made[source[i].reg] + wait);
    }
    return ready;
}

static int operands_ready_early(const model *m, const m7_instruction *in,
                                const m7_operand *operands)
{
    const m7_operand *source = operands + in->first_operand;
    for (int i = 0; i < in->source_count; i++) {
        const int32_t wait =
            m->p->latency[m->producer[source[i].reg] * m->p->use_count + m->p->early_use];
        if (m->made[source[i].reg] + wait > m->now) {
            return 0;
        }
    }
    return 1;
}

static int in_mac_shadow(const model *m, int64_t cycle)
{
    return cycle - m->last_mac <= m->p->mac_shadow_cycles;
}

/* The first cycle at which the float unit takes the instruction. */
static int64_t float_unit_ready(const model *m, const m7_instruction *in)
{
    const m7_parameters *p = m->p;
    if (p->kind_flags[in->kind] & KIND_SHADOW_BLOCKED) {
        return m->last_mac + p->mac_shadow_cycles + 1;
    }
    if (in->kind == p->status_kind) {
        return m->last_arithmetic + p->status_drain_cycles;
    }
    if (in->kind == p->fma_kind && m->last_mac_is_mla) {
        return m->last_mac + p->mla_to_fma_cycles;
    }
    return 0;
}

static int can_pair(const model *m, const m7_instruction *younger, uint32_t address)
{
    const m7_parameters *p = m->p;
    const uint8_t flags = p->kind_flags[younger->kind];
    if (flags & KIND_ALONE) {
        return 0;
    }
    if ((flags & KIND_SHADOW_OLDER) && in_mac_shadow(m, m->now) && m->last_mac < m->now) {
        return 0;
    }
    if (p->shadow_transfers_alone && m->older_in_shadow) {
        return 0;
    }
    switch (p->pairing[m->older.kind * p->kind_count + younger->kind]) {
    case PAIR_ALWAYS:
        return 1;
    case PAIR_OTHER_BANK:
        return ((m->older_address >> 2) & 1u) != ((address >> 2) & 1u);
    case PAIR_FIRST_MAC:
        return (flags & KIND_MAC) ? !in_mac_shadow(m, m->now) : m->older_is_first_mac;
    default:
        return 0;
    }
}

static branch_entry *branch_find(model *m, uint32_t address)
{
    for (int32_t i = 0; i < m->p->branch_entries; i++) {
        if (m->branches[i].used && m->branches[i].address == address) {
            return &m->branches[i];
        }
    }
    return NULL;
}

static branch_entry *branch_allocate(model *m, uint32_t address)
{
    branch_entry *oldest = &m->branches[0];
    for (int32_t i = 1; i < m->p->branch_entries; i++) {
        if (m->branches[i].used < oldest->used) {
            oldest = &m->branches[i];
        }
    }
    oldest->address = address;
    oldest->counter = 2;
    return oldest;
}

/* Follow a branch; returns the cycles until the right instructions can be issued. */
static int64_t follow_branch(model *m, const m7_instruction *in, uint32_t next)
{
    const m7_parameters *p = m->p;
    const int taken = next != in->address + in->size_bytes;
    const int conditional = (in->flags & FLAG_CONDITIONAL) != 0;
    branch_entry *entry = branch_find(m, in->address);
    const int predicted = entry != NULL && (!conditional || entry->counter >= 2);
    const int right = predicted ? taken && entry->target == next : !taken;
    if (entry == NULL && taken) {
        entry = branch_allocate(m, in->address);
    }
    if (entry != NULL) {
        entry->used = ++m->branch_clock;
        entry->counter += taken ? (entry->counter < 3) : -(entry->counter > 0);
        entry->target = taken ? next : entry->target;
    }
    m->fetch_redirected = taken || !right;
    if (right) {
        return 0;
    }
    m->totals->mispredicted++;
    if (!conditional && !predicted) {
        return p->untracked_branch_cycles;
    }
    return m->now - m->flags_set >= p->early_flags_distance_cycles
               ? p->mispredict_early_flags_cycles
               : p->mispredict_cycles;
}

/* Move the clock, and book the cycles. */
static void spend(model *m, uint64_t *row, int reason, int64_t cycles)
{
    m->now += cycles;
    row[reason] += (uint64_t)cycles;
}

/* Find the cycle and slot in which the instruction issues. */
static void issue(model *m, const m7_instruction *in, const m7_operand *operands, uint32_t address,
                  uint64_t *row)
{
    const int64_t operands_at = operands_ready(m, in, operands);
    const int64_t unit_at = float_unit_ready(m, in);
    const int64_t fetched_at = fetch(m, in);
    const int64_t earliest = later(later(operands_at, unit_at), fetched_at);
    if (m->slots == 1 && !m->closed && earliest <= m->now && can_pair(m, in, address)) {
        m->slots = 2;
        m->totals->dual_issued++;
        return;
    }
    if (m->slots > 0) {
        int reason = REASON_ISSUE;
        if (m->slots == 1 && !m->closed && earliest <= m->now) {
            const uint8_t *flags = m->p->kind_flags;
            reason = flags[m->older.kind] & flags[in->kind] & KIND_ARITHMETIC ? REASON_FLOAT
                                                                              : REASON_PAIRING;
        }
        spend(m, row, reason, 1);
    }
    if (earliest > m->now) {
        int reason = REASON_LATENCY;
        if (fetched_at == earliest) {
            reason = m->fetch_reason;
        } else if (unit_at == earliest) {
            reason = REASON_SHADOW;
        }
        spend(m, row, reason, earliest - m->now);
    }
    m->slots = 1;
    m->closed = 0;
    m->older = *in;
    m->older_address = address;
    m->older_in_shadow =
        (m->p->kind_flags[in->kind] & KIND_SHADOW_OLDER) && in_mac_shadow(m, m->now);
}

static void write_results(model *m, const m7_instruction *in, const m7_operand *operands, int early)
{
    const m7_operand *result = operands + in->first_operand + in->source_count;
    for (int i = 0; i < in->result_count; i++) {
        uint8_t role = result[i].role;
        if (early && role == m->p->late_producer) {
            role = (uint8_t)m->p->early_producer;
        }
        m->made[result[i].reg] = m->now;
        m->producer[result[i].reg] = role;
        if (result[i].reg == m->p->flags_register) {
            m->flags_set = m->now;
        }
    }
}

static void note_arithmetic(model *m, const m7_instruction *in)
{
    if (m->p->kind_flags[in->kind] & KIND_ARITHMETIC) {
        m->last_arithmetic = m->now;
    }
    if (m->p->kind_flags[in->kind] & KIND_MAC) {
        m->older_is_first_mac = !in_mac_shadow(m, m->now);
        m->last_mac = m->now;
        m->last_mac_is_mla = in->kind == m->p->mla_kind;
    } else if (m->slots == 1) {
        m->older_is_first_mac = 0;
    }
}

/* Cycles beyond the first that the instruction occupies the pipeline. */
static int64_t busy_cycles(const model *m, const m7_instruction *in, uint32_t address)
{
    const m7_parameters *p = m->p;
    int64_t cycles = in->busy_cycles;
    if (in->flags & FLAG_MULTIPLE) {
        const int32_t words = (in->access_bytes + 3) / 4;
        cycles += (words + p->multiple_words_per_cycle - 1) / p->multiple_words_per_cycle - 1;
        if ((in->flags & FLAG_STORE) && words % 2 == 0 && (address & 7u)) {
            cycles += p->store_multiple_unaligned_cycles;
        }
    } else if ((in->flags & FLAG_LOAD) && (address & (uint32_t)(in->access_bytes - 1))) {
        cycles += p->unaligned_load_cycles;
    }
    return cycles;
}

/* What follows the instruction before is known now: a branch was predicted, or not. */
static void follow(model *m, uint32_t next)
{
    const m7_instruction *in = &m->previous;
    if (!m->has_previous) {
        return;
    }
    m->totals = m->previous_totals;
    if (in->flags & FLAG_BRANCH) {
        const int64_t wait = follow_branch(m, in, next);
        if (wait) {
            m->fetched = m->now + wait;
            m->fetch_reason = REASON_BRANCH;
        }
        if (m->fetch_redirected) {
            m->closed = 1;
        }
    } else if (next != in->address + in->size_bytes) {
        /* An exception, or the recording goes on elsewhere: the pipeline starts anew. */
        m->fetch_redirected = 1;
        m->closed = 1;
    }
}

static void step(model *m, const m7_instruction *in, const m7_operand *operands, uint32_t address,
                 uint64_t *row)
{
    issue(m, in, operands, address, row);
    const int early_slot = (in->flags & FLAG_EARLY_EITHER) ||
                           ((in->flags & FLAG_EARLY_OLDER) && m->slots == 1);
    const int early = early_slot && operands_ready_early(m, in, operands);
    if (in->flags & FLAG_LOAD && address != NO_ADDRESS) {
        spend(m, row, REASON_DCACHE, load_wait(m, address, in->access_bytes));
    }
    if (in->flags & FLAG_STORE && address != NO_ADDRESS) {
        const int multiple = (in->flags & FLAG_MULTIPLE) != 0;
        spend(m, row, REASON_STORE, store_wait(m, address, in->access_bytes, multiple));
    }
    note_arithmetic(m, in);
    const int64_t busy = busy_cycles(m, in, address);
    spend(m, row, REASON_BUSY, busy);
    write_results(m, in, operands, early);
    if (busy || (m->p->kind_flags[in->kind] & KIND_ALONE)) {
        m->closed = 1;
    }
    m->previous = *in;
    m->previous_totals = m->totals;
    m->has_previous = 1;
}

static int model_reset(model *m, const m7_parameters *p)
{
    memset(m, 0, sizeof *m);
    m->p = p;
    m->now = 1000;
    m->fetched = m->now;
    m->fetch_reason = REASON_FETCH;
    m->fetch_redirected = 1;
    if (p->branch_entries > MAX_BRANCHES || p->fetch_queue_chunks > MAX_QUEUE ||
        p->store_buffer_entries > MAX_STORES || p->linefill_buffers > MAX_FILLS) {
        return -1;
    }
    return cache_reset(&m->icache, p->icache_bytes, p->icache_ways, p->random_replacement) ||
           cache_reset(&m->dcache, p->dcache_bytes, p->dcache_ways, p->random_replacement);
}

m7_state *m7_begin(const m7_parameters *parameters)
{
    m7_state *state = malloc(sizeof *state);
    if (state == NULL || model_reset(&state->m, parameters) != 0) {
        free(state);
        return NULL;
    }
    state->m.start = state->m.now;
    return state;
}

int m7_time(m7_state *state, const m7_instruction *instructions, const m7_operand *operands,
            uint32_t instruction_count, const uint32_t *trace, const uint32_t *data_address,
            const uint8_t *measured, uint64_t trace_length, uint64_t *clock_out, uint64_t *reasons)
{
    model *m = &state->m;
    for (uint64_t i = 0; i < trace_length; i++) {
        if (trace[i] >= instruction_count) {
            return -1;
        }
        const m7_instruction *in = &instructions[trace[i]];
        const int64_t before = m->now;
        follow(m, in->address);
        m->totals = measured[i] ? &m->measured_totals : &m->ignored_totals;
        step(m, in, operands, data_address[i],
             measured[i] ? &reasons[trace[i] * REASON_COUNT] : m->ignored_row);
        m->totals->cycles += (uint64_t)(m->now - before);
        m->totals->instructions++;
        clock_out[i] = (uint64_t)(m->now - m->start);
    }
    return 0;
}

void m7_end(m7_state *state, m7_totals *totals)
{
    follow(&state->m, 0u);
    *totals = state->m.measured_totals;
    free(state);
}
