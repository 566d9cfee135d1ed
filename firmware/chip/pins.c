/*
 * Pins are changed one by one: what another pin of the port does, goes on.
 */
#include "pins.h"

#include "chip/registers/rcc.h"

bool pin_read(char port, unsigned number)
{
    return ((GPIO(port, GPIO_IDR) >> number) & 1u) != 0u;
}

static void modify(volatile uint32_t *reg, uint32_t mask, uint32_t value)
{
    *reg = (*reg & ~mask) | value;
}

static void port_start(char port)
{
    RCC_AHB4ENR = RCC_AHB4ENR | RCC_AHB4ENR_GPIOEN(port);
    (void)RCC_AHB4ENR;
}

void pin_init(const struct pin *pin)
{
    const char port = pin->port;
    const uint32_t pair = 2u * pin->number;
    const uint32_t quad = 4u * (pin->number % 8u);
    const uint32_t alternate_offset = GPIO_AFRL + 4u * (pin->number / 8u);

    port_start(port);
    modify(&GPIO(port, GPIO_OSPEEDR), 3u << pair, (uint32_t)pin->speed << pair);
    modify(&GPIO(port, GPIO_OTYPER), BIT(pin->number), (uint32_t)pin->drive << pin->number);
    modify(&GPIO(port, GPIO_PUPDR), 3u << pair, (uint32_t)pin->pull << pair);
    if (pin->mode == PIN_ALTERNATE) {
        modify(&GPIO(port, alternate_offset), 15u << quad, pin->alternate << quad);
    }
    modify(&GPIO(port, GPIO_MODER), 3u << pair, (uint32_t)pin->mode << pair);
}

/* The level first, so that the output begins with it. */
void pin_init_output(const struct pin *pin, bool high)
{
    port_start(pin->port);
    pin_write(pin->port, pin->number, high);
    pin_init(pin);
}
