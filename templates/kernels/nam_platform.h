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
 * Have these values in registers here, and let no load move across.
 *
 * A Cortex-M7 issues two loads in a cycle, but a load between multiply-adds takes a cycle of its
 * own. So a batch of loads is closed by NAM_PIN, and so is the run of multiply-adds after it.
 */
#if defined(NAM_TARGET_CORTEX_M7)
#define NAM_PIN_1(a) __asm__ volatile("" : "+t"(a) : : "memory")
#define NAM_PIN_2(a, b) __asm__ volatile("" : "+t"(a), "+t"(b) : : "memory")
#define NAM_PIN_3(a, b, c) __asm__ volatile("" : "+t"(a), "+t"(b), "+t"(c) : : "memory")
#define NAM_PIN_4(a, b, c, d) \
    __asm__ volatile("" : "+t"(a), "+t"(b), "+t"(c), "+t"(d) : : "memory")
#else
#define NAM_PIN_1(a) ((void)0)
#define NAM_PIN_2(a, b) ((void)0)
#define NAM_PIN_3(a, b, c) ((void)0)
#define NAM_PIN_4(a, b, c, d) ((void)0)
#endif

#endif
