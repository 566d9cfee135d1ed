/*
 * Pins.
 */
#ifndef PINS_H
#define PINS_H

#include <stdbool.h>
#include <stdint.h>

#include "chip/registers/gpio.h"

enum pin_mode { PIN_INPUT = 0, PIN_OUTPUT = 1, PIN_ALTERNATE = 2, PIN_ANALOG = 3 };
enum pin_pull { PIN_FLOATING = 0, PIN_PULL_UP = 1, PIN_PULL_DOWN = 2 };
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

/* Also gives the port its clock. */
void pin_init(const struct pin *pin);
/* An output that begins with a level. */
void pin_init_output(const struct pin *pin, bool high);
bool pin_read(char port, unsigned number);

/* Inline: the audio interrupt needs it in ITCM, a fault before ITCM is filled needs it, too. */
static inline void pin_write(char port, unsigned number, bool high)
{
    GPIO(port, GPIO_BSRR) = BIT(high ? number : number + GPIO_BSRR_RESET_SHIFT);
}

#endif
