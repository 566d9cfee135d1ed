/*
 * Times an engine block by block, and measures what the processor's fused multiply-adds can do.
 *
 * The time is the thread's own processor time: on a busy machine, waiting does not count.
 */
#define _POSIX_C_SOURCE 199309L

#include <stddef.h>
#include <string.h>
#include <time.h>

typedef void (*Process)(void *state, const float *in, float *out, int frames);
typedef void (*ModelProcess)(const float *in, float *out, size_t frames);

#if defined(__AVX512F__)
enum { LANES = 16, SUMS = 16 };
#elif defined(__AVX__)
enum { LANES = 8, SUMS = 12 };
#else
enum { LANES = 4, SUMS = 12 };
#endif

/* A vector of LANES floats; 12 sums or more hide the latency of every processor so far. */
typedef float Vector __attribute__((vector_size(LANES * sizeof(float))));

void host_call_model(void *state, const float *in, float *out, int frames);
double host_seconds(
    Process process, void *state, const float *in, float *out, int signal, int block, long blocks
);
void host_render(
    Process process, void *state, const float *in, float *out, int signal, int block
);
double host_fma_seconds(long rounds);
int host_fma_per_round(void);

static double now_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Gives generated C, which has its state in itself, the form of a peer: `state` points to the
 * address of its process function. */
void host_call_model(void *state, const float *in, float *out, int frames)
{
    ModelProcess process;
    memcpy(&process, state, sizeof process);
    process(in, out, (size_t)frames);
}

/* Seconds for `blocks` calls; the signal, `signal` frames long, is played again and again. */
double host_seconds(
    Process process, void *state, const float *in, float *out, int signal, int block, long blocks
)
{
    int at = 0;
    const double begin = now_s();
    for (long i = 0; i < blocks; i++) {
        process(state, in + at, out + at, block);
        at += block;
        if (at + block > signal) {
            at = 0;
        }
    }
    return now_s() - begin;
}

/* Play the signal once; the last block takes what is left. */
void host_render(
    Process process, void *state, const float *in, float *out, int signal, int block
)
{
    for (int at = 0; at < signal; at += block) {
        process(state, in + at, out + at, signal - at < block ? signal - at : block);
    }
}

int host_fma_per_round(void)
{
    return LANES * SUMS;
}

/* Seconds for `rounds` rounds of independent multiply-adds that never leave the registers. */
double host_fma_seconds(long rounds)
{
    Vector sums[SUMS];
    Vector factor;
    Vector term;
    for (int lane = 0; lane < LANES; lane++) {
        factor[lane] = 0.999f;
        term[lane] = 1e-3f;
        for (int sum = 0; sum < SUMS; sum++) {
            sums[sum][lane] = (float)sum;
        }
    }
    __asm__ volatile("" : "+m"(factor), "+m"(term));
    const Vector scale = factor;
    const Vector offset = term;
    const double begin = now_s();
    for (long round = 0; round < rounds; round++) {
        /* The compiler unrolls this: the bound is a constant, and the sums become registers. */
        for (int sum = 0; sum < SUMS; sum++) {
            sums[sum] = sums[sum] * scale + offset;
        }
    }
    const double seconds = now_s() - begin;
    for (int sum = 0; sum < SUMS; sum++) {
        __asm__ volatile("" : : "m"(sums[sum]));
    }
    return seconds;
}
