/*
 * General-purpose input and output: RM0433, section 11.4. `port` is a letter.
 */
#ifndef GPIO_H
#define GPIO_H

#include "core/registers/register.h"

#define GPIO_PORT_NUMBER(port) ((uint32_t)(port) - (uint32_t)'A')
#define GPIO(port, offset) REGISTER(0x58020000u + 0x400u * GPIO_PORT_NUMBER(port) + (offset))

#define GPIO_MODER 0x00u
#define GPIO_OTYPER 0x04u
#define GPIO_OSPEEDR 0x08u
#define GPIO_PUPDR 0x0Cu
#define GPIO_IDR 0x10u
#define GPIO_BSRR 0x18u
#define GPIO_AFRL 0x20u

#define GPIO_BSRR_RESET_SHIFT 16u
/* MODER, OSPEEDR and PUPDR have two bits a pin, in one register. */
#define GPIO_PAIR_SHIFT(pin) (2u * (pin))
#define GPIO_PAIR_MASK 3u
/* AFRL and AFRH have four bits a pin, for eight of them each. */
#define GPIO_AFR(pin) (GPIO_AFRL + 4u * ((pin) / 8u))
#define GPIO_AFR_SHIFT(pin) (4u * ((pin) % 8u))
#define GPIO_AFR_MASK 15u

#endif
