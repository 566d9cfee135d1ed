/*
 * Whoever ran before leaves interrupts, DMA, timers and modes behind. Everything is brought back to
 * what a reset gives, but the memory that holds the running image.
 */
#include "handover.h"

#include "chip/irq.h"
#include "chip/registers/exti.h"
#include "chip/registers/rcc.h"
#include "chip/registers/rcc_reset.h"
#include "core/processor.h"
#include "core/registers/nvic.h"
#include "core/registers/scb.h"
#include "core/registers/systick.h"

#define AHB1_ALL \
    (RCC_AHB1RSTR_DMA1RST | RCC_AHB1RSTR_DMA2RST | RCC_AHB1RSTR_ADC12RST \
     | RCC_AHB1RSTR_ETH1MACRST | RCC_AHB1RSTR_USB1OTGRST | RCC_AHB1RSTR_USB2OTGRST)
#define AHB2_ALL \
    (RCC_AHB2RSTR_DCMIRST | RCC_AHB2RSTR_CRYPTRST | RCC_AHB2RSTR_HASHRST | RCC_AHB2RSTR_RNGRST \
     | RCC_AHB2RSTR_SDMMC2RST)
#define AHB3_BUT_QSPI \
    (RCC_AHB3RSTR_MDMARST | RCC_AHB3RSTR_DMA2DRST | RCC_AHB3RSTR_JPGDECRST \
     | RCC_AHB3RSTR_SDMMC1RST | RCC_AHB3RSTR_FMCRST)
/* The pins of the QSPI flash. */
#define AHB4_PORTS_OF_QSPI (RCC_AHB4RSTR_GPIOFRST | RCC_AHB4RSTR_GPIOGRST)
#define AHB4_BUT_PORTS \
    (RCC_AHB4RSTR_CRCRST | RCC_AHB4RSTR_BDMARST | RCC_AHB4RSTR_ADC3RST | RCC_AHB4RSTR_HSEMRST)
#define APB3_ALL RCC_APB3RSTR_LTDCRST
#define APB1L_ALL \
    (RCC_APB1LRSTR_TIM2_TO_7 | RCC_APB1LRSTR_TIM12_TO_14 | RCC_APB1LRSTR_LPTIM1RST \
     | RCC_APB1LRSTR_SPI2_AND_3 | RCC_APB1LRSTR_SPDIFRXRST | RCC_APB1LRSTR_USART2_TO_5 \
     | RCC_APB1LRSTR_I2C1RST | RCC_APB1LRSTR_I2C2RST | RCC_APB1LRSTR_I2C3RST \
     | RCC_APB1LRSTR_CECRST | RCC_APB1LRSTR_DAC12RST | RCC_APB1LRSTR_UART7_AND_8)
#define APB1H_ALL \
    (RCC_APB1HRSTR_CRSRST | RCC_APB1HRSTR_SWPRST | RCC_APB1HRSTR_OPAMPRST \
     | RCC_APB1HRSTR_MDIOSRST | RCC_APB1HRSTR_FDCANRST)
#define APB2_ALL \
    (RCC_APB2RSTR_TIM1RST | RCC_APB2RSTR_TIM8RST | RCC_APB2RSTR_USART1RST \
     | RCC_APB2RSTR_USART6RST | RCC_APB2RSTR_SPI1RST | RCC_APB2RSTR_SPI4RST \
     | RCC_APB2RSTR_TIM15_TO_17 | RCC_APB2RSTR_SPI5RST | RCC_APB2RSTR_SAI1_TO_3 \
     | RCC_APB2RSTR_DFSDM1RST | RCC_APB2RSTR_HRTIMRST)
/* Not SYSCFG: its overdrive bit may be what the clock of this moment needs. */
#define APB4_ALL \
    (RCC_APB4RSTR_LPUART1RST | RCC_APB4RSTR_SPI6RST | RCC_APB4RSTR_I2C4RST \
     | RCC_APB4RSTR_LPTIM2_TO_5 | RCC_APB4RSTR_COMP12RST | RCC_APB4RSTR_VREFRST \
     | RCC_APB4RSTR_SAI4RST)

#ifdef BOOT_QSPI
#define AHB3_ALL AHB3_BUT_QSPI
#define AHB4_ALL (AHB4_BUT_PORTS | (RCC_AHB4RSTR_GPIO_A_TO_K & ~AHB4_PORTS_OF_QSPI))
#else
#define AHB3_ALL (AHB3_BUT_QSPI | RCC_AHB3RSTR_QSPIRST)
#define AHB4_ALL (AHB4_BUT_PORTS | RCC_AHB4RSTR_GPIO_A_TO_K)
#endif

static void interrupts_forget(void)
{
    SYST_CSR = 0;
    SYST_RVR = 0;
    SYST_CVR = 0;
    for (uint32_t word = 0; word < IRQ_WORDS; word++) {
        NVIC_ICER(word) = NVIC_ALL;
        NVIC_ICPR(word) = NVIC_ALL;
    }
    SCB_ICSR = SCB_ICSR_PENDSTCLR | SCB_ICSR_PENDSVCLR;
    /* Lines of the EXTI stay pending in it, and would be raised again. */
    EXTI_CPUIMR1 = 0;
    EXTI_RTSR1 = 0;
    RCC_CIER = 0;
}

void handover_core(void)
{
    interrupts_forget();
    SCB_SCR = 0; /* SLEEPDEEP would stop every clock at the first WFI */
    /* No traps for unaligned access or division by 0; caches and branch prediction as they are. */
    SCB_CCR = (SCB_CCR & (SCB_CCR_IC | SCB_CCR_DC)) | SCB_CCR_BP | SCB_CCR_STKALIGN;
    SCB_SHPR1 = 0;
    SCB_SHPR2 = 0;
    SCB_SHCSR = SCB_SHCSR_MEMFAULTENA | SCB_SHCSR_BUSFAULTENA | SCB_SHCSR_USGFAULTENA;
    SCB_CFSR = SCB_CFSR; /* written ones clear */
    SCB_HFSR = SCB_HFSR;
    SCB_CPACR = SCB_CPACR | SCB_CPACR_FPU_FULL;
    data_barrier();
    instruction_barrier();
    /* No flush to zero, no default NaN, round to nearest: here, and in every new context. */
    FPU_FPCCR = FPU_FPCCR_ASPEN | FPU_FPCCR_LSPEN;
    FPU_FPDSCR = 0;
    fpscr_clear();
    data_barrier();
    instruction_barrier();
}

static void reset_and_release(volatile uint32_t *reg, uint32_t bits)
{
    *reg = bits;
    (void)*reg;
    *reg = 0;
    (void)*reg;
}

void handover_peripherals(void)
{
    reset_and_release(&RCC_AHB3RSTR, AHB3_ALL);
    reset_and_release(&RCC_AHB1RSTR, AHB1_ALL);
    reset_and_release(&RCC_AHB2RSTR, AHB2_ALL);
    reset_and_release(&RCC_AHB4RSTR, AHB4_ALL);
    reset_and_release(&RCC_APB3RSTR, APB3_ALL);
    reset_and_release(&RCC_APB1LRSTR, APB1L_ALL);
    reset_and_release(&RCC_APB1HRSTR, APB1H_ALL);
    reset_and_release(&RCC_APB2RSTR, APB2_ALL);
    reset_and_release(&RCC_APB4RSTR, APB4_ALL);
    data_barrier();
}
