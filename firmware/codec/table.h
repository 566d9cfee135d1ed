/*
 * Any codec that is set over I2C, by a table in the board's description; its pins are `i2c_clock`
 * and `i2c_data`.
 */
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>

/* Silent and set up; one that answers only with its clock is left alone until `table_unmute`. */
bool table_start(void);
/* Once it has its clocks. Whether everything was taken; audio runs meanwhile. */
bool table_unmute(void);

#endif
