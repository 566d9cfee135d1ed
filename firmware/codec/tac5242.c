/*
 * TAC5242: strapped in hardware.
 */
#include "tac5242.h"

#include "chip/delay.h"

#define POWER_UP_MS 2u /* before its first clock */

bool tac5242_start(void)
{
    delay_ms(POWER_UP_MS);
    return true;
}
