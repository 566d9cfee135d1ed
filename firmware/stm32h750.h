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
#define RCC_D2CCIP1R REGISTER(0x58024450u)
#define RCC_D2CCIP2R REGISTER(0x58024454u)
#define RCC_AHB1RSTR REGISTER(0x58024480u)
#define RCC_APB1LRSTR REGISTER(0x58024490u)
#define RCC_APB2RSTR REGISTER(0x58024498u)
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
#define RCC_PLLCFGR_PLL3FRACEN BIT(8)

/* Power control. */
#define PWR_CSR1 REGISTER(0x58024804u)
#define PWR_CR3 REGISTER(0x5802480Cu)
#define PWR_D3CR REGISTER(0x58024818u)
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
#define AXI_TARG7_FN_MOD REGISTER(0x51008108u)

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
#define SAI_DR 0x1Cu
#define SAI_CR1_RECEIVE BIT(0)
#define SAI_CR1_SLAVE BIT(1)
#define SAI_CR1_DS_24 (6u << 5)
#define SAI_CR1_CKSTR BIT(9)
#define SAI_CR1_SYNC_INTERNAL BIT(10)
#define SAI_CR1_SAIEN BIT(16)
#define SAI_CR1_DMAEN BIT(17)
#define SAI_CR1_MCKDIV_4 (4u << 20)
#define SAI_CR2_FFLUSH BIT(3)
#define SAI_SR_FLVL_MASK (7u << 16)

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
#define SCB_CCR REGISTER(0xE000ED14u)
#define SCB_SHPR3 REGISTER(0xE000ED20u)
#define SCB_CCSIDR REGISTER(0xE000ED80u)
#define SCB_CSSELR REGISTER(0xE000ED84u)
#define SCB_CPACR REGISTER(0xE000ED88u)
#define MPU_TYPE REGISTER(0xE000ED90u)
#define MPU_CTRL REGISTER(0xE000ED94u)
#define MPU_RNR REGISTER(0xE000ED98u)
#define MPU_RBAR REGISTER(0xE000ED9Cu)
#define MPU_RASR REGISTER(0xE000EDA0u)
#define SCB_ICIALLU REGISTER(0xE000EF50u)
#define SCB_DCISW REGISTER(0xE000EF60u)
#define SCB_DCCISW REGISTER(0xE000EF74u)
#define SCB_ICSR_PENDSTCLR BIT(25)
#define SCB_ICSR_PENDSVCLR BIT(27)
#define SCB_CCR_DC BIT(16)
#define SCB_CCR_IC BIT(17)
#define SCB_CPACR_FPU_FULL (0xFu << 20)

#define IRQ_COUNT 150u
#define IRQ_WORDS 5u
#define IRQ_DMA1_STREAM0 11u

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

static inline void interrupts_off(void)
{
    __asm volatile("cpsid i" ::: "memory");
}

static inline void interrupts_on(void)
{
    __asm volatile("cpsie i" ::: "memory");
}

#endif
