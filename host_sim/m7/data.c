/*
 * Loads and stores: line fills, the bus behind them, the store buffer.
 */
#include "model.h"

/* Bring a data line in; returns when its wanted word arrives. */
static int64_t fill_line(model *m, const m7_region *region, uint32_t address, int64_t start)
{
    const m7_parameters *p = m->p;
    const uint32_t line = address >> LINE_SHIFT;
    const uint32_t slot = m7_cache_victim(&m->dcache, line);
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
    m7_cache_place(&m->dcache, slot, line, first, (address >> 3) & 3u);
    return first;
}

/* Extra cycles of the loads of one instruction. */
int64_t m7_load_wait(model *m, uint32_t address, uint32_t bytes)
{
    const m7_region *region = m7_region_of(m->p, address);
    if (region == NULL) {
        return 0;
    }
    if (!region->cached) {
        const int64_t beats = (int64_t)(((address & 7u) + (bytes ? bytes : 1u) + 7u) / 8u);
        return region->data_extra_cycles + (beats - 1) * region->beat_cycles;
    }
    int64_t ready = m->now;
    const uint32_t end = address + (bytes ? bytes : 1u) - 1u;
    for (uint32_t line = address >> LINE_SHIFT; line <= end >> LINE_SHIFT; line++) {
        const uint32_t at = line == address >> LINE_SHIFT ? address : line << LINE_SHIFT;
        const uint32_t slot = m7_cache_find(&m->dcache, line);
        if (slot == MAX_LINES) {
            m->totals->dcache_load_misses++;
            ready = later(ready, fill_line(m, region, at, ready));
        } else {
            ready = later(ready, m7_word_arrival(&m->dcache, slot, region, at));
        }
    }
    return ready - m->now;
}

/* Cycles a store waits for a place: a free store buffer entry, or a line fill it must start. */
int64_t m7_store_wait(model *m, uint32_t address, uint32_t bytes, int multiple)
{
    const m7_parameters *p = m->p;
    const m7_region *region = m7_region_of(p, address);
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
            uint32_t slot = m7_cache_find(&m->dcache, line);
            if (slot == MAX_LINES) {
                m->totals->dcache_store_misses++;
                /* The store waits for a line fill buffer, not for the line. */
                int64_t buffer = m->fill_free[0];
                for (int i = 1; i < p->linefill_buffers; i++) {
                    buffer = m->fill_free[i] < buffer ? m->fill_free[i] : buffer;
                }
                start = later(start, buffer);
                (void)fill_line(m, region, line << LINE_SHIFT, start);
                slot = m7_cache_find(&m->dcache, line);
            }
            m->dcache.dirty[slot] = 1;
        }
    }
    m->last_drain = start + cost;
    m->drained[entry] = m->last_drain;
    m->last_store_bank = bank;
    return enter - m->now;
}
