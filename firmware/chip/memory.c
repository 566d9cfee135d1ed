/*
 * The two large windows of external memory are closed: the processor reads ahead of itself, and a
 * speculative read of memory that nobody answers for can hang it.
 */
#include "memory.h"

#include <stdint.h>

#include "board_wiring.h"
#include "chip/registers/system.h"
#include "core/cache.h"
#include "core/mpu.h"
#include "core/processor.h"
#include "core/registers/memory_map.h"
#include "core/registers/mpu.h"
#include "core/sections.h"

#define UNCACHED MPU_RASR_TEX_1
#define WRITE_THROUGH MPU_RASR_C
#define NO_ACCESS MPU_RASR_XN
#define UNCACHED_ACCESS (MPU_RASR_XN | MPU_RASR_AP_READ_WRITE | UNCACHED | MPU_RASR_S)
#define CODE_ACCESS (MPU_RASR_AP_READ_ONLY | WRITE_THROUGH)

static void mpu_start(void)
{
    const uint32_t stack = address_of(ld_stack_bottom);
    const uint32_t guard_bytes = address_of(ld_stack_guard_end) - stack;

    mpu_off();
    mpu_region(DMA_ORIGIN, DMA_BYTES, UNCACHED_ACCESS);
    mpu_region(EXTERNAL_RAM_LOW, EXTERNAL_RAM_BYTES, NO_ACCESS);
    mpu_region(EXTERNAL_RAM_HIGH, EXTERNAL_RAM_BYTES, NO_ACCESS);
    mpu_region(stack, guard_bytes, NO_ACCESS);
    mpu_region(BACKUP_SRAM, BACKUP_SRAM_BYTES, UNCACHED_ACCESS); /* a reset empties no cache */
#ifdef BOOT_QSPI
    mpu_region(QSPI_ORIGIN, QSPI_BYTES, CODE_ACCESS);
#endif
    mpu_on();
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
