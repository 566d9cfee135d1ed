/*
 * Whoever ran before leaves interrupts, DMA, timers and modes behind. Everything is brought back to
 * what a reset gives, but the memory that holds the running image.
 */
#include "handover.h"

#include "stm32h750.h"

/* DMA1, DMA2, ADC1 and 2, Ethernet, both USB. */
#define AHB1_ALL (BIT(0) | BIT(1) | BIT(5) | BIT(15) | BIT(25) | BIT(27))
/* Camera, cryptography, hash, random numbers, SDMMC2. */
#define AHB2_ALL (BIT(0) | BIT(4) | BIT(5) | BIT(6) | BIT(9))
/* MDMA, DMA2D, JPEG, SDMMC1. */
#define AHB3_MASTERS (BIT(0) | BIT(4) | BIT(5) | BIT(16))
#define AHB3_FMC BIT(12)
#define AHB3_QUADSPI BIT(14)
/* Ports A to K. F and G carry the QSPI flash. */
#define AHB4_PORTS 0x7FFu
#define AHB4_PORTS_OF_QSPI (BIT(5) | BIT(6))
/* CRC, BDMA, ADC3, semaphores. */
#define AHB4_OTHERS (BIT(19) | BIT(21) | BIT(24) | BIT(25))
/* Display. */
#define APB3_ALL BIT(3)
/* TIM2 to 7 and 12 to 14, LPTIM1; SPI2 and 3, SPDIF, USART2 to 5, I2C1 to 3, CEC, DAC, UART7, 8. */
#define APB1L_ALL (0x3FFu | 0x001FC000u | BIT(21) | BIT(22) | BIT(23) | BIT(27) | (7u << 29))
/* USB clock recovery, SWPMI, operational amplifiers, MDIOS, FDCAN. */
#define APB1H_ALL (BIT(1) | BIT(2) | BIT(4) | BIT(5) | BIT(8))
/* TIM1, TIM8, USART1, USART6, SPI1, 4, 5, TIM15 to 17, SAI1 to 3, DFSDM, HRTIM. */
#define APB2_ALL \
    (BIT(0) | BIT(1) | BIT(4) | BIT(5) | BIT(12) | BIT(13) | (7u << 16) | BIT(20) | (7u << 22) \
     | BIT(28) | BIT(29))
/*
 * LPUART1, SPI6, I2C4, LPTIM2 to 5, comparators, voltage reference, SAI4. Not SYSCFG: its overdrive
 * bit may be what the clock of this moment needs.
 */
#define APB4_ALL \
    (BIT(3) | BIT(5) | BIT(7) | (15u << 9) | BIT(14) | BIT(15) | BIT(21))

#ifdef BOOT_QSPI
#define AHB3_ALL (AHB3_MASTERS | AHB3_FMC)
#define AHB4_ALL (AHB4_OTHERS | (AHB4_PORTS & ~AHB4_PORTS_OF_QSPI))
#else
#define AHB3_ALL (AHB3_MASTERS | AHB3_FMC | AHB3_QUADSPI)
#define AHB4_ALL (AHB4_OTHERS | AHB4_PORTS)
#endif

static void interrupts_forget(void)
{
    SYST_CSR = 0;
    SYST_RVR = 0;
    SYST_CVR = 0;
    for (uint32_t word = 0; word < IRQ_WORDS; word++) {
        NVIC_ICER(word) = 0xFFFFFFFFu;
        NVIC_ICPR(word) = 0xFFFFFFFFu;
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
