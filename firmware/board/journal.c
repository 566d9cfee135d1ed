/*
 * A slot that is not blank is never written again, whatever is in it: the power may have gone while
 * it was written, and bits only go from one to zero.
 */
#include "journal.h"

#include <stddef.h>

#include "chip/qspi.h"

#define SLOTS (QSPI_SECTOR_BYTES / JOURNAL_SLOT_BYTES)
#define BLANK 0xFFFFFFFFu
#define MOST_TRIES 3u

enum stage { STAGE_NONE, STAGE_IDLE, STAGE_ERASING, STAGE_WRITING };

static struct {
    enum stage stage;
    uint32_t sector;                /* that the next record goes to */
    uint32_t used[JOURNAL_SECTORS]; /* slots up to the last that is not blank */
    struct record pending;
    uint32_t tries;
    uint32_t since;
    bool has_begun;
} journal;

static uint32_t address_of_slot(uint32_t sector, uint32_t slot)
{
    return JOURNAL_ADDRESS + sector * QSPI_SECTOR_BYTES + slot * JOURNAL_SLOT_BYTES;
}

static void read_slot(uint32_t sector, uint32_t slot, struct record *stored)
{
    qspi_read(address_of_slot(sector, slot), stored->words, RECORD_WORDS);
}

static bool is_blank(const struct record *stored)
{
    bool blank = true;

    for (size_t i = 0; i < (size_t)RECORD_WORDS; i++) {
        blank = blank && stored->words[i] == BLANK;
    }
    return blank;
}

static void keep_newer(bool *has, struct record *newest, const struct record *record)
{
    if (!*has || record_is_newer(record, newest)) {
        *has = true;
        *newest = *record;
    }
}

static void look_at(uint32_t sector, uint32_t slot, uint32_t image, struct journal_found *found)
{
    struct record stored;

    read_slot(sector, slot, &stored);
    if (is_blank(&stored)) {
        return;
    }
    journal.used[sector] = slot + 1u;
    if (!record_is_valid(&stored)) {
        return;
    }
    if (!found->has_newest || record_is_newer(&stored, &found->newest)) {
        journal.sector = sector;
    }
    keep_newer(&found->has_newest, &found->newest, &stored);
    if (stored.words[RECORD_IMAGE] == image) {
        keep_newer(&found->has_own, &found->own, &stored);
    }
}

void journal_open(uint32_t image, struct journal_found *found)
{
    found->has_newest = false;
    found->has_own = false;
    journal.stage = STAGE_NONE;
    journal.sector = 0;
    if (!qspi_start()) {
        return;
    }
    for (uint32_t sector = 0; sector < JOURNAL_SECTORS; sector++) {
        journal.used[sector] = 0;
        for (uint32_t slot = 0; slot < SLOTS; slot++) {
            look_at(sector, slot, image, found);
        }
    }
    journal.stage = STAGE_IDLE;
}

bool journal_is_idle(void)
{
    return journal.stage == STAGE_IDLE || journal.stage == STAGE_NONE;
}

static void begin(enum stage stage)
{
    journal.stage = stage;
    journal.has_begun = false;
}

/* Into the next slot; where there is none, after an erase of the other sector. */
static void write_pending(void)
{
    if (journal.used[journal.sector] < SLOTS) {
        const uint32_t slot = journal.used[journal.sector];
        journal.used[journal.sector] = slot + 1u;
        qspi_program(
            address_of_slot(journal.sector, slot), journal.pending.words, RECORD_WORDS);
        begin(STAGE_WRITING);
    } else {
        journal.sector = 1u - journal.sector;
        qspi_erase_sector(address_of_slot(journal.sector, 0u));
        begin(STAGE_ERASING);
    }
}

void journal_append(const struct record *record)
{
    if (journal.stage == STAGE_IDLE) {
        journal.pending = *record;
        journal.tries = MOST_TRIES;
        write_pending();
    }
}

static bool is_written(void)
{
    struct record stored;
    bool same = true;

    read_slot(journal.sector, journal.used[journal.sector] - 1u, &stored);
    for (size_t i = 0; i < (size_t)RECORD_WORDS; i++) {
        same = same && stored.words[i] == journal.pending.words[i];
    }
    return same;
}

/* A slot that does not take it is left behind; a chip that takes nothing is left alone. */
static void finish(void)
{
    if (journal.stage == STAGE_ERASING) {
        journal.used[journal.sector] = 0;
        write_pending();
    } else if (is_written()) {
        journal.stage = STAGE_IDLE;
    } else {
        journal.tries--;
        if (journal.tries > 0u) {
            write_pending();
        } else {
            journal.stage = STAGE_NONE;
        }
    }
}

void journal_step(uint32_t now, uint32_t patience)
{
    if (journal_is_idle()) {
        return;
    }
    if (!journal.has_begun) {
        journal.has_begun = true;
        journal.since = now;
    }
    if (qspi_is_ready()) {
        finish();
    } else if (now - journal.since > patience) {
        journal.stage = STAGE_NONE;
    } else {
        /* It takes its time. */
    }
}
