/*
 * Cycles of a Cortex-M7 for an executed trace: in order, two issue slots, caches, predictor.
 *
 * Instructions are taken one by one in program order. Each joins the current issue group as its
 * younger half, or opens the next group at the first cycle at which its operands, the float unit,
 * the fetched bytes and memory allow it. The clock only moves forward, and every cycle it moves
 * is booked to the instruction that waited and to one reason.
 */
#include "model.h"

#include <stdlib.h>

struct m7_state {
    model m;
};

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
    const int64_t fetched_at = m7_fetch(m, in);
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
        const int64_t wait = m7_follow_branch(m, in, next);
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
        spend(m, row, REASON_DCACHE, m7_load_wait(m, address, in->access_bytes));
    }
    if (in->flags & FLAG_STORE && address != NO_ADDRESS) {
        const int multiple = (in->flags & FLAG_MULTIPLE) != 0;
        spend(m, row, REASON_STORE, m7_store_wait(m, address, in->access_bytes, multiple));
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
    return m7_cache_reset(&m->icache, p->icache_bytes, p->icache_ways, p->random_replacement) ||
           m7_cache_reset(&m->dcache, p->dcache_bytes, p->dcache_ways, p->random_replacement);
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
