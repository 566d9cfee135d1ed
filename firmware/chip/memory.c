/*
 * The two large windows of external memory are closed: the processor reads ahead of itself, and a
 * speculative read of memory that nobody answers for can hang it.
 */
#include "memory.h"

#include <stdint.h>

#include "chip/registers/system.h"
#include "core/cache.h"
#include "core/mpu.h"
#include "core/processor.h"
#include "core/registers/mpu.h"

/* Given by the linker script; only their addresses mean something. */
extern uint32_t ld_dma_region[], ld_stack_bottom[];

#define DMA_REGION_SIZE_BITS 15u
#define WINDOW_SIZE_BITS 29u
#define STACK_GUARD_SIZE_BITS 8u
#define UNCACHED MPU_RASR_TEX_1
#define WRITE_THROUGH MPU_RASR_C

static void mpu_start(void)
{
    const uint32_t dma_ram = MPU_RASR_XN | MPU_RASR_AP_READ_WRITE | UNCACHED | MPU_RASR_S
        | MPU_RASR_SIZE(DMA_REGION_SIZE_BITS);
    const uint32_t no_access = MPU_RASR_XN | MPU_RASR_SIZE(WINDOW_SIZE_BITS);
    const uint32_t guard = MPU_RASR_XN | MPU_RASR_SIZE(STACK_GUARD_SIZE_BITS);
    uint32_t used = 4;

    mpu_off();
    mpu_region(0, (uint32_t)(uintptr_t)ld_dma_region, dma_ram);
    mpu_region(1, 0x60000000u, no_access);
    mpu_region(2, 0x80000000u, no_access);
    /* The end of the stack: 256 bytes nobody may touch. */
    mpu_region(3, (uint32_t)(uintptr_t)ld_stack_bottom, guard);
#ifdef BOOT_QSPI
    const uint32_t flash = MPU_RASR_AP_READ_ONLY | WRITE_THROUGH | MPU_RASR_SIZE(23u);
    mpu_region(used, 0x90000000u, flash);
    used++;
#endif
    mpu_on(used);
}

void memory_settle(void)
{
    /* Revisions before X can corrupt concurrent reads of AXI SRAM; one read at a time is safe. */
    if ((DBGMCU_IDCODE >> DBGMCU_IDCODE_REVISION_SHIFT) < DBGMCU_REVISION_X) {
        AXI_TARG7_FN_MOD = AXI_TARG_FN_MOD_ONE_READ_AT_A_TIME;
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
