/*
 * Independent watchdog, on a clock of its own (about 32 kHz): RM0433, section 45.4.
 */
#ifndef IWDG_H
#define IWDG_H

#include "core/registers/register.h"

#define IWDG1_KR REGISTER(0x58004800u)
#define IWDG1_PR REGISTER(0x58004804u)
#define IWDG1_RLR REGISTER(0x58004808u)
#define IWDG1_SR REGISTER(0x5800480Cu)

#define IWDG_KR_FEED 0xAAAAu
#define IWDG_KR_UNLOCK 0x5555u
#define IWDG_KR_START 0xCCCCu
#define IWDG_CLOCK_HZ 32000u
#define IWDG_PR_32 3u /* divided by 32 */
#define IWDG_SR_UPDATING 7u /* any of PVU, RVU, WVU */

#endif
