/*
 * Where a board keeps the model's arrays. On a host these macros are empty.
 *
 * BSS arrays are filled by reset; DATA arrays are constants that start-up copies from flash.
 */
#ifndef NAM_SECTIONS_H
#define NAM_SECTIONS_H

#if defined(NAM_TARGET_CORTEX_M7)
#define NAM_SECTION(name) __attribute__((section(name), aligned(8)))
#define NAM_DTCM_BSS NAM_SECTION(".dtcm_bss")
#define NAM_DTCM_DATA NAM_SECTION(".dtcm_data")
#define NAM_AXI_SRAM_BSS NAM_SECTION(".axi_bss")
#define NAM_AXI_SRAM_DATA NAM_SECTION(".axi_data")
#else
#define NAM_DTCM_BSS
#define NAM_DTCM_DATA
#define NAM_AXI_SRAM_BSS
#define NAM_AXI_SRAM_DATA
#endif

/* A kernel stays a function of its own: one copy, however many layers call it. */
#define NAM_KERNEL static __attribute__((noinline))

/* Keep the compiler from replacing loads through `pointer` by constants beside the code. */
#define NAM_OPAQUE(pointer) __asm__("" : "+r"(pointer))

#endif
