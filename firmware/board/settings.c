/*
 * Two places, one record: the newer of both counts.
 */
#include "settings.h"

#ifdef PEDAL_KEEPS_CAPTURE

#include <stdbool.h>

#include "board/journal.h"
#include "board/record.h"
#include "board_wiring.h"
#include "chip/registers/system.h"
#include "core/processor.h"
#include "pedal/pedal.h"

#define MS_PER_S 1000u
#define BLOCKS_IN_MS(ms) \
    ((PEDAL_SAMPLE_RATE_HZ / MS_PER_S * (ms) + (uint32_t)PEDAL_BLOCK_FRAMES - 1u) \
     / (uint32_t)PEDAL_BLOCK_FRAMES)
/* Whoever steps through the captures wears the flash once. */
#ifndef PEDAL_SETTINGS_STAY_MS
#define PEDAL_SETTINGS_STAY_MS 1000u
#endif
/* More than twice what an erase may take. */
#define PATIENCE_MS 700u

static struct record newest; /* of all, so that the next one is newer */
static size_t chosen;
static uint32_t chosen_at; /* at this block */
static bool is_to_be_written;

static volatile uint32_t *backup(void)
{
    return (volatile uint32_t *)(uintptr_t)(BACKUP_SRAM + SETTINGS_OFFSET);
}

static struct record backup_read(void)
{
    const volatile uint32_t *const words = backup();
    struct record found;

    for (size_t i = 0; i < (size_t)RECORD_WORDS; i++) {
        found.words[i] = words[i];
    }
    return found;
}

/* A reset in between leaves a record that is not valid: the flash then has the one before it. */
static void backup_write(const struct record *record)
{
    volatile uint32_t *const words = backup();

    for (size_t i = 0; i < (size_t)RECORD_WORDS; i++) {
        words[i] = record->words[i];
    }
    data_barrier();
}

static struct record next_record(uint32_t capture)
{
    return record_of(PEDAL_KEEPS_CAPTURE, newest.words[RECORD_SEQUENCE] + 1u, capture);
}

static void take_newer(const struct record *record, bool *has_own, struct record *own)
{
    if (newest.words[RECORD_KIND] != RECORD_KIND_1 || record_is_newer(record, &newest)) {
        newest = *record;
    }
    if (record->words[RECORD_IMAGE] == PEDAL_KEEPS_CAPTURE
        && (!*has_own || record_is_newer(record, own))) {
        *has_own = true;
        *own = *record;
    }
}

#if defined(QSPI_NCS_PIN) && !defined(BOOT_QSPI)

static void flash_open(bool *has_own, struct record *own)
{
    struct journal_found found;

    journal_open(PEDAL_KEEPS_CAPTURE, &found);
    if (found.has_newest) {
        take_newer(&found.newest, has_own, own);
    }
    if (found.has_own) {
        take_newer(&found.own, has_own, own);
    }
    is_to_be_written = *has_own && (!found.has_own || record_is_newer(own, &found.own));
}

static void flash_step(uint32_t blocks)
{
    const bool stays = blocks - chosen_at >= BLOCKS_IN_MS(PEDAL_SETTINGS_STAY_MS);

    if (is_to_be_written && stays && journal_is_idle()) {
        is_to_be_written = false;
        journal_append(&newest);
    }
    journal_step(blocks, BLOCKS_IN_MS(PATIENCE_MS));
}

#else

static void flash_open(bool *has_own, struct record *own)
{
    (void)has_own;
    (void)own;
}

static void flash_step(uint32_t blocks)
{
    (void)blocks;
    is_to_be_written = false;
}

#endif

void settings_start(void)
{
    static const struct record none;
    const struct record kept = backup_read();
    struct record own = none;
    bool has_own = false;

    newest = none;
    if (record_is_valid(&kept)) {
        take_newer(&kept, &has_own, &own);
    }
    flash_open(&has_own, &own);
    chosen = has_own ? own.words[RECORD_CAPTURE] : 0u;
    chosen_at = 0;
    if (is_to_be_written) {
        newest = next_record((uint32_t)chosen);
    }
}

size_t settings_capture(void)
{
    return chosen;
}

void settings_step(size_t capture, uint32_t blocks)
{
    if (capture != chosen) {
        chosen = capture;
        chosen_at = blocks;
        newest = next_record((uint32_t)capture);
        backup_write(&newest);
        is_to_be_written = true;
    }
    flash_step(blocks);
}

#endif
