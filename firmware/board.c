/*
 * Daisy Seed: pins, time, which revision it is, and how it shows that it has stopped.
 */
#include "board.h"

#include "stm32h750.h"

#define LED_PORT 'C'
#define LED_PIN 7u
#define WAIT_READS 4000000u
#define SYSTICK_COUNTED BIT(16)
#define SYSTICK_CPU_CLOCK_INTERRUPT_ENABLE 7u
#define SYSTICK_CPU_CLOCK_ENABLE 5u
#define SYSTICK_PRIORITY (0xE0u << 24)
#define BLINK_ON_MS 150u
#define BLINK_OFF_MS 250u
#define BLINK_PAUSE_MS 1200u

static volatile uint32_t milliseconds_since_start;

ITCM_CODE bool board_wait(volatile uint32_t *reg, uint32_t mask, uint32_t value)
{
    for (uint32_t reads = 0; reads < WAIT_READS; reads++) {
        if ((*reg & mask) == value) {
            return true;
        }
    }
    return false;
}

void board_pin_write(char port, unsigned number, bool high)
{
    GPIO(port, GPIO_BSRR) = BIT(high ? number : number + 16u);
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

void board_led(bool on)
{
    board_pin_write(LED_PORT, LED_PIN, on);
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

void board_init(void)
{
    const struct pin led = { .port = LED_PORT, .number = LED_PIN, .mode = PIN_OUTPUT };

    board_pin(&led);
    board_led(false);
    clock_init();
    memory_init();
    SCB_SHPR3 = (SCB_SHPR3 & 0x00FFFFFFu) | SYSTICK_PRIORITY;
    tick_start(SYSTICK_CPU_CLOCK_INTERRUPT_ENABLE);
}

enum board_revision board_revision(void)
{
    const struct pin strap_1_1 = { .port = 'D', .number = 3, .pull = PIN_PULL_UP };
    const struct pin strap_dfm = { .port = 'D', .number = 4, .pull = PIN_PULL_UP };

    board_pin(&strap_1_1);
    board_pin(&strap_dfm);
    board_delay_ms(1); /* for the pull-ups to lift the lines */
    if (!board_pin_read('D', 3)) {
        return BOARD_SEED_1_1;
    }
    return board_pin_read('D', 4) ? BOARD_SEED_REV4 : BOARD_SEED2_DFM;
}

/* Interrupts are off for good when this is used, so the counter is read instead. */
static void delay_without_interrupts(uint32_t milliseconds)
{
    for (uint32_t passed = 0; passed < milliseconds;) {
        if ((SYST_CSR & SYSTICK_COUNTED) != 0u) {
            passed++;
        }
    }
}

__attribute__((noreturn)) void board_stop(enum board_fault fault)
{
    interrupts_off();
    audio_silence();
    tick_start(SYSTICK_CPU_CLOCK_ENABLE);
    for (;;) {
        for (unsigned blink = 0; blink < (unsigned)fault; blink++) {
            board_led(true);
            delay_without_interrupts(BLINK_ON_MS);
            board_led(false);
            delay_without_interrupts(BLINK_OFF_MS);
        }
        delay_without_interrupts(BLINK_PAUSE_MS);
    }
}

__attribute__((noreturn, used)) void board_fault_main(void);

__attribute__((noreturn, used)) void board_fault_main(void)
{
    board_stop(BOARD_FAULT_CPU);
}

/* The stack may be what broke: start it anew. */
__attribute__((naked)) void board_fault_entry(void)
{
    __asm volatile(
        "cpsid i\n"
        "movw r0, #:lower16:ld_stack_top\n"
        "movt r0, #:upper16:ld_stack_top\n"
        "msr msp, r0\n"
        "b board_fault_main\n");
}
