/*
 * The memories of the model, and a cache: which lines are in it, and since when.
 */
#include "model.h"

const m7_region *m7_region_of(const m7_parameters *p, uint32_t address)
{
    for (int32_t i = 0; i < p->region_count; i++) {
        if (address - p->regions[i].origin < p->regions[i].size_bytes) {
            return &p->regions[i];
        }
    }
    return NULL;
}

int m7_cache_reset(cache *c, int32_t bytes, int32_t ways, int random)
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

uint32_t m7_cache_find(cache *c, uint32_t line)
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
uint32_t m7_cache_victim(cache *c, uint32_t line)
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

void m7_cache_place(cache *c, uint32_t slot, uint32_t line, int64_t arrival, uint32_t word)
{
    c->tag[slot] = line;
    c->used[slot] = ++c->clock;
    c->arrival[slot] = arrival;
    c->critical[slot] = word;
    c->dirty[slot] = 0;
}

/* When a word of a cached line is there: the wanted pair of words came first, the rest follow. */
int64_t m7_word_arrival(const cache *c, uint32_t slot, const m7_region *region,
                            uint32_t address)
{
    const uint32_t behind = (((address >> 3) & 3u) - c->critical[slot]) & 3u;
    return c->arrival[slot] + (int64_t)behind * region->beat_cycles;
}
