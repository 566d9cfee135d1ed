/*
 * ADC1 (RM0433, chapter 26) from the crystal, by way of per_ck: no PLL has a hand in it. DMA1
 * stream 2 brings its codes; nothing interrupts.
 */
#include "adc.h"

#include "board_wiring.h"
#include "chip/clock.h"
#include "chip/delay.h"
#include "chip/dma.h"
#include "chip/registers/adc.h"
#include "chip/registers/rcc.h"
#include "chip/registers/system.h"
#include "core/sections.h"
#include "core/wait.h"

#define STREAM 2u
#define SAMPLES_LOG2 2u
#define REGULATOR_US 10u
/* Of revisions that do not halve the clock, and have one step of it. */
#define BOOST_OF_WHOLE_CLOCK (CRYSTAL_HZ > 20000000u ? ADC_CR_BOOST_OVER_20_MHZ : 0u)
#define AFTER_CALIBRATION_US 1u /* four of its cycles */

DMA_MEMORY static int32_t adc_codes[ADC_MOST_CHANNELS];

static void clock_start(void)
{
    RCC_D1CCIPR = (RCC_D1CCIPR & ~RCC_D1CCIPR_CKPERSEL_MASK) | clock_steady_choice();
    RCC_D3CCIPR = (RCC_D3CCIPR & ~RCC_D3CCIPR_ADCSEL_MASK) | RCC_D3CCIPR_ADCSEL_PER;
    RCC_AHB1ENR = RCC_AHB1ENR | RCC_AHB1ENR_ADC12EN | RCC_AHB1ENR_DMA1EN;
    (void)RCC_AHB1ENR;
    ADC12_CCR = ADC12_CCR_KERNEL_CLOCK;
}

/* Out of its deep sleep, its regulator on, its offset known. */
static bool wake(void)
{
    const bool halves_clock =
        (DBGMCU_IDCODE >> DBGMCU_IDCODE_REVISION_SHIFT) >= DBGMCU_REVISION_V;
    const uint32_t boost = halves_clock ? ADC_CR_BOOST_25_MHZ : BOOST_OF_WHOLE_CLOCK;

    ADC1_CR = 0;
    ADC1_CR = ADC_CR_ADVREGEN;
    delay_us(REGULATOR_US);
    ADC1_CR = ADC_CR_ADVREGEN | boost;
    ADC1_DIFSEL = 0;
    ADC1_CR = ADC1_CR | ADC_CR_ADCAL;
    const bool is_calibrated = wait_for(&ADC1_CR, ADC_CR_ADCAL, 0);
    delay_us(AFTER_CALIBRATION_US);
    ADC1_ISR = ADC_ISR_ADRDY;
    ADC1_CR = ADC1_CR | ADC_CR_ADEN;
    return is_calibrated && wait_for(&ADC1_ISR, ADC_ISR_ADRDY, ADC_ISR_ADRDY);
}

static void sequence_set(const uint8_t *channels, size_t count)
{
    uint32_t preselected = 0;

    ADC1_CFGR =
        ADC_CFGR_DMNGT_CIRCLE | ADC_CFGR_OVRMOD_NEWEST | ADC_CFGR_CONT | ADC_CFGR_JQDIS;
    ADC1_CFGR2 = ADC_CFGR2_ROVSE | ADC_CFGR2_OVSS(SAMPLES_LOG2) | ADC_CFGR2_OSVR(ADC_SAMPLES);
    ADC1_SQR(0u) = ADC_SQR1_L(count);
    for (uint32_t place = 0; place < count; place++) {
        const uint32_t channel = channels[place];
        ADC1_SMPR(channel) = ADC1_SMPR(channel) | ADC_SMPR_16_5_CYCLES(channel);
        ADC1_SQR(place) = ADC1_SQR(place) | ADC_SQR_SQ(place, channel);
        preselected |= 1u << channel;
    }
    ADC1_PCSEL = preselected;
}

static bool stream_start(size_t count)
{
    const struct dma_circle circle = {
        .request = DMAMUX1_ADC1,
        .peripheral = ADC1_DR_ADDRESS,
        .memory = adc_codes,
        .words = (uint32_t)count,
        .receives = true,
        .is_silent = true,
    };
    const bool stands = dma_stop(STREAM);

    dma_start(STREAM, &circle, 0);
    return stands;
}

static bool has_all_codes(void)
{
    const uint32_t complete = DMA_FLAG_COMPLETE << DMA_FLAG_SHIFT(STREAM);

    return wait_for(&DMA1_LISR, complete, complete);
}

bool adc_start(const uint8_t *channels, size_t count)
{
    clock_start();
    if (!wake()) {
        return false;
    }
    sequence_set(channels, count);
    if (!stream_start(count)) {
        return false;
    }
    ADC1_CR = ADC1_CR | ADC_CR_ADSTART;
    return has_all_codes();
}

ITCM_CODE void adc_read(uint16_t *codes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        codes[i] = (uint16_t)*(const volatile int32_t *)&adc_codes[i];
    }
}
