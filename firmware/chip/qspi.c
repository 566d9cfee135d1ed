/*
 * QUADSPI in indirect mode (RM0433, chapter 24) and the commands of an IS25LP064A, which other
 * makers' chips have as well.
 *
 * The Daisy bootloader leaves the chip in a mode in which it takes everything for an address; ones
 * on all four lines end that.
 */
#include "qspi.h"

#include "board_wiring.h"
#include "chip/clock.h"
#include "chip/delay.h"
#include "chip/pins.h"
#include "chip/registers/nor_flash.h"
#include "chip/registers/qspi.h"
#include "chip/registers/rcc.h"
#include "core/wait.h"

#if defined(QSPI_NCS_PIN) && !defined(BOOT_QSPI)

#define MOST_HZ 40000000u /* plain reads go up to 50 MHz */
#define ADDRESS_BITS 23u /* 8 MB */
#define DESELECTED_CLOCKS 4u
#define WORD_BYTES 4u
#define RESET_US 100u
#define RESET_WAITS 10u
#define ALL_ONES 0xFFFFFFFFu

#define LINE(name) \
    { .port = name##_PORT, .number = name##_PIN, .mode = PIN_ALTERNATE, \
      .alternate = name##_ALTERNATE, .pull = PIN_PULL_UP, .speed = PIN_MEDIUM }

static void pins_start(void)
{
    static const struct pin lines[] = { LINE(QSPI_NCS), LINE(QSPI_CLK), LINE(QSPI_IO0),
                                        LINE(QSPI_IO1), LINE(QSPI_IO2), LINE(QSPI_IO3) };

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        pin_init(&lines[i]);
    }
}

static bool is_free(void)
{
    return wait_for(&QUADSPI_SR, QUADSPI_SR_BUSY, 0);
}

/* Of a command without data, or that brings some. */
static void command(uint32_t what)
{
    if (is_free()) {
        QUADSPI_CCR = what;
    }
}

static void command_at(uint32_t what, uint32_t address)
{
    command(what | QUADSPI_CCR_ADDRESS_24);
    QUADSPI_AR = address;
}

static uint32_t answer(uint32_t byte, size_t bytes)
{
    if (!is_free()) {
        return ALL_ONES;
    }
    QUADSPI_DLR = QUADSPI_DLR_DL(bytes);
    command(QUADSPI_CCR_COMMAND(byte) | QUADSPI_CCR_DATA | QUADSPI_CCR_READ);
    return QUADSPI_DR;
}

/* Eight clocks of ones, an address to whoever is waiting for one, a command that means nothing. */
static void leave_continuous_reading(void)
{
    command(QUADSPI_CCR_ADDRESS_32_BY_FOUR);
    QUADSPI_AR = ALL_ONES;
}

bool qspi_is_ready(void)
{
    return (answer(NOR_READ_STATUS, 1u) & NOR_STATUS_BUSY) == 0u;
}

/* A reset of the processor alone may have found it at work; then it is told to give up. */
static bool has_come_to_rest(void)
{
    bool ready = qspi_is_ready();

    for (uint32_t turn = 0; !ready && turn < RESET_WAITS; turn++) {
        command(QUADSPI_CCR_COMMAND(NOR_RESET_ENABLE));
        command(QUADSPI_CCR_COMMAND(NOR_RESET));
        delay_us(RESET_US);
        ready = qspi_is_ready();
    }
    return ready;
}

/* 8 or 16 MB, of whichever maker. */
static bool is_known(void)
{
    const uint32_t identity = answer(NOR_IDENTIFY, NOR_IDENTITY_BYTES);
    const uint32_t size = identity >> NOR_IDENTITY_SIZE_SHIFT;

    return size == NOR_SIZE_8_MB || size == NOR_SIZE_16_MB;
}

bool qspi_start(void)
{
    const uint32_t bus_hz = clock_ahb_hz();

    RCC_AHB3ENR = RCC_AHB3ENR | RCC_AHB3ENR_QSPIEN;
    (void)RCC_AHB3ENR;
    pins_start();
    QUADSPI_DCR = QUADSPI_DCR_FSIZE(ADDRESS_BITS) | QUADSPI_DCR_CSHT(DESELECTED_CLOCKS);
    QUADSPI_CR = QUADSPI_CR_PRESCALER((bus_hz + MOST_HZ - 1u) / MOST_HZ) | QUADSPI_CR_EN;
    leave_continuous_reading();
    return has_come_to_rest() && is_known();
}

void qspi_read(uint32_t address, uint32_t *words, size_t count)
{
    if (is_free()) {
        QUADSPI_DLR = QUADSPI_DLR_DL(WORD_BYTES * count);
    }
    command_at(QUADSPI_CCR_COMMAND(NOR_READ) | QUADSPI_CCR_DATA | QUADSPI_CCR_READ, address);
    for (size_t i = 0; i < count; i++) {
        words[i] = QUADSPI_DR; /* waits for what is still to come */
    }
}

void qspi_erase_sector(uint32_t address)
{
    command(QUADSPI_CCR_COMMAND(NOR_WRITE_ENABLE));
    command_at(QUADSPI_CCR_COMMAND(NOR_ERASE_SECTOR), address);
}

void qspi_program(uint32_t address, const uint32_t *words, size_t count)
{
    command(QUADSPI_CCR_COMMAND(NOR_WRITE_ENABLE));
    if (is_free()) {
        QUADSPI_DLR = QUADSPI_DLR_DL(WORD_BYTES * count);
    }
    command_at(QUADSPI_CCR_COMMAND(NOR_PROGRAM) | QUADSPI_CCR_DATA, address);
    for (size_t i = 0; i < count; i++) {
        QUADSPI_DR = words[i];
    }
}

#endif
