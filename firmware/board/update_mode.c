/*
 * Without opening the box: into whatever put this image where it is.
 */
#include "update_mode.h"

#include "board/audio.h"
#include "board_wiring.h"
#include "chip/delay.h"
#include "chip/pins.h"
#include "chip/registers/system.h"
#include "core/processor.h"
#include "core/reset.h"

#if defined(BOOT_FLASH)

#define BOOT0_HOLD_MS 10u

/* A pin of the board is wired to BOOT0, where a capacitor holds the level through the reset. */
static void ask_for_update(void)
{
    static const struct pin boot0 = { .port = BOOT0_PORT, .number = BOOT0_PIN, .mode = PIN_OUTPUT };

    pin_init_output(&boot0, true);
    delay_polled_ms(BOOT0_HOLD_MS);
}

#else

/* In the first word of backup SRAM: the Daisy bootloader then waits for as long as it takes. */
#define BOOTLOADER_STAYS 0xB0074EFAu

static void ask_for_update(void)
{
    *(volatile uint32_t *)BACKUP_SRAM = BOOTLOADER_STAYS;
    data_barrier();
}

#endif

__attribute__((noreturn)) void board_update_mode(void)
{
    interrupts_off();
    audio_silence();
    ask_for_update();
    processor_reset();
}
