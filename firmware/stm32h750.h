/*
 * STM32H750: the registers this firmware uses, by the names of reference manual RM0433 and of the
 * Armv7-M architecture manual.
 */
#ifndef STM32H750_H
#define STM32H750_H

#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define REGISTER8(address) (*(volatile uint8_t *)(uintptr_t)(address))
#define BIT(n) (1u << (n))

/* Reset and clock control. */
#define RCC_CR REGISTER(0x58024400u)
#define RCC_CFGR REGISTER(0x58024410u)
#define RCC_D1CFGR REGISTER(0x58024418u)
#define RCC_D2CFGR REGISTER(0x5802441Cu)
#define RCC_D3CFGR REGISTER(0x58024420u)
#define RCC_PLLCKSELR REGISTER(0x58024428u)
#define RCC_PLLCFGR REGISTER(0x5802442Cu)
#define RCC_PLL1DIVR REGISTER(0x58024430u)
#define RCC_PLL1FRACR REGISTER(0x58024434u)
#define RCC_PLL3DIVR REGISTER(0x58024440u)
#define RCC_PLL3FRACR REGISTER(0x58024444u)
#define RCC_D1CCIPR REGISTER(0x5802444Cu)
#define RCC_D2CCIP1R REGISTER(0x58024450u)
#define RCC_D2CCIP2R REGISTER(0x58024454u)
#define RCC_CIER REGISTER(0x58024460u)
#define RCC_CIFR REGISTER(0x58024464u)
#define RCC_CICR REGISTER(0x58024468u)
#define RCC_AHB3RSTR REGISTER(0x5802447Cu)
#define RCC_AHB1RSTR REGISTER(0x58024480u)
#define RCC_AHB2RSTR REGISTER(0x58024484u)
#define RCC_AHB4RSTR REGISTER(0x58024488u)
#define RCC_APB3RSTR REGISTER(0x5802448Cu)
#define RCC_APB1LRSTR REGISTER(0x58024490u)
#define RCC_APB1HRSTR REGISTER(0x58024494u)
#define RCC_APB2RSTR REGISTER(0x58024498u)
#define RCC_APB4RSTR REGISTER(0x5802449Cu)
#define RCC_RSR REGISTER(0x580244D0u)
#define RCC_AHB1ENR REGISTER(0x580244D8u)
#define RCC_AHB2ENR REGISTER(0x580244DCu)
#define RCC_AHB4ENR REGISTER(0x580244E0u)
#define RCC_APB1LENR REGISTER(0x580244E8u)
#define RCC_APB2ENR REGISTER(0x580244F0u)
#define RCC_APB4ENR REGISTER(0x580244F4u)

#define RCC_CR_HSION BIT(0)
#define RCC_CR_HSIRDY BIT(2)
#define RCC_CR_HSEON BIT(16)
#define RCC_CR_HSERDY BIT(17)
#define RCC_CR_HSEBYP BIT(18)
#define RCC_CR_HSECSSON BIT(19)
#define RCC_CR_PLL1ON BIT(24)
#define RCC_CR_PLL1RDY BIT(25)
#define RCC_CR_PLL2ON BIT(26)
#define RCC_CR_PLL2RDY BIT(27)
#define RCC_CR_PLL3ON BIT(28)
#define RCC_CR_PLL3RDY BIT(29)
#define RCC_CFGR_SW_MASK 7u
#define RCC_CFGR_SW_HSI 0u
#define RCC_CFGR_SW_PLL1 3u
#define RCC_CFGR_SWS_SHIFT 3u
#define RCC_PLLCKSELR_HSE 2u
#define RCC_PLLCKSELR_DIVM1_SHIFT 4u
#define RCC_PLLCKSELR_DIVM3_SHIFT 20u
#define RCC_PLLCFGR_PLL1RGE_4_TO_8_MHZ (2u << 2)
#define RCC_PLLCFGR_PLL3RGE_2_TO_4_MHZ (1u << 10)
#define RCC_PLLCFGR_DIVP1EN BIT(16)
#define RCC_PLLCFGR_DIVQ1EN BIT(17)
#define RCC_PLLCFGR_DIVP3EN BIT(22)
#define RCC_D1CCIPR_QSPISEL_MASK (3u << 4)
#define RCC_D1CCIPR_QSPISEL_PLL1Q (1u << 4)
#define RCC_D2CCIP1R_SAI1SEL_MASK 7u
#define RCC_D2CCIP1R_SAI1SEL_PLL3P 2u
#define RCC_D2CCIP2R_I2C123SEL_MASK (3u << 12)
#define RCC_CIFR_HSECSSF BIT(10)
#define RCC_CICR_HSECSSC BIT(10)
#define RCC_AHB2ENR_D2_SRAMS (7u << 29)
#define RCC_AHB4ENR_BKPRAMEN BIT(28)
#define RCC_APB4ENR_SYSCFGEN BIT(1)
#define RCC_RSR_RMVF BIT(16)
#define RCC_RSR_IWDG1RSTF BIT(26)

