/*
 * Regions of the memory protection unit, one after another.
 */
#include "mpu.h"

#include "core/processor.h"
#include "core/registers/mpu.h"

static uint32_t regions;

void mpu_off(void)
{
    data_barrier();
    MPU_CTRL = 0;
    regions = 0;
}

static void region_set(uint32_t number, uint32_t address, uint32_t attributes)
{
    MPU_RNR = number;
    MPU_RASR = 0;
    MPU_RBAR = address;
    MPU_RASR = attributes;
}

void mpu_region(uint32_t address, uint32_t bytes, uint32_t attributes)
{
    const uint32_t size_bits = (uint32_t)__builtin_ctz(bytes);

    region_set(regions, address, attributes | MPU_RASR_SIZE(size_bits) | MPU_RASR_ENABLE);
    regions++;
}

void mpu_on(void)
{
    const uint32_t there = (MPU_TYPE >> MPU_TYPE_DREGION_SHIFT) & MPU_TYPE_DREGION_MASK;

    for (uint32_t number = regions; number < there; number++) {
        region_set(number, 0, 0);
    }
    MPU_CTRL = MPU_CTRL_PRIVDEFENA | MPU_CTRL_ENABLE;
    data_barrier();
    instruction_barrier();
}
