/*
 * Interrupt controller: Armv7-M Architecture Reference Manual, section B3.4.
 */
#ifndef NVIC_H
#define NVIC_H

#include "core/registers/register.h"

#define NVIC_ISER(word) REGISTER(0xE000E100u + 4u * (word))
#define NVIC_ICER(word) REGISTER(0xE000E180u + 4u * (word))
#define NVIC_ICPR(word) REGISTER(0xE000E280u + 4u * (word))
#define NVIC_IPR(irq) REGISTER8(0xE000E400u + (irq))

#define NVIC_ALL 0xFFFFFFFFu

#endif
