/*
 * Daisy Seed: what the pedal's main program may ask of the board.
 */
#ifndef BOARD_H
#define BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "stm32h750.h"

/* Code the processor runs from its zero-wait instruction memory. */
#define ITCM_CODE __attribute__((section(".itcm_text"), noinline))
/* Memory the DMA shares with the processor; the MPU keeps it out of the data cache. */
#define DMA_MEMORY __attribute__((section(".dma_bss"), aligned(32)))

enum board_revision {
    BOARD_SEED_REV4, /* AK4556 */
    BOARD_SEED_1_1,  /* WM8731 */
    BOARD_SEED2_DFM, /* PCM3060, its pin is the de-emphasis */
    BOARD_SEED_1_2,  /* PCM3060, its pin is the reset */
    BOARD_SEED3      /* TAC5242, 32 bits */
};

enum pin_mode { PIN_INPUT = 0, PIN_OUTPUT = 1, PIN_ALTERNATE = 2 };
enum pin_pull { PIN_FLOATING = 0, PIN_PULL_UP = 1 };
enum pin_speed { PIN_SLOW = 0, PIN_MEDIUM = 1 };
enum pin_drive { PIN_PUSH_PULL = 0, PIN_OPEN_DRAIN = 1 };

struct pin {
    char port;
    unsigned number;
    enum pin_mode mode;
    unsigned alternate;
    enum pin_pull pull;
    enum pin_speed speed;
    enum pin_drive drive;
};

/* board.c */
void board_init(void);
enum board_revision board_revision(void);
void board_led_init(void);
void board_delay_ms(uint32_t milliseconds);
/* For where no interrupt can enter; takes the tick away for good. */
void board_delay_polled_ms(uint32_t milliseconds);
/* At least that long. */
void board_delay_us(uint32_t microseconds);
void board_pin(const struct pin *pin);
bool board_pin_read(char port, unsigned number);
/* False when the bits do not take the value in the time any healthy part needs. */
bool board_wait(const volatile uint32_t *reg, uint32_t mask, uint32_t value);
void board_tick(void);
__attribute__((noreturn)) void board_reset(void);
/* Into the boot ROM, which takes a new image over USB. */
__attribute__((noreturn)) void board_update_mode(void);

/* Inline: the audio interrupt needs them in ITCM, a fault before ITCM is filled needs them, too. */
static inline void board_pin_write(char port, unsigned number, bool high)
{
    GPIO(port, GPIO_BSRR) = BIT(high ? number : number + 16u);
}

static inline void board_led(bool on)
{
    board_pin_write('C', 7, on);
}

/* clock.c */
void clock_init(void);
uint32_t clock_cpu_hz(void);
/* Whether the crystal has stopped; the processor then runs from the internal oscillator. */
bool clock_has_failed(void);

/* memory.c */
/* First of all: memory holds what the processor sees, and can be trusted. */
void memory_settle(void);
void memory_init(void);

/* codec.c */
void codec_init(enum board_revision revision);

/* audio.c */
void audio_start(enum board_revision revision);
uint32_t audio_blocks(void);
/* Counts since the start, for a debugger and for what comes after this firmware. */
uint32_t audio_late_blocks(void);
uint32_t audio_slips(void);
uint32_t audio_restarts(void);
void audio_silence(void);
void audio_interrupt_a(void);
void audio_interrupt_b(void);

#endif