/* Power control. */
#define PWR_CR1 REGISTER(0x58024800u)
#define PWR_CSR1 REGISTER(0x58024804u)
#define PWR_CR3 REGISTER(0x5802480Cu)
#define PWR_D3CR REGISTER(0x58024818u)
#define PWR_CR1_PVDE BIT(4)
#define PWR_CR1_PLS_MASK (7u << 5)
#define PWR_CR1_PLS_2_7_V (5u << 5)
#define PWR_CR1_DBP BIT(8)
#define PWR_CSR1_PVDO BIT(4)
#define PWR_CSR1_ACTVOSRDY BIT(13)
#define PWR_CR3_SUPPLY_MASK 7u
#define PWR_CR3_LDOEN BIT(1)
#define PWR_D3CR_VOSRDY BIT(13)
#define PWR_D3CR_VOS1 (3u << 14)

/* System configuration, flash interface, device identity, interconnect. */
#define SYSCFG_PWRCR REGISTER(0x5800042Cu)
#define SYSCFG_PWRCR_ODEN BIT(0)
#define FLASH_ACR REGISTER(0x52002000u)
#define FLASH_ACR_MASK 0x3Fu
#define DBGMCU_IDCODE REGISTER(0x5C001000u)
#define DBGMCU_APB4FZ1 REGISTER(0x5C001054u)
#define DBGMCU_APB4FZ1_IWDG1 BIT(18)
#define AXI_TARG7_FN_MOD REGISTER(0x51008108u)

/* Extended interrupts: line 16 is the voltage detector. */
#define EXTI_RTSR1 REGISTER(0x58000000u)
#define EXTI_CPUIMR1 REGISTER(0x58000080u)
#define EXTI_CPUPR1 REGISTER(0x58000088u)
#define EXTI_LINE_PVD BIT(16)

/* Independent watchdog, on a clock of its own (about 32 kHz). */
#define IWDG1_KR REGISTER(0x58004800u)
#define IWDG1_PR REGISTER(0x58004804u)
#define IWDG1_RLR REGISTER(0x58004808u)
#define IWDG1_SR REGISTER(0x5800480Cu)
#define IWDG_KR_FEED 0xAAAAu
#define IWDG_KR_UNLOCK 0x5555u
#define IWDG_KR_START 0xCCCCu
#define IWDG_PR_32 3u

#define BACKUP_SRAM 0x38800000u

/* General-purpose input and output; `port` is a letter. */
#define GPIO(port, offset) REGISTER(0x58020000u + 0x400u * (uint32_t)((port) - 'A') + (offset))
#define GPIO_MODER 0x00u
#define GPIO_OTYPER 0x04u
#define GPIO_OSPEEDR 0x08u
#define GPIO_PUPDR 0x0Cu
#define GPIO_IDR 0x10u
#define GPIO_BSRR 0x18u
#define GPIO_AFRL 0x20u

