/*
 * Memory protection: Armv7-M Architecture Reference Manual, section B3.5.
 */
#ifndef MPU_REGISTERS_H
#define MPU_REGISTERS_H

#include "core/registers/register.h"

#define MPU_TYPE REGISTER(0xE000ED90u)
#define MPU_CTRL REGISTER(0xE000ED94u)
#define MPU_RNR REGISTER(0xE000ED98u)
#define MPU_RBAR REGISTER(0xE000ED9Cu)
#define MPU_RASR REGISTER(0xE000EDA0u)

#define MPU_TYPE_DREGION_SHIFT 8u
#define MPU_TYPE_DREGION_MASK 0xFFu
#define MPU_CTRL_ENABLE BIT(0)
#define MPU_CTRL_PRIVDEFENA BIT(2)
#define MPU_RASR_XN BIT(28)
#define MPU_RASR_AP_READ_WRITE FIELD(3u, 24)
#define MPU_RASR_AP_READ_ONLY FIELD(6u, 24)
#define MPU_RASR_TEX_1 FIELD(1u, 19)
#define MPU_RASR_S BIT(18)
#define MPU_RASR_C BIT(17)
#define MPU_RASR_ENABLE BIT(0)
/* A region of two to the power of `bits` bytes. */
#define MPU_RASR_SIZE(bits) FIELD_COUNT(bits, 1)

#endif
