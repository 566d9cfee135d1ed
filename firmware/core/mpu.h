/*
 * Memory protection.
 */
#ifndef MPU_H
#define MPU_H

#include <stdint.h>

/* Off and without regions, to be set up: first this, then the regions, then `mpu_on`. */
void mpu_off(void);
/*
 * One more region; where it overlaps others, it counts. `bytes`: a power of two, 32 or more;
 * `address`: a multiple of it; `attributes`: MPU_RASR_... but MPU_RASR_SIZE and MPU_RASR_ENABLE.
 */
void mpu_region(uint32_t address, uint32_t bytes, uint32_t attributes);
/* On, with these regions over the default map. */
void mpu_on(void);

#endif
