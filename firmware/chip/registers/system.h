/*
 * Flash interface (RM0433, section 4.9), system configuration (section 12.3), interconnect (section
 * 2.2.4), debug unit (section 60.5.8), and the backup SRAM's place (section 2.3.2).
 */
#ifndef SYSTEM_H
#define SYSTEM_H

#include "core/registers/register.h"

#define FLASH_ACR REGISTER(0x52002000u)
#define FLASH_ACR_MASK 0x3Fu
#define FLASH_ACR_LATENCY(states) FIELD(states, 0)
#define FLASH_ACR_WRHIGHFREQ(delay) FIELD(delay, 4)

#define SYSCFG_PWRCR REGISTER(0x5800042Cu)
#define SYSCFG_PWRCR_ODEN BIT(0)

#define AXI_TARG7_FN_MOD REGISTER(0x51008108u)
#define AXI_TARG_FN_MOD_ONE_READ_AT_A_TIME BIT(0)

#define DBGMCU_IDCODE REGISTER(0x5C001000u)
#define DBGMCU_APB4FZ1 REGISTER(0x5C001054u)
#define DBGMCU_IDCODE_REVISION_SHIFT 16u
#define DBGMCU_REVISION_X 0x2000u
#define DBGMCU_REVISION_V 0x2003u
#define DBGMCU_APB4FZ1_IWDG1 BIT(18)

#define BACKUP_SRAM 0x38800000u
#define BACKUP_SRAM_BYTES 4096u

#endif
