/*
 * Clocks from the board's crystal: 480 or 400 MHz for the processor, and a multiple of 48 kHz for
 * audio. The build finds the factors from the crystal's frequency; on a Daisy Seed:
 *
 *   PLL1   16 MHz / 4 * 240 / 2 = 480 MHz   (or * 200: 400 MHz)
 *   PLL3   16 MHz / 5 * 192 / 50 = 12.288 MHz, / 256 = 48000 Hz: exact, without a fraction
 *   QSPI   at 480 MHz: PLL1 Q, 960 MHz / 5 = 192 MHz; the bootloader's prescaler halves it: 96 MHz.
 *          The bus clock it uses otherwise would give 240 / 2 = 120 MHz, too fast for many boards.
 *          At 400 MHz: the bus clock, 200 / 2 = 100 MHz.
 *
 * Where another chip gives the clock in a crystal's place, it may give none: then all of this comes
 * from the internal oscillator, with factors of its own, and is up to 1 % off.
 *
 * What changes a clock runs from instruction memory: an image that executes from QSPI flash changes
 * the clock of the memory it comes from.
 */
#include "clock.h"

#include "board_wiring.h"

#include "chip/hooks.h"
#include "chip/registers/pwr.h"
#include "chip/registers/rcc.h"
#include "chip/registers/system.h"
#include "core/processor.h"
#include "core/sections.h"
#include "core/wait.h"

#ifndef CPU_CLOCK_HZ
#error "CPU_CLOCK_HZ: 480000000 or 400000000"
#endif
#define FAST_HZ 480000000
#define SLOW_HZ 400000000
#if CPU_CLOCK_HZ != FAST_HZ && CPU_CLOCK_HZ != SLOW_HZ
#error "CPU_CLOCK_HZ must be 480000000 or 400000000"
#endif

#ifdef BOOT_QSPI
#define PLL1_Q_OUTPUT RCC_PLLCFGR_DIVQ1EN
#else
#define PLL1_Q_OUTPUT 0u
#endif
#define HSI_HZ 64000000u
/* Of what the PLLs come from: the crystal, or what is there in its place. */
#ifdef CRYSTAL_IS_BYPASSED
#define HAS_CRYSTAL ((RCC_CR & RCC_CR_HSERDY) != 0u)
#define FACTOR(has_crystal, name) either(has_crystal, name, INTERNAL_##name)
#else
#define HAS_CRYSTAL true
#define FACTOR(has_crystal, name) (name)
#endif
/* Of the processor's clock that AHB has, and of AHB's that each APB has; see the switch below. */
#define AHB_DIVISOR 2u
#define APB_DIVISOR 2u
#define PLL_Q_UNUSED 2u
#define PLL_R_UNUSED 2u
#define ALL_PLLS_ON (RCC_CR_PLL1ON | RCC_CR_PLL2ON | RCC_CR_PLL3ON)
#define ALL_PLLS_READY (RCC_CR_PLL1RDY | RCC_CR_PLL2RDY | RCC_CR_PLL3RDY)

#ifdef CRYSTAL_IS_BYPASSED

static uint32_t pll_source_hz(void)
{
    const uint32_t source = RCC_PLLCKSELR & RCC_PLLCKSELR_SOURCE_MASK;

    return source == RCC_PLLCKSELR_HSE ? CRYSTAL_HZ : HSI_HZ;
}

#else

static uint32_t pll_source_hz(void)
{
    return CRYSTAL_HZ;
}

#endif

/* From the registers: also right before memory is set up, and when the crystal has stopped. */
uint32_t clock_cpu_hz(void)
{
    const uint32_t m = (RCC_PLLCKSELR >> RCC_PLLCKSELR_DIVM1_SHIFT) & RCC_PLLCKSELR_DIVM_MASK;
    const uint32_t n = RCC_PLLDIVR_N(RCC_PLL1DIVR);
    const uint32_t p = RCC_PLLDIVR_P(RCC_PLL1DIVR);
    const uint32_t source = (RCC_CFGR >> RCC_CFGR_SWS_SHIFT) & RCC_CFGR_SW_MASK;

    return source == RCC_CFGR_SW_PLL1 && m != 0u ? pll_source_hz() / m * n / p : HSI_HZ;
}

uint32_t clock_ahb_hz(void)
{
    return clock_cpu_hz() / AHB_DIVISOR;
}

uint32_t clock_apb1_hz(void)
{
    return clock_ahb_hz() / APB_DIVISOR;
}

ITCM_CODE static void require(const volatile uint32_t *reg, uint32_t mask, uint32_t value)
{
    if (!wait_for(reg, mask, value)) {
        board_stop(CHIP_CLOCK_NOT_READY);
    }
}

