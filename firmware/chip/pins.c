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
    const uint32_t pair = GPIO_PAIR_SHIFT(pin->number);
    const uint32_t quad = GPIO_AFR_SHIFT(pin->number);
    const uint32_t pair_mask = GPIO_PAIR_MASK << pair;

    port_start(port);
    modify(&GPIO(port, GPIO_OSPEEDR), pair_mask, (uint32_t)pin->speed << pair);
    modify(&GPIO(port, GPIO_OTYPER), BIT(pin->number), (uint32_t)pin->drive << pin->number);
    modify(&GPIO(port, GPIO_PUPDR), pair_mask, (uint32_t)pin->pull << pair);
    if (pin->mode == PIN_ALTERNATE) {
        modify(&GPIO(port, GPIO_AFR(pin->number)), GPIO_AFR_MASK << quad, pin->alternate << quad);
    }
    modify(&GPIO(port, GPIO_MODER), pair_mask, (uint32_t)pin->mode << pair);
}

/* The level first, so that the output begins with it. */
void pin_init_output(const struct pin *pin, bool high)
{
    port_start(pin->port);
    pin_write(pin->port, pin->number, high);
    pin_init(pin);
}
