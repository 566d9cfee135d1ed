/*
 * The clocks of processor, buses and audio.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "board_wiring.h"
#include "chip/registers/rcc.h"

void clock_init(void);
uint32_t clock_cpu_hz(void);
/* Of the bus that QUADSPI is on, and of that of I2C1 to I2C3; once `clock_init` is done. */
uint32_t clock_ahb_hz(void);
uint32_t clock_apb1_hz(void);
/* Whether the crystal has stopped; the processor then runs from the internal oscillator. */
bool clock_has_failed(void);

/* What per_ck is to come from: the crystal, or what is as slow and steady where there is none. */
static inline uint32_t clock_steady_choice(void)
{
#ifdef CRYSTAL_IS_BYPASSED
    const bool has_crystal = (RCC_CR & RCC_CR_HSERDY) != 0u;

    return has_crystal ? RCC_D1CCIPR_CKPERSEL_HSE : RCC_D1CCIPR_CKPERSEL_CSI;
#else
    return RCC_D1CCIPR_CKPERSEL_HSE;
#endif
}

#endif
