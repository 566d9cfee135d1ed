/* A complex FFT of POINTS points by CMSIS-DSP, whose sources come from elsewhere. */
#include "arm_const_structs.h"

#define INSTANCE_OF(points) arm_cfft_sR_f32_len##points
#define INSTANCE(points) INSTANCE_OF(points)

float samples[2 * POINTS]; /* real and imaginary parts by turns */

void cfft_process(void) { arm_cfft_f32(&INSTANCE(POINTS), samples, 0, 1); }