/* I2C2. */
#define I2C2_CR1 REGISTER(0x40005800u)
#define I2C2_CR2 REGISTER(0x40005804u)
#define I2C2_TIMINGR REGISTER(0x40005810u)
#define I2C2_ISR REGISTER(0x40005818u)
#define I2C2_ICR REGISTER(0x4000581Cu)
#define I2C2_TXDR REGISTER(0x40005828u)
#define I2C_CR2_START BIT(13)
#define I2C_CR2_NBYTES_SHIFT 16u
#define I2C_CR2_AUTOEND BIT(25)
#define I2C_ISR_TXIS BIT(1)
#define I2C_ISR_NACKF BIT(4)
#define I2C_ISR_STOPF BIT(5)
#define I2C_ISR_BERR BIT(8)
#define I2C_ISR_ARLO BIT(9)

/* DMA1 and its request multiplexer. */
#define DMA1_LISR REGISTER(0x40020000u)
#define DMA1_LIFCR REGISTER(0x40020008u)
#define DMA1_STREAM(stream, offset) REGISTER(0x40020010u + 0x18u * (stream) + (offset))
#define DMA_CR 0x00u
#define DMA_NDTR 0x04u
#define DMA_PAR 0x08u
#define DMA_M0AR 0x0Cu
#define DMA_FCR 0x14u
#define DMAMUX1_CCR(channel) REGISTER(0x40020800u + 4u * (channel))
#define DMA_CR_EN BIT(0)
#define DMA_CR_DMEIE BIT(1)
#define DMA_CR_TEIE BIT(2)
#define DMA_CR_HTIE BIT(3)
#define DMA_CR_TCIE BIT(4)
#define DMA_CR_TO_PERIPHERAL BIT(6)
#define DMA_CR_CIRC BIT(8)
#define DMA_CR_MINC BIT(10)
#define DMA_CR_PSIZE_32 (2u << 11)
#define DMA_CR_MSIZE_32 (2u << 13)
#define DMA_CR_PL_HIGH (2u << 16)
/* Flags of one stream, before the shift by its position in LISR and LIFCR. */
#define DMA_FLAG_DIRECT_ERROR BIT(2)
#define DMA_FLAG_ERROR BIT(3)
#define DMA_FLAG_HALF BIT(4)
#define DMA_FLAG_COMPLETE BIT(5)
#define DMA_FLAGS_ALL 0x3Du

/* SAI1; block 0 is A, block 1 is B. */
#define SAI1_ADDRESS(block, offset) (0x40015804u + 0x20u * (block) + (offset))
#define SAI1(block, offset) REGISTER(SAI1_ADDRESS(block, offset))
#define SAI_CR1 0x00u
#define SAI_CR2 0x04u
#define SAI_FRCR 0x08u
#define SAI_SLOTR 0x0Cu
#define SAI_SR 0x14u
#define SAI_CLRFR 0x18u
#define SAI_DR 0x1Cu
#define SAI_CR1_RECEIVE BIT(0)
#define SAI_CR1_SLAVE BIT(1)
#define SAI_CR1_DS_24 (6u << 5)
#define SAI_CR1_DS_32 (7u << 5)
#define SAI_CR1_CKSTR BIT(9)
#define SAI_CR1_SYNC_INTERNAL BIT(10)
#define SAI_CR1_SAIEN BIT(16)
#define SAI_CR1_DMAEN BIT(17)
#define SAI_CR1_MCKDIV_1 (1u << 20)
#define SAI_CR2_FFLUSH BIT(3)
#define SAI_SR_OVRUDR BIT(0)
#define SAI_SR_FLVL_MASK (7u << 16)
#define SAI_CLRFR_OVRUDR BIT(0)
#define SAI_CLRFR_ALL 0x77u