/* A bootloader hands over with the PLLs running; they can only be set while they stand. */
ITCM_CODE static void clock_from_internal_oscillator(void)
{
    RCC_CR = RCC_CR | RCC_CR_HSION;
    require(&RCC_CR, RCC_CR_HSIRDY, RCC_CR_HSIRDY);
    RCC_CFGR = RCC_CFGR & ~RCC_CFGR_SW_MASK;
    require(&RCC_CFGR, RCC_CFGR_SW_MASK << RCC_CFGR_SWS_SHIFT,
            RCC_CFGR_SW_HSI << RCC_CFGR_SWS_SHIFT);
    /* The QSPI flash from the bus, so that it keeps a clock. */
    RCC_D1CCIPR = RCC_D1CCIPR & ~RCC_D1CCIPR_QSPISEL_MASK;
    (void)RCC_D1CCIPR;
    RCC_CR = RCC_CR & ~ALL_PLLS_ON;
    require(&RCC_CR, ALL_PLLS_READY, 0);
}

/* The voltage scale 0 that 480 MHz needs is set in SYSCFG, which ignores writes without a clock. */
ITCM_CODE static void voltage_set(bool fast)
{
    RCC_APB4ENR = RCC_APB4ENR | RCC_APB4ENR_SYSCFGEN;
    (void)RCC_APB4ENR;
    PWR_CR3 = (PWR_CR3 & ~PWR_CR3_SUPPLY_MASK) | PWR_CR3_LDOEN;
    require(&PWR_CSR1, PWR_CSR1_ACTVOSRDY, PWR_CSR1_ACTVOSRDY);
    PWR_D3CR = PWR_D3CR | PWR_D3CR_VOS1;
    require(&PWR_D3CR, PWR_D3CR_VOSRDY, PWR_D3CR_VOSRDY);
    SYSCFG_PWRCR = fast ? SYSCFG_PWRCR_ODEN : 0u;
    (void)SYSCFG_PWRCR;
    require(&PWR_D3CR, PWR_D3CR_VOSRDY, PWR_D3CR_VOSRDY);
}

#ifdef CRYSTAL_IS_BYPASSED

ITCM_CODE static uint32_t either(bool first, uint32_t one, uint32_t other)
{
    return first ? one : other;
}

/* 4 ms or more; a clock that is there is seen within a few reads. */
#define GIVEN_CLOCK_READS 250000u

ITCM_CODE static bool given_clock_comes(void)
{
    uint32_t reads = 0;

    while ((RCC_CR & RCC_CR_HSERDY) == 0u && reads < GIVEN_CLOCK_READS) {
        reads++;
    }
    return reads < GIVEN_CLOCK_READS;
}

/*
 * How the pin takes a clock can only be set while it is off. Where none comes, what is slow and
 * steady is the low-power oscillator, 4 MHz.
 */
ITCM_CODE static void given_clock_start(void)
{
    RCC_CR = RCC_CR & ~(RCC_CR_HSEON | RCC_CR_HSECSSON);
    require(&RCC_CR, RCC_CR_HSERDY, 0);
    RCC_CR = RCC_CR | RCC_CR_HSEBYP;
    RCC_CR = RCC_CR | RCC_CR_HSEON;
    if (!given_clock_comes()) {
        RCC_CR = (RCC_CR & ~RCC_CR_HSEON) | RCC_CR_CSION;
        require(&RCC_CR, RCC_CR_CSIRDY, RCC_CR_CSIRDY);
    }
}

#endif

