/*
 * The cycle model of one Cortex-M7: what goes in, what comes out.
 *
 * Every number of the model (latencies, pairing rules, cache sizes) arrives as data; the C has
 * only the mechanism. The lines without a hash sign are also read by cffi.
 */
#ifndef NAMGEN_M7_PIPELINE_H
#define NAMGEN_M7_PIPELINE_H
#include <stdint.h>

/* One decoded instruction; its operands are sources first, then results. */
typedef struct {
    uint32_t address;
    uint32_t first_operand;
    uint8_t size_bytes;
    uint8_t kind;
    uint8_t flags;
    uint8_t access_bytes;
    uint8_t source_count;
    uint8_t result_count;
    uint16_t busy_cycles;
} m7_instruction;

/* A register with the stage that reads it (a use) or the unit that makes it (a producer). */
typedef struct {
    uint8_t reg;
    uint8_t role;
} m7_operand;

/* A piece of the address space; latencies in processor cycles. */
typedef struct {
    uint32_t origin;
    uint32_t size_bytes;
    int32_t cached;
    int32_t first_word_cycles;
    int32_t beat_cycles;
    int32_t data_extra_cycles;
} m7_region;

/* Where the tables are and how large they are. */
typedef struct {
    const int32_t *latency;
    const uint8_t *pairing;
    const uint8_t *kind_flags;
    const m7_region *regions;
    int32_t kind_count;
    int32_t use_count;
    int32_t region_count;
    int32_t early_producer;
    int32_t late_producer;
    int32_t early_use;
    int32_t mac_shadow_cycles;
    int32_t shadow_transfers_alone;
    int32_t mla_to_fma_cycles;
    int32_t status_drain_cycles;
    int32_t status_kind;
    int32_t mla_kind;
    int32_t fma_kind;
    int32_t multiple_words_per_cycle;
    int32_t unaligned_load_cycles;
    int32_t store_multiple_unaligned_cycles;
    int32_t mispredict_cycles;
    int32_t mispredict_early_flags_cycles;
    int32_t early_flags_distance_cycles;
    int32_t untracked_branch_cycles;
    int32_t branch_entries;
    int32_t fetch_queue_chunks;
    int32_t store_buffer_entries;
    int32_t narrow_store_cycles;
    int32_t narrow_store_other_bank_cycles;
    int32_t unaligned_store_cycles;
    int32_t linefill_buffers;
    int32_t eviction_beats;
    int32_t icache_bytes;
    int32_t icache_ways;
    int32_t dcache_bytes;
    int32_t dcache_ways;
    int32_t random_replacement;
    int32_t flags_register;
} m7_parameters;

/* Sums over the measured part of a trace. */
typedef struct {
    uint64_t cycles;
    uint64_t instructions;
    uint64_t dual_issued;
    uint64_t icache_misses;
    uint64_t dcache_load_misses;
    uint64_t dcache_store_misses;
    uint64_t evictions;
    uint64_t mispredicted;
} m7_totals;

/* A processor in the middle of a trace. */
typedef struct m7_state m7_state;

/* Start with cold caches; `parameters` must outlive the state. NULL when a size is beyond the
 * model's fixed tables, or there is no memory. */
m7_state *m7_begin(const m7_parameters *parameters);

/* Time the next piece of a trace; `clock_out` gets the cycle after each instruction, counted from
 * the first piece. To `reasons`, one row per decoded instruction, and to the state's sums, the
 * entries whose `measured` is set are added. Returns 0, or -1 for an unknown instruction. */
int m7_time(m7_state *state, const m7_instruction *instructions, const m7_operand *operands,
            uint32_t instruction_count, const uint32_t *trace, const uint32_t *data_address,
            const uint8_t *measured, uint64_t trace_length, uint64_t *clock_out, uint64_t *reasons);

/* End the trace: give the sums and free the state. */
void m7_end(m7_state *state, m7_totals *totals);

#endif
