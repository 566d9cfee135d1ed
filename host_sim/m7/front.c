/*
 * The front of the pipeline: fetched bytes and predicted branches.
 */
#include "model.h"

/* Fetch the 8-byte chunks of an instruction; returns when its last byte is there. */
int64_t m7_fetch(model *m, const m7_instruction *in)
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
        const m7_region *region = m7_region_of(p, m->chunk << CHUNK_SHIFT);
        if (region == NULL || !region->cached) {
            continue;
        }
        const uint32_t line = m->chunk >> (LINE_SHIFT - CHUNK_SHIFT);
        uint32_t slot = m7_cache_find(&m->icache, line);
        if (slot == MAX_LINES) {
            m->totals->icache_misses++;
            slot = m7_cache_victim(&m->icache, line);
            m7_cache_place(&m->icache, slot, line, m->fetched + region->first_word_cycles,
                        m->chunk & 3u);
        }
        const int64_t there = m7_word_arrival(&m->icache, slot, region, m->chunk << CHUNK_SHIFT);
        if (there > m->fetched) {
            m->fetched = there;
            m->fetch_reason = REASON_ICACHE;
        }
    }
    return m->fetched;
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
int64_t m7_follow_branch(model *m, const m7_instruction *in, uint32_t next)
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