/* Processor core. */
#define SYST_CSR REGISTER(0xE000E010u)
#define SYST_RVR REGISTER(0xE000E014u)
#define SYST_CVR REGISTER(0xE000E018u)
#define NVIC_ISER(word) REGISTER(0xE000E100u + 4u * (word))
#define NVIC_ICER(word) REGISTER(0xE000E180u + 4u * (word))
#define NVIC_ICPR(word) REGISTER(0xE000E280u + 4u * (word))
#define NVIC_IPR(irq) REGISTER8(0xE000E400u + (irq))
#define SCB_ICSR REGISTER(0xE000ED04u)
#define SCB_VTOR REGISTER(0xE000ED08u)
#define SCB_AIRCR REGISTER(0xE000ED0Cu)
#define SCB_SCR REGISTER(0xE000ED10u)
#define SCB_CCR REGISTER(0xE000ED14u)
#define SCB_SHPR1 REGISTER(0xE000ED18u)
#define SCB_SHPR2 REGISTER(0xE000ED1Cu)
#define SCB_SHPR3 REGISTER(0xE000ED20u)
#define SCB_SHCSR REGISTER(0xE000ED24u)
#define SCB_CFSR REGISTER(0xE000ED28u)
#define SCB_HFSR REGISTER(0xE000ED2Cu)
#define SCB_MMFAR REGISTER(0xE000ED34u)
#define SCB_BFAR REGISTER(0xE000ED38u)
#define SCB_CCSIDR REGISTER(0xE000ED80u)
#define SCB_CSSELR REGISTER(0xE000ED84u)
#define SCB_CPACR REGISTER(0xE000ED88u)
#define MPU_TYPE REGISTER(0xE000ED90u)
#define MPU_CTRL REGISTER(0xE000ED94u)
#define MPU_RNR REGISTER(0xE000ED98u)
#define MPU_RBAR REGISTER(0xE000ED9Cu)
#define MPU_RASR REGISTER(0xE000EDA0u)
#define FPU_FPCCR REGISTER(0xE000EF34u)
#define FPU_FPDSCR REGISTER(0xE000EF3Cu)
#define SCB_ICIALLU REGISTER(0xE000EF50u)
#define SCB_DCISW REGISTER(0xE000EF60u)
#define SCB_DCCISW REGISTER(0xE000EF74u)
#define SCB_ICSR_PENDSTCLR BIT(25)
#define SCB_ICSR_PENDSVCLR BIT(27)
#define SCB_AIRCR_KEY (0x05FAu << 16)
#define SCB_AIRCR_SYSRESETREQ BIT(2)
#define SCB_CCR_STKALIGN BIT(9)
#define SCB_CCR_DC BIT(16)
#define SCB_CCR_IC BIT(17)
#define SCB_CCR_BP BIT(18)
#define SCB_SHCSR_MEMFAULTENA BIT(16)
#define SCB_SHCSR_BUSFAULTENA BIT(17)
#define SCB_SHCSR_USGFAULTENA BIT(18)
#define SCB_CFSR_MEMORY 0x000000FFu
#define SCB_CFSR_BUS 0x0000FF00u
#define SCB_CFSR_USAGE 0xFFFF0000u
#define SCB_CFSR_MSTKERR BIT(4)
#define SCB_CFSR_STKERR BIT(12)
#define SCB_HFSR_FORCED BIT(30)
#define FPU_FPCCR_LSPEN BIT(30)
#define FPU_FPCCR_ASPEN BIT(31)
#define SCB_CPACR_FPU_FULL (0xFu << 20)

#define IRQ_COUNT 150u
#define IRQ_WORDS 5u
#define IRQ_PVD 1u
#define IRQ_DMA1_STREAM0 11u
/* Numbers of exceptions as IPSR has them; interrupt n is 16 + n. */
#define EXCEPTION_NMI 2u
#define EXCEPTION_HARD_FAULT 3u
#define EXCEPTION_MEMORY_FAULT 4u
#define EXCEPTION_BUS_FAULT 5u
#define EXCEPTION_USAGE_FAULT 6u
#define EXCEPTION_IRQ0 16u

static inline void data_barrier(void)
{
    __asm volatile("dsb 0xF" ::: "memory");
}

static inline void instruction_barrier(void)
{
    __asm volatile("isb 0xF" ::: "memory");
}

static inline void wait_for_interrupt(void)
{
    __asm volatile("wfi" ::: "memory");
}

static inline uint32_t active_exception(void)
{
    uint32_t number;
    __asm volatile("mrs %0, ipsr" : "=r"(number));
    return number;
}

static inline void fpscr_clear(void)
{
    __asm volatile("vmsr fpscr, %0" : : "r"(0) : "memory");
}

static inline void interrupts_off(void)
{
    __asm volatile("cpsid i" ::: "memory");
}

static inline void interrupts_on(void)
{
    __asm volatile("cpsie i" ::: "memory");
}

#endif
