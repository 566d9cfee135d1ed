/*
 * The four functions a compiler may call by itself: it turns loops and copies of structures into
 * them. Whole words where both addresses allow it; the `volatile` stores keep the compiler from
 * turning these loops, too, into calls.
 */
#include "freestanding.h"

#include <stdbool.h>
#include <stdint.h>

typedef uint32_t __attribute__((may_alias)) word;

#define WORD_BYTES 4u
#define BURST_BYTES 16u
#define IN_EACH_BYTE 0x01010101u

static bool both_word_aligned(const void *left, const void *right)
{
    return (((uintptr_t)left | (uintptr_t)right) % WORD_BYTES) == 0u;
}

/* Goes up, so it is also right for a target that overlaps the source from below. */
static void copy_up(unsigned char *target, const unsigned char *source, size_t size)
{
    if (both_word_aligned(target, source)) {
        while (size >= BURST_BYTES) {
            const word a = ((const word *)(const void *)source)[0];
            const word b = ((const word *)(const void *)source)[1];
            const word c = ((const word *)(const void *)source)[2];
            const word d = ((const word *)(const void *)source)[3];
            ((volatile word *)(void *)target)[0] = a;
            ((volatile word *)(void *)target)[1] = b;
            ((volatile word *)(void *)target)[2] = c;
            ((volatile word *)(void *)target)[3] = d;
            size -= BURST_BYTES;
            target += BURST_BYTES;
            source += BURST_BYTES;
        }
        while (size >= WORD_BYTES) {
            *(volatile word *)(void *)target = *(const word *)(const void *)source;
            size -= WORD_BYTES;
            target += WORD_BYTES;
            source += WORD_BYTES;
        }
    }
    for (; size > 0u; size--) {
        *(volatile unsigned char *)target++ = *source++;
    }
}

__attribute__((used)) void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    copy_up(to, from, size);
    return to;
}

__attribute__((used)) void *memmove(void *to, const void *from, size_t size)
{
    unsigned char *target = to;
    const unsigned char *source = from;
    if (target <= source || target >= source + size) {
        copy_up(target, source, size);
        return to;
    }
    target += size;
    source += size;
    if (both_word_aligned(target, source)) {
        for (; size >= WORD_BYTES; size -= WORD_BYTES) {
            target -= WORD_BYTES;
            source -= WORD_BYTES;
            *(volatile word *)(void *)target = *(const word *)(const void *)source;
        }
    }
    for (; size > 0u; size--) {
        *(volatile unsigned char *)--target = *--source;
    }
    return to;
}

__attribute__((used)) void *memset(void *to, int value, size_t size)
{
    unsigned char *target = to;
    const word pattern = (unsigned char)value * IN_EACH_BYTE;
    if ((uintptr_t)to % WORD_BYTES == 0u) {
        for (; size >= WORD_BYTES; size -= WORD_BYTES, target += WORD_BYTES) {
            *(volatile word *)(void *)target = pattern;
        }
    }
    for (; size > 0u; size--) {
        *(volatile unsigned char *)target++ = (unsigned char)value;
    }
    return to;
}

__attribute__((used)) int memcmp(const void *left, const void *right, size_t size)
{
    const volatile unsigned char *a = left;
    const volatile unsigned char *b = right;
    for (size_t i = 0; i < size; i++) {
        const unsigned char x = a[i];
        const unsigned char y = b[i];
        if (x != y) {
            return x < y ? -1 : 1;
        }
    }
    return 0;
}
