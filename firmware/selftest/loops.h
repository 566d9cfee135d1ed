/*
 * Loops like those of filters and transforms, once in each memory that code may lie in; and what
 * data cost by where they lie.
 */
#ifndef LOOPS_H
#define LOOPS_H

void loops_init(void);
void loops_nothing(void);
void loops_fir_itcm(void);
void loops_fir_code(void);
void loops_fir_axi(void);
void loops_fir_d2(void);
void loops_fft_itcm(void);
void loops_fft_code(void);
void loops_fft_axi(void);
void loops_fft_d2(void);
void loops_read_dtcm(void);
void loops_read_axi(void);
void loops_read_d2(void);
void loops_read_code(void);

#endif
