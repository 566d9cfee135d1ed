#include "loops.h"

#include <stddef.h>
#include <stdint.h>

#include "chip/hooks.h"
#include "core/cache.h"
#include "core/processor.h"
#include "core/sections.h"
#include "selftest/afsk.h"
#include "selftest/slow_memory.h"

#define FRAMES 48u
#define TAPS 64u
#define POINTS 64u /* complex ones */
#define READ_WORDS 512u
#define ENTRY_SHIFT 24u /* from an entry of the sine to a phase */
#define SCALE (1.0f / 4194304.0f)

/* Four turns at a time, as compilers would not agree on. */
#define UNROLLED _Pragma("GCC unroll 4")
#define NOT_UNROLLED _Pragma("GCC unroll 1")
#define INLINED inline __attribute__((always_inline))
/* What is there, nobody can know before. */
#define OPAQUE(pointer) __asm__ volatile("" : "+r"(pointer) : : "memory")
#define IN(section_name) __attribute__((section(section_name), noinline))

static float taps[TAPS];
static float past[TAPS + FRAMES];
static float filtered[FRAMES];
static float points[2u * POINTS];
static volatile uint32_t seen;
SLOW_MEMORY static uint32_t words_in_axi[READ_WORDS];
__attribute__((section(".d2_bss"))) static uint32_t words_in_d2[READ_WORDS];
/* Given by the linker script: what the image carries for D2 SRAM, and where it belongs. */
extern uint32_t ld_d2_text_load[], ld_d2_text_start[], ld_d2_text_end[];

static float sine(uint32_t at)
{
    uint32_t phase = at << ENTRY_SHIFT;

    return (float)afsk_sine(&phase, 0u) * SCALE;
}

/* The start-up knows nothing of this memory. */
static void code_move(void)
{
    const uint32_t *from = ld_d2_text_load;

    caches_stop();
    for (uint32_t *to = ld_d2_text_start; to < ld_d2_text_end; to++) {
        *(volatile uint32_t *)to = *from++;
    }
    data_barrier();
    caches_start();
}

void loops_init(void)
{
    code_move();
    for (uint32_t i = 0; i < TAPS; i++) {
        taps[i] = sine(i);
    }
    for (uint32_t i = 0; i < TAPS + FRAMES; i++) {
        past[i] = sine(i);
    }
    for (uint32_t i = 0; i < 2u * POINTS; i++) {
        points[i] = sine(i);
    }
}

void loops_nothing(void)
{
    __asm volatile("");
}

static INLINED void fir(void)
{
    const float *in = past;
    const float *weights = taps;
    float *out = filtered;

    OPAQUE(in);
    OPAQUE(weights);
    OPAQUE(out);
    NOT_UNROLLED
    for (size_t n = 0; n < FRAMES; n += 4u) {
        float a = 0.0f, b = 0.0f, c = 0.0f, d = 0.0f;

        UNROLLED
        for (size_t k = 0; k < TAPS; k++) {
            const float tap = weights[k];

            a = __builtin_fmaf(tap, in[n + k], a);
            b = __builtin_fmaf(tap, in[n + k + 1u], b);
            c = __builtin_fmaf(tap, in[n + k + 2u], c);
            d = __builtin_fmaf(tap, in[n + k + 3u], d);
        }
        out[n] = a;
        out[n + 1u] = b;
        out[n + 2u] = c;
        out[n + 3u] = d;
    }
    OPAQUE(out);
}

/* Butterflies over all distances; halved, so that nothing grows however often they are made. */
static INLINED void fft(void)
{
    NOT_UNROLLED
    for (size_t span = POINTS; span >= 2u; span /= 2u) {
        NOT_UNROLLED
        for (size_t at = 0; at < 2u * POINTS; at += 2u * span) {
            float *const top = &points[at];
            float *const low = &points[at + span];

            NOT_UNROLLED
            for (size_t i = 0; i < span; i += 2u) {
                const float re = top[i] - low[i];
                const float im = top[i + 1u] - low[i + 1u];
                const float cosine = taps[i % TAPS];
                const float turned = taps[(i + 1u) % TAPS];

                top[i] = (top[i] + low[i]) * 0.5f;
                top[i + 1u] = (top[i + 1u] + low[i + 1u]) * 0.5f;
                low[i] = (re * cosine - im * turned) * 0.5f;
                low[i + 1u] = (re * turned + im * cosine) * 0.5f;
            }
        }
    }
}

/* One word after another. */
static INLINED void read(const uint32_t *words)
{
    uint32_t sum = 0;

    OPAQUE(words);
    UNROLLED
    for (size_t i = 0; i < READ_WORDS; i++) {
        sum += words[i];
    }
    seen = sum;
}

IN(".itcm_text") void loops_fir_itcm(void)
{
    fir();
}

void loops_fir_code(void)
{
    fir();
}

IN(".axi_data.code") void loops_fir_axi(void)
{
    fir();
}

IN(".d2_text") void loops_fir_d2(void)
{
    fir();
}

IN(".itcm_text") void loops_fft_itcm(void)
{
    fft();
}

void loops_fft_code(void)
{
    fft();
}

IN(".axi_data.code") void loops_fft_axi(void)
{
    fft();
}

IN(".d2_text") void loops_fft_d2(void)
{
    fft();
}

/* Of what lies at its beginning. */
IN(".itcm_text") void loops_read_dtcm(void)
{
    read(ld_dtcm_data_start);
}

IN(".itcm_text") void loops_read_axi(void)
{
    read(words_in_axi);
}

IN(".itcm_text") void loops_read_d2(void)
{
    read(words_in_d2);
}

/* Of the image, from its vectors on. */
IN(".itcm_text") void loops_read_code(void)
{
    read((const uint32_t *)(const void *)&vectors);
}
