/*
 * ADC1 (RM0433, section 26.6) and what it shares with ADC2 (section 26.7).
 */
#ifndef ADC_REGISTERS_H
#define ADC_REGISTERS_H

#include "core/registers/register.h"

#define ADC1_ISR REGISTER(0x40022000u)
#define ADC1_CR REGISTER(0x40022008u)
#define ADC1_CFGR REGISTER(0x4002200Cu)
#define ADC1_CFGR2 REGISTER(0x40022010u)
/* Sample times: ten channels in each of two. */
#define ADC1_SMPR(channel) REGISTER(0x40022014u + 4u * ((channel) / 10u))
#define ADC1_PCSEL REGISTER(0x4002201Cu)
/* The sequence: its length and four channels, then five, five and two. */
#define ADC1_SQR(place) REGISTER(0x40022030u + 4u * (((place) + 1u) / 5u))
#define ADC1_DR_ADDRESS 0x40022040u
#define ADC1_DIFSEL REGISTER(0x400220C0u)
#define ADC12_CCR REGISTER(0x40022308u)

#define ADC_ISR_ADRDY BIT(0)
#define ADC_CR_ADEN BIT(0)
#define ADC_CR_ADSTART BIT(2)
/* For a clock of 12.5 to 25 MHz; bit 9 is reserved before revision V. */
#define ADC_CR_BOOST_OVER_20_MHZ BIT(8) /* before revision V */
#define ADC_CR_BOOST_25_MHZ FIELD(2u, 8)
#define ADC_CR_ADVREGEN BIT(28)
#define ADC_CR_ADCAL BIT(31)
/* RES is 0: 16 bits. */
#define ADC_CFGR_DMNGT_CIRCLE FIELD(3u, 0)
#define ADC_CFGR_OVRMOD_NEWEST BIT(12)
#define ADC_CFGR_CONT BIT(13)
#define ADC_CFGR_JQDIS BIT(31)
#define ADC_CFGR2_ROVSE BIT(0)
#define ADC_CFGR2_OVSS(bits) FIELD(bits, 5)
#define ADC_CFGR2_OSVR(samples) FIELD_COUNT(samples, 16)
#define ADC_SMPR_16_5_CYCLES(channel) FIELD(3u, 3u * ((channel) % 10u))
/* SQR1 is 0 but for the length; each channel has six bits of its own, by its place from 0. */
#define ADC_SQR1_L(channels) FIELD_COUNT(channels, 0)
#define ADC_SQR_SQ(place, channel) FIELD(channel, 6u * (((place) + 1u) % 5u))
#define ADC12_CCR_KERNEL_CLOCK 0u /* CKMODE and PRESC: the kernel's clock as it is */

#endif
