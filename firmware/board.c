/*
 * Daisy Seed: pins, time, and which revision it is.
 */
#include "board.h"

#include <stddef.h>

#include "guard.h"
#include "stm32h750.h"

#define WAIT_READS 4000000u
#define SYSTICK_COUNTED BIT(16)
#define SYSTICK_CPU_CLOCK_INTERRUPT_ENABLE 7u
#define SYSTICK_CPU_CLOCK_ENABLE 5u
#define SYSTICK_PRIORITY (0xE0u << 24)
#define UPDATE_PORT 'G' /* wired to BOOT0 */
#define UPDATE_PIN 3u
#define UPDATE_HOLD_MS 10u

static volatile uint32_t milliseconds_since_start;

ITCM_CODE bool board_wait(const volatile uint32_t *reg, uint32_t mask, uint32_t value)
{
    for (uint32_t reads = 0; reads < WAIT_READS; reads++) {
        if ((*reg & mask) == value) {
            return true;
        }
    }
    return false;
}

bool board_pin_read(char port, unsigned number)
{
    return ((GPIO(port, GPIO_IDR) >> number) & 1u) != 0u;
}

static void modify(volatile uint32_t *reg, uint32_t mask, uint32_t value)
{
    *reg = (*reg & ~mask) | value;
}

void board_pin(const struct pin *pin)
{
    const char port = pin->port;
    const uint32_t pair = 2u * pin->number;
    const uint32_t quad = 4u * (pin->number % 8u);
    const uint32_t alternate_offset = GPIO_AFRL + 4u * (pin->number / 8u);

    RCC_AHB4ENR = RCC_AHB4ENR | BIT((uint32_t)(port - 'A'));
    (void)RCC_AHB4ENR;
    modify(&GPIO(port, GPIO_OSPEEDR), 3u << pair, (uint32_t)pin->speed << pair);
    modify(&GPIO(port, GPIO_OTYPER), BIT(pin->number), (uint32_t)pin->drive << pin->number);
    modify(&GPIO(port, GPIO_PUPDR), 3u << pair, (uint32_t)pin->pull << pair);
    if (pin->mode == PIN_ALTERNATE) {
        modify(&GPIO(port, alternate_offset), 15u << quad, pin->alternate << quad);
    }
    modify(&GPIO(port, GPIO_MODER), 3u << pair, (uint32_t)pin->mode << pair);
}

/* The level first, so that the output begins with it. */
static void output_start(const struct pin *pin, bool high)
{
    RCC_AHB4ENR = RCC_AHB4ENR | BIT((uint32_t)(pin->port - 'A'));
    (void)RCC_AHB4ENR;
    board_pin_write(pin->port, pin->number, high);
    board_pin(pin);
}

void board_led_init(void)
{
    const struct pin led = { .port = 'C', .number = 7, .mode = PIN_OUTPUT };

    board_pin(&led);
    board_led(false);
}

void board_tick(void)
{
    milliseconds_since_start++;
}

void board_delay_ms(uint32_t milliseconds)
{
    const uint32_t start = milliseconds_since_start;
    /* The first tick may come at once: count one more. */
    while (milliseconds_since_start - start <= milliseconds) {
        wait_for_interrupt();
    }
}

static void tick_start(uint32_t control)
{
    SYST_CSR = 0;
    SYST_RVR = clock_cpu_hz() / 1000u - 1u;
    SYST_CVR = 0;
    SYST_CSR = control;
}

/*
 * The SDRAM and the QSPI flash are not used, and must not be woken by pins that float: SDRAM clock
 * and its enable low, its chip select high, and the flash not selected.
 */
static void external_memories_park(void)
{
    static const struct pin sdram_cke = { .port = 'H', .number = 2, .mode = PIN_OUTPUT };
    static const struct pin sdram_ne = { .port = 'H', .number = 3, .mode = PIN_OUTPUT };
    static const struct pin sdram_clk = { .port = 'G', .number = 8, .mode = PIN_OUTPUT };

    output_start(&sdram_cke, false);
    output_start(&sdram_clk, false);
    output_start(&sdram_ne, true);
#ifndef BOOT_QSPI
    const struct pin qspi_ncs = { .port = 'G', .number = 6, .pull = PIN_PULL_UP };
    board_pin(&qspi_ncs);
#endif
}

void board_init(void)
{
    board_led_init();
    external_memories_park();
    supply_watch();
    clock_init();
    memory_init();
    SCB_SHPR3 = (SCB_SHPR3 & 0x00FFFFFFu) | SYSTICK_PRIORITY;
    tick_start(SYSTICK_CPU_CLOCK_INTERRUPT_ENABLE);
}

enum board_revision board_revision(void)
{
    static const struct {
        struct pin strap;
        enum board_revision revision;
    } straps[] = {
        { { .port = 'D', .number = 3, .pull = PIN_PULL_UP }, BOARD_SEED_1_1 },
        { { .port = 'D', .number = 4, .pull = PIN_PULL_UP }, BOARD_SEED2_DFM },
        { { .port = 'D', .number = 5, .pull = PIN_PULL_UP }, BOARD_SEED_1_2 },
        { { .port = 'H', .number = 6, .pull = PIN_PULL_UP }, BOARD_SEED3 },
    };

    for (size_t i = 0; i < sizeof straps / sizeof straps[0]; i++) {
        board_pin(&straps[i].strap);
    }
    board_delay_ms(1); /* for the pull-ups to lift the lines */
    for (size_t i = 0; i < sizeof straps / sizeof straps[0]; i++) {
        if (!board_pin_read(straps[i].strap.port, straps[i].strap.number)) {
            return straps[i].revision;
        }
    }
    return BOARD_SEED_REV4;
}

/* Between two looks at the counter the processor stays away from the bus. */
void board_delay_polled_ms(uint32_t milliseconds)
{
    tick_start(SYSTICK_CPU_CLOCK_ENABLE);
    /* The first count may come at once: count one more. */
    for (uint32_t passed = 0; passed <= milliseconds;) {
        board_delay_us(100);
        if ((SYST_CSR & SYSTICK_COUNTED) != 0u) {
            passed++;
            watchdog_feed();
        }
    }
}

/* A pass of the loop takes one cycle or more. */
void board_delay_us(uint32_t microseconds)
{
    for (uint32_t passes = clock_cpu_hz() / 1000000u * microseconds; passes > 0u; passes--) {
        __asm volatile("");
    }
}

__attribute__((noreturn)) void board_reset(void)
{
    data_barrier();
    SCB_AIRCR = SCB_AIRCR_KEY | SCB_AIRCR_SYSRESETREQ;
    data_barrier();
    for (;;) {
    }
}

/* A capacitor at BOOT0 holds the level through the reset. */
__attribute__((noreturn)) void board_update_mode(void)
{
    static const struct pin boot0 = { .port = UPDATE_PORT, .number = UPDATE_PIN, .mode = PIN_OUTPUT };

    interrupts_off();
    audio_silence();
    output_start(&boot0, true);
    board_delay_polled_ms(UPDATE_HOLD_MS);
    board_reset();
}
