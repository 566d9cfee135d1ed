/*
 * Memory protection and caches.
 *
 * The two large windows of external memory are closed: the processor reads ahead of itself, and a
 * speculative read of memory that nobody answers for can hang it.
 */
#include "board.h"
#include "stm32h750.h"

extern uint32_t ld_dma_region[], ld_stack_bottom[];

#define MPU_ENABLE_WITH_DEFAULT_MAP 5u
#define MPU_NEVER_EXECUTE BIT(28)
#define MPU_READ_WRITE (3u << 24)
#define MPU_READ_ONLY (6u << 24)
#define MPU_NORMAL_UNCACHED (1u << 19)
#define MPU_SHAREABLE BIT(18)
#define MPU_WRITE_THROUGH BIT(17)
/* A region of two to the power of `bits` bytes. */
#define MPU_SIZE(bits) ((((bits) - 1u) << 1) | 1u)

#define DCACHE_WAY_SHIFT 30u
#define DCACHE_SET_SHIFT 5u

static void mpu_region(uint32_t number, uint32_t address, uint32_t attributes)
{
    MPU_RNR = number;
    MPU_RASR = 0;
    MPU_RBAR = address;
    MPU_RASR = attributes;
}

static void mpu_start(void)
{
    const uint32_t regions = (MPU_TYPE >> 8) & 0xFFu;
    const uint32_t dma_ram = MPU_NEVER_EXECUTE | MPU_READ_WRITE | MPU_NORMAL_UNCACHED
        | MPU_SHAREABLE | MPU_SIZE(15u);
    const uint32_t no_access = MPU_NEVER_EXECUTE | MPU_SIZE(29u);

    data_barrier();
    MPU_CTRL = 0;
    mpu_region(0, (uint32_t)(uintptr_t)ld_dma_region, dma_ram);
    mpu_region(1, 0x60000000u, no_access);
    mpu_region(2, 0x80000000u, no_access);
    /* The end of the stack: 256 bytes nobody may touch. */
    mpu_region(3, (uint32_t)(uintptr_t)ld_stack_bottom, MPU_NEVER_EXECUTE | MPU_SIZE(8u));
    uint32_t used = 4;
#ifdef BOOT_QSPI
    mpu_region(used++, 0x90000000u, MPU_READ_ONLY | MPU_WRITE_THROUGH | MPU_SIZE(23u));
#endif
    for (uint32_t number = used; number < regions; number++) {
        mpu_region(number, 0, 0);
    }
    MPU_CTRL = MPU_ENABLE_WITH_DEFAULT_MAP;
    data_barrier();
    instruction_barrier();
}

/* The registers are stores of their own, so that no data moves between selecting and using. */
static void dcache_each_line(volatile uint32_t *operation)
{
    SCB_CSSELR = 0;
    data_barrier();
    const uint32_t size = SCB_CCSIDR;
    const uint32_t last_set = (size >> 13) & 0x7FFFu;
    const uint32_t last_way = (size >> 3) & 0x3FFu;
    for (uint32_t set = 0; set <= last_set; set++) {
        for (uint32_t way = 0; way <= last_way; way++) {
            *operation = (way << DCACHE_WAY_SHIFT) | (set << DCACHE_SET_SHIFT);
        }
    }
    data_barrier();
}

/* A bootloader's cache may hold the only copy of what it wrote. */
static void caches_stop(void)
{
    if ((SCB_CCR & SCB_CCR_DC) != 0u) {
        SCB_CCR = SCB_CCR & ~SCB_CCR_DC;
        data_barrier();
        instruction_barrier();
        dcache_each_line(&SCB_DCCISW);
    }
    SCB_CCR = SCB_CCR & ~SCB_CCR_IC;
    data_barrier();
    instruction_barrier();
    SCB_ICIALLU = 0;
    data_barrier();
    instruction_barrier();
}

static void caches_start(void)
{
    SCB_ICIALLU = 0;
    data_barrier();
    instruction_barrier();
    SCB_CCR = SCB_CCR | SCB_CCR_IC;
    data_barrier();
    instruction_barrier();
    dcache_each_line(&SCB_DCISW);
    SCB_CCR = SCB_CCR | SCB_CCR_DC;
    data_barrier();
    instruction_barrier();
}

void memory_settle(void)
{
    const uint32_t first_revision_without_defect = 0x2000u;

    /* Revisions before X can corrupt concurrent reads of AXI SRAM; one read at a time is safe. */
    if ((DBGMCU_IDCODE >> 16) < first_revision_without_defect) {
        AXI_TARG7_FN_MOD = 1u;
        data_barrier();
    }
    /* The clocks are still the bootloader's: whatever the cache writes to still has one. */
    caches_stop();
}

void memory_init(void)
{
    mpu_start();
    caches_start();
}
