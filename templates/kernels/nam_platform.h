/*
 * What the compiler must know beyond C: what stays a function, what is loaded together. None of it
 * changes a result; on a host most of it is empty.
 */
#ifndef NAM_PLATFORM_H
#define NAM_PLATFORM_H

/* A kernel stays a function of its own: one copy, however many layers call it. */
#if defined(__clang__)
#define NAM_KERNEL static __attribute__((noinline))
#else
#define NAM_KERNEL static __attribute__((noinline, noclone))
#endif

/* A part of a kernel: its values stay in the kernel's registers. */
#define NAM_INLINE static inline __attribute__((always_inline))

/* Keep the compiler from replacing loads through `pointer` by constants beside the code. */
#define NAM_OPAQUE(pointer) __asm__("" : "+r"(pointer))

/*
 * What a compiler may not move across. None of it is an instruction.
 *
 * A Cortex-M7 issues two loads in a cycle, but a load between multiply-adds takes a cycle of its
 * own. So a batch of loads is closed by NAM_PIN, and the run of multiply-adds after it by NAM_KEEP.
 *
 * NAM_PIN   these values are in registers here: what uses them comes later, and no load crosses.
 * NAM_KEEP  they are computed or loaded by here, and no load crosses; what uses them may come
 *           earlier.
 * NAM_OWN   each of them has a register, which GCC would share or change again; clang does not.
 * NAM_EARLY they are there before what comes next begins; clang would make some of them later, GCC
 *           does not.
 */
#if defined(NAM_TARGET_CORTEX_M7)
#define NAM_PIN_1(a) __asm__ volatile("" : "+t"(a) : : "memory")
#define NAM_PIN_2(a, b) __asm__ volatile("" : "+t"(a), "+t"(b) : : "memory")
#define NAM_PIN_3(a, b, c) __asm__ volatile("" : "+t"(a), "+t"(b), "+t"(c) : : "memory")
#define NAM_PIN_4(a, b, c, d) \
    __asm__ volatile("" : "+t"(a), "+t"(b), "+t"(c), "+t"(d) : : "memory")
#define NAM_KEEP_1(a) __asm__ volatile("" : : "t"(a) : "memory")
#define NAM_KEEP_2(a, b) __asm__ volatile("" : : "t"(a), "t"(b) : "memory")
#define NAM_KEEP_3(a, b, c) __asm__ volatile("" : : "t"(a), "t"(b), "t"(c) : "memory")
#define NAM_KEEP_4(a, b, c, d) __asm__ volatile("" : : "t"(a), "t"(b), "t"(c), "t"(d) : "memory")
#else
#define NAM_PIN_1(a) ((void)0)
#define NAM_PIN_2(a, b) ((void)0)
#define NAM_PIN_3(a, b, c) ((void)0)
#define NAM_PIN_4(a, b, c, d) ((void)0)
#define NAM_KEEP_1(a) ((void)0)
#define NAM_KEEP_2(a, b) ((void)0)
#define NAM_KEEP_3(a, b, c) ((void)0)
#define NAM_KEEP_4(a, b, c, d) ((void)0)
#endif

#if defined(NAM_TARGET_CORTEX_M7) && !defined(__clang__)
#define NAM_OWN_1(a) NAM_PIN_1(a)
#define NAM_OWN_2(a, b) NAM_PIN_2(a, b)
#define NAM_OWN_3(a, b, c) NAM_PIN_3(a, b, c)
#define NAM_OWN_4(a, b, c, d) NAM_PIN_4(a, b, c, d)
#else
#define NAM_OWN_1(a) ((void)0)
#define NAM_OWN_2(a, b) ((void)0)
#define NAM_OWN_3(a, b, c) ((void)0)
#define NAM_OWN_4(a, b, c, d) ((void)0)
#endif

#if defined(NAM_TARGET_CORTEX_M7) && defined(__clang__)
#define NAM_EARLY_1(a) NAM_PIN_1(a)
#define NAM_EARLY_2(a, b) NAM_PIN_2(a, b)
#define NAM_EARLY_3(a, b, c) NAM_PIN_3(a, b, c)
#define NAM_EARLY_4(a, b, c, d) NAM_PIN_4(a, b, c, d)
#else
#define NAM_EARLY_1(a) ((void)0)
#define NAM_EARLY_2(a, b) ((void)0)
#define NAM_EARLY_3(a, b, c) ((void)0)
#define NAM_EARLY_4(a, b, c, d) ((void)0)
#endif

#endif
