"""C that brings up ADC1 and DMA1 stream 2 register by register, from the reference manual alone.

It needs `REG` of `emulator_images.BARE_START`.
"""

from __future__ import annotations

REGISTERS = """
#define ADC_ISR REG(0x40022000u)
#define ADC_CR REG(0x40022008u)
#define ADC_CFGR REG(0x4002200Cu)
#define ADC_CFGR2 REG(0x40022010u)
#define ADC_SMPR1 REG(0x40022014u)
#define ADC_SMPR2 REG(0x40022018u)
#define ADC_PCSEL REG(0x4002201Cu)
#define ADC_SQR1 REG(0x40022030u)
#define ADC_CCR REG(0x40022308u)
#define RESULTS 0x30007F00u
"""

POWER_UP = """
/* Clocks of the ports A to C, ADC1, DMA1 and D2 SRAM; per_ck is the HSI: 64 MHz / 4 / 2 = 8 MHz. */
static void clocks_on(void)
{
    REG(0x580244E0u) |= 7u;
    REG(0x580244D8u) |= 1u | 1u << 5;
    REG(0x580244DCu) |= 7u << 29;
    REG(0x58024458u) = 2u << 16;
    ADC_CCR = 2u << 18;
}
static void wait_us(uint32_t us) /* at 480 MHz or less */
{
    for (volatile uint32_t i = 0; i < 100u * us; i++) {}
}
static void power_up(void)
{
    ADC_CR = 0;
    ADC_CR = 1u << 28;
    wait_us(20);
    ADC_CR = 1u << 28 | 1u << 8;
}
static void calibrate(void)
{
    ADC_CR |= 1u << 31 | 1u << 16;
    while (ADC_CR >> 31) {}
    wait_us(1);
}
static void enable(void)
{
    ADC_ISR = 1u;
    ADC_CR |= 1u;
    while (!(ADC_ISR & 1u)) {}
}
"""

SCAN = """
/* PA3, PB1, PC1: channels 15, 5, 11; 16 bits, 64.5 + 8.5 cycles. */
static void pins_analog(void)
{
    REG(0x58020000u) |= 3u << 6;
    REG(0x58020400u) |= 3u << 2;
    REG(0x58020800u) |= 3u << 2;
}
static void sequence(void)
{
    ADC_PCSEL = 1u << 15 | 1u << 5 | 1u << 11;
    ADC_SMPR1 = 5u << 15;
    ADC_SMPR2 = 5u << 3 | 5u << 15;
    ADC_SQR1 = 2u | 15u << 6 | 5u << 12 | 11u << 18;
    ADC_CFGR = 1u << 31 | 1u << 13 | 1u << 12 | 3u;
}
"""

STREAM = """
/* Stream 2, request 9: halfwords in a circle of `count`. */
static void stream(uint32_t count)
{
    REG(0x40020808u) = 9;
    REG(0x40020044u) = count;
    REG(0x40020048u) = 0x40022040u;
    REG(0x4002004Cu) = RESULTS;
    REG(0x40020040u) = 1u << 13 | 1u << 11 | 1u << 10 | 1u << 8;
    REG(0x40020040u) |= 1u;
}
static void start(void) { ADC_CR |= 1u << 2; }
"""

ALL_UP = """
static void all_up(uint32_t count)
{
    clocks_on(); power_up(); calibrate(); enable();
    pins_analog(); sequence(); stream(count); start();
}
"""

PROGRAM = REGISTERS + POWER_UP + SCAN + STREAM + ALL_UP
