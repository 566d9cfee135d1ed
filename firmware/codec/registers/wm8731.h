/*
 * WM8731: data sheet, section "Register map". Seven bits of address, nine bits of value.
 */
#ifndef WM8731_REGISTERS_H
#define WM8731_REGISTERS_H

#include "core/registers/register.h"

#define WM8731_ADDRESS 0x1Au /* on the bus, with its pin CSB low */

#define WM8731_LEFT_LINE_IN 0x00u
#define WM8731_RIGHT_LINE_IN 0x01u
#define WM8731_LEFT_HEADPHONE_OUT 0x02u
#define WM8731_RIGHT_HEADPHONE_OUT 0x03u
#define WM8731_ANALOG_PATH 0x04u
#define WM8731_DIGITAL_PATH 0x05u
#define WM8731_POWER_DOWN 0x06u
#define WM8731_INTERFACE_FORMAT 0x07u
#define WM8731_SAMPLING 0x08u
#define WM8731_ACTIVE 0x09u
#define WM8731_RESET 0x0Fu

#define WM8731_LINE_IN_0_DB 0x17u /* and not muted: LINMUTE is bit 7 */
#define WM8731_HEADPHONE_MUTE 0u
#define WM8731_ANALOG_PATH_MUTEMIC BIT(1)
#define WM8731_ANALOG_PATH_DACSEL BIT(4)
#define WM8731_POWER_DOWN_MICPD BIT(1)
#define WM8731_POWER_DOWN_OSCPD BIT(5)
#define WM8731_POWER_DOWN_CLKOUTPD BIT(6)
#define WM8731_FORMAT_LEFT_JUSTIFIED FIELD(1u, 0)
#define WM8731_FORMAT_IWL_24 FIELD(2u, 2)
#define WM8731_ACTIVE_ACTIVE BIT(0)

#endif
