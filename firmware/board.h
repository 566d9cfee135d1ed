/*
 * Daisy Seed: what the pedal's main program may ask of the board.
 */
#ifndef BOARD_H
#define BOARD_H

#include <stdbool.h>
#include <stdint.h>

/* Code the processor runs from its zero-wait instruction memory. */
#define ITCM_CODE __attribute__((section(".itcm_text"), noinline))
/* Memory the DMA shares with the processor; the MPU keeps it out of the data cache. */
#define DMA_MEMORY __attribute__((section(".dma_bss"), aligned(32)))

enum board_revision {
    BOARD_SEED_REV4,    /* AK4556 */
    BOARD_SEED_1_1,     /* WM8731 */
    BOARD_SEED2_DFM     /* PCM3060 */
};

/* What stopped the pedal: the number of blinks between two pauses. */
enum board_fault {
    BOARD_FAULT_CPU = 1,
    BOARD_FAULT_CLOCK = 2,
    BOARD_FAULT_CODEC = 3,
    BOARD_FAULT_AUDIO = 4
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
void board_led(bool on);
void board_delay_ms(uint32_t milliseconds);
void board_pin(const struct pin *pin);
void board_pin_write(char port, unsigned number, bool high);
bool board_pin_read(char port, unsigned number);
/* False when the bits do not take the value in the time any healthy part needs. */
bool board_wait(volatile uint32_t *reg, uint32_t mask, uint32_t value);
__attribute__((noreturn)) void board_stop(enum board_fault fault);
void board_fault_entry(void);
void board_tick(void);

/* clock.c */
void clock_init(void);
uint32_t clock_cpu_hz(void);

/* memory.c */
void memory_init(void);

/* codec.c */
void codec_init(enum board_revision revision);

/* audio.c */
void audio_start(enum board_revision revision);
uint32_t audio_blocks(void);
uint32_t audio_late_blocks(void);
void audio_silence(void);
void audio_interrupt_a(void);
void audio_interrupt_b(void);

#endif
