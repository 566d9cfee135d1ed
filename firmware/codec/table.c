/*
 * A table's messages: the register's bits, then the value's, the highest first.
 */
#include "table.h"

#include <stddef.h>
#include <stdint.h>

#include "board_wiring.h"
#include "chip/delay.h"
#include "codec/codec_bus.h"

#define BYTE_BITS 8u
#define BYTES_OF(bits) (((bits) + BYTE_BITS - 1u) / BYTE_BITS)
#define MESSAGE_BYTES ((CODEC_REGISTER_BITS + CODEC_VALUE_BITS) / BYTE_BITS)
#define ADDRESS_BYTES BYTES_OF(CODEC_REGISTER_BITS)
#define VALUE_BYTES BYTES_OF(CODEC_VALUE_BITS)

struct row {
    uint16_t address;
    uint16_t value;
    uint16_t wait_ms;
};

#define ROW(address, value, wait_ms) { (address), (value), (wait_ms) },

static const struct row mute[] = { CODEC_MUTE(ROW) };
static const struct row start[] = { CODEC_START(ROW) };
static const struct row unmute[] = { CODEC_UNMUTE(ROW) };

/* The lowest bytes of a word, the highest of them first. */
static void spell(uint32_t word, uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bytes[i] = (uint8_t)(word >> (BYTE_BITS * (count - 1u - i)));
    }
}

static bool is_taken(const struct row *row)
{
    const uint32_t message = ((uint32_t)row->address << CODEC_VALUE_BITS) | row->value;
    uint8_t bytes[MESSAGE_BYTES];

    spell(message, bytes, MESSAGE_BYTES);
    return codec_bus_write(CODEC_ADDRESS, bytes, MESSAGE_BYTES);
}

static bool are_taken(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_taken(&rows[i])) {
            return false;
        }
        if (rows[i].wait_ms > 0u) {
            delay_ms(rows[i].wait_ms);
        }
    }
    return true;
}

#ifdef CODEC_CHECK

struct check {
    uint16_t address;
    uint16_t value;
    uint16_t mask;
};

static const struct check checks[] = { CODEC_CHECK(ROW) };

static bool holds(const struct check *check)
{
    const uint32_t address =
        (uint32_t)check->address << (ADDRESS_BYTES * BYTE_BITS - CODEC_REGISTER_BITS);
    uint32_t value = 0;
    uint8_t asked[ADDRESS_BYTES];
    uint8_t found[VALUE_BYTES];

    spell(address, asked, ADDRESS_BYTES);
    if (!codec_bus_read(CODEC_ADDRESS, asked, ADDRESS_BYTES, found, VALUE_BYTES)) {
        return false;
    }
    for (size_t i = 0; i < VALUE_BYTES; i++) {
        value = (value << BYTE_BITS) | found[i];
    }
    return ((value ^ check->value) & check->mask) == 0u;
}

static bool is_checked(void)
{
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        if (!holds(&checks[i])) {
            return false;
        }
    }
    return true;
}

#else

static bool is_checked(void)
{
    return true;
}

#endif

static bool is_set_up(void)
{
    delay_ms(CODEC_SETTLE_MS);
    return are_taken(mute, sizeof mute / sizeof mute[0])
        && are_taken(start, sizeof start / sizeof start[0]) && is_checked();
}

bool table_start(void)
{
    codec_bus_start();
#ifdef CODEC_NEEDS_CLOCK
    return true;
#else
    return is_set_up();
#endif
}

bool table_unmute(void)
{
#ifdef CODEC_NEEDS_CLOCK
    if (!is_set_up()) {
        return false;
    }
#endif
    delay_ms(CODEC_UNMUTE_MS);
    return are_taken(unmute, sizeof unmute / sizeof unmute[0]);
}
