/*
 * The results without a recorder: on the LED.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Three digits of `hundredths`, 999 at most, as blinks, 0 being ten of them; then two seconds of
 * light where it has passed, or ten flashes. `blocks` of audio have passed; again and again.
 */
bool verdict_lit(uint32_t hundredths, bool has_passed, uint32_t blocks);

#endif
