/* What CMSIS-DSP's headers need of a C library, which the cross compiler need not have. */
#ifndef MATH_H
#define MATH_H
#define sqrtf __builtin_sqrtf
float expf(float x);
float logf(float x);
float powf(float x, float y);
#endif
