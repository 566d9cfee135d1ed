/*
 * The state a pedal is taken over in: after a reset, from the boot ROM, from a bootloader.
 */
#ifndef HANDOVER_H
#define HANDOVER_H

/* No interrupt enabled or pending, the core's and the FPU's modes as after a reset. */
void handover_core(void);
/* Everything that could still move data, interrupt or drive a pin is reset. */
void handover_peripherals(void);

#endif
