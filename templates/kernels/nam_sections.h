/*
 * Where the arrays of all models of a program lie: what is remembered (NAM_STATE), what is constant
 * (NAM_WEIGHTS), and the table of tanh (NAM_TABLE_SECTION). It changes no result. Tell the compiler
 * one of these macros, the same for all of a program; none is NAM_SECTIONS_NONE.
 *
 * NAM_SECTIONS_NONE      ordinary variables and constants, wherever the linker script puts those
 * NAM_SECTIONS_NAMGEN    .dtcm_bss, and .dtcm_data: as the firmware of namgen has them
 * NAM_SECTIONS_ZEPHYR    .dtcm_bss, and .dtcm_data: memory that a board chose as zephyr,dtcm
 * NAM_SECTIONS_LIBDAISY  .dtcmram_bss, and constants in flash
 * NAM_SECTIONS_TEENSY    .dmabuffers, the second memory of a Teensy 4 (DMAMEM), and constants as
 *                        ever: by themselves both are in the first, which is the faster one
 * NAM_SECTIONS_OWN       as the three names above are defined, each to nothing or an attribute
 *
 * Nothing needs to clear what is remembered: reset fills it. Constants in a section of data have to
 * be copied there at start-up.
 */
#ifndef NAM_SECTIONS_H
#define NAM_SECTIONS_H

#define NAM_SECTION(name) __attribute__((section(name), aligned(8)))

#if defined(NAM_SECTIONS_NAMGEN) || defined(NAM_SECTIONS_ZEPHYR)
#define NAM_STATE NAM_SECTION(".dtcm_bss")
#define NAM_WEIGHTS NAM_SECTION(".dtcm_data")
#define NAM_TABLE_SECTION NAM_SECTION(".dtcm_data.tables")
#elif defined(NAM_SECTIONS_LIBDAISY)
#define NAM_STATE NAM_SECTION(".dtcmram_bss")
#define NAM_WEIGHTS
#define NAM_TABLE_SECTION
#elif defined(NAM_SECTIONS_TEENSY)
#define NAM_STATE NAM_SECTION(".dmabuffers")
#define NAM_WEIGHTS
#define NAM_TABLE_SECTION
#elif defined(NAM_SECTIONS_OWN)
#if !defined(NAM_STATE) || !defined(NAM_WEIGHTS) || !defined(NAM_TABLE_SECTION)
#error "namgen: NAM_SECTIONS_OWN needs NAM_STATE, NAM_WEIGHTS and NAM_TABLE_SECTION"
#endif
#else
#define NAM_STATE
#define NAM_WEIGHTS
#define NAM_TABLE_SECTION
#endif

#endif
