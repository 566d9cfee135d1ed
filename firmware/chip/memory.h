/*
 * Memory protection and caches, as this chip's memories need them.
 */
#ifndef MEMORY_H
#define MEMORY_H

/* First of all: memory holds what the processor sees, and can be trusted. */
void memory_settle(void);
void memory_init(void);

#endif
