/*
 * Dark until something is worth showing.
 */
#include "led.h"

void led_init(void)
{
    const struct pin led = { .port = LED_PORT, .number = LED_PIN, .mode = PIN_OUTPUT };

    pin_init(&led);
    led_set(false);
}