ITCM_CODE static void plls_start(bool fast)
{
    const bool has_crystal = HAS_CRYSTAL;
    const uint32_t hz = has_crystal ? CRYSTAL_HZ : HSI_HZ;
    const uint32_t m1 = FACTOR(has_crystal, PLL1_M);
    const uint32_t m3 = FACTOR(has_crystal, PLL3_M);

    RCC_PLLCKSELR = (has_crystal ? RCC_PLLCKSELR_HSE : RCC_PLLCKSELR_HSI)
        | FIELD(m1, RCC_PLLCKSELR_DIVM1_SHIFT) | FIELD(m3, RCC_PLLCKSELR_DIVM3_SHIFT);
    RCC_PLLCFGR = RCC_PLLCFGR_PLL1RGE(hz / m1) | RCC_PLLCFGR_PLL3RGE(hz / m3)
        | RCC_PLLCFGR_PLL3VCOSEL(FACTOR(has_crystal, PLL3_IS_MEDIUM)) | RCC_PLLCFGR_DIVP1EN
        | PLL1_Q_OUTPUT | RCC_PLLCFGR_DIVP3EN;
    RCC_PLL1DIVR = RCC_PLLDIVR(
        fast ? FACTOR(has_crystal, PLL1_N_480_MHZ) : FACTOR(has_crystal, PLL1_N_400_MHZ),
        FACTOR(has_crystal, PLL1_P), FACTOR(has_crystal, PLL1_Q), PLL_R_UNUSED);
    RCC_PLL1FRACR = 0;
    RCC_PLL3DIVR = RCC_PLLDIVR(FACTOR(has_crystal, PLL3_N), FACTOR(has_crystal, PLL3_P),
                               PLL_Q_UNUSED, PLL_R_UNUSED);
    RCC_PLL3FRACR = RCC_PLLFRACR(FACTOR(has_crystal, PLL3_FRACTION));
#ifdef PLL3_HAS_FRACTION
    /* It counts from the moment on at which it is switched on. */
    RCC_PLLCFGR = RCC_PLLCFGR | RCC_PLLCFGR_PLL3FRACEN;
#endif
    RCC_CR = RCC_CR | RCC_CR_PLL1ON | RCC_CR_PLL3ON;
    require(&RCC_CR, RCC_CR_PLL1RDY | RCC_CR_PLL3RDY, RCC_CR_PLL1RDY | RCC_CR_PLL3RDY);
}

/* The clock of the flash this image may come from: after PLL1 runs, before the bus gets faster. */
ITCM_CODE static void qspi_switch(bool fast)
{
    if (PLL1_Q_OUTPUT != 0u && fast) {
        RCC_D1CCIPR = (RCC_D1CCIPR & ~RCC_D1CCIPR_QSPISEL_MASK) | RCC_D1CCIPR_QSPISEL_PLL1Q;
        (void)RCC_D1CCIPR;
        data_barrier();
    }
}

ITCM_CODE static void buses_and_cpu_switch(void)
{
    /* AHB at half the processor's clock, every APB at half of that. */
    RCC_D1CFGR = RCC_D1CFGR_HPRE_2 | RCC_D1CFGR_D1PPRE_2;
    RCC_D2CFGR = RCC_D2CFGR_D2PPRE1_2 | RCC_D2CFGR_D2PPRE2_2;
    RCC_D3CFGR = RCC_D3CFGR_D3PPRE_2;
    RCC_CFGR = (RCC_CFGR & ~RCC_CFGR_SW_MASK) | RCC_CFGR_SW_PLL1;
    require(&RCC_CFGR, RCC_CFGR_SW_MASK << RCC_CFGR_SWS_SHIFT,
            RCC_CFGR_SW_PLL1 << RCC_CFGR_SWS_SHIFT);
}

ITCM_CODE void clock_init(void)
{
    const uint32_t flash_at_240_mhz = FLASH_ACR_WRHIGHFREQ(3u) | FLASH_ACR_LATENCY(4u);
    const uint32_t flash_at_200_mhz = FLASH_ACR_WRHIGHFREQ(3u) | FLASH_ACR_LATENCY(2u);
    const bool can_do_480 = (DBGMCU_IDCODE >> DBGMCU_IDCODE_REVISION_SHIFT) >= DBGMCU_REVISION_V;
    const bool fast = can_do_480 && CPU_CLOCK_HZ == FAST_HZ;
    const uint32_t flash = fast ? flash_at_240_mhz : flash_at_200_mhz;

    clock_from_internal_oscillator();
    voltage_set(fast);
#ifdef CRYSTAL_IS_BYPASSED
    given_clock_start();
#else
    RCC_CR = RCC_CR | RCC_CR_HSEON;
    require(&RCC_CR, RCC_CR_HSERDY, RCC_CR_HSERDY);
#endif
    FLASH_ACR = flash;
    require(&FLASH_ACR, FLASH_ACR_MASK, flash);
    plls_start(fast);
    qspi_switch(fast);
    buses_and_cpu_switch();
    RCC_D2CCIP1R = (RCC_D2CCIP1R & ~RCC_D2CCIP1R_SAISEL_MASK(SAI_NUMBER))
        | RCC_D2CCIP1R_SAISEL_PLL3P(SAI_NUMBER);
    RCC_D2CCIP2R = RCC_D2CCIP2R & ~RCC_D2CCIP2R_I2C123SEL_MASK; /* from its bus */
    /* A crystal that stops is an NMI now, by the internal oscillator (RM0433, chapter 8). */
    if (HAS_CRYSTAL) {
        RCC_CR = RCC_CR | RCC_CR_HSECSSON;
    }
}

bool clock_has_failed(void)
{
    const bool has_failed = (RCC_CIFR & RCC_CIFR_HSECSSF) != 0u;

    RCC_CICR = RCC_CICR_HSECSSC;
    return has_failed;
}
