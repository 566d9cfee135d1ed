/*
 * Plays blocks through one of the two objects, as the audio interrupt would: MODEL_AUDIO is the header,
 * MODEL_CLASS the class, IS_F32 which of the two. `stub_block` is one block; what it does besides
 * playing, a letter says.
 */
#include MODEL_AUDIO

#ifndef GIVEN_RATE
#define GIVEN_RATE AUDIO_SAMPLE_RATE_EXACT
#endif

StubPool<audio_block_t> AudioStream::pool;

#if IS_F32
StubPool<audio_block_f32_t> AudioStream_F32::floats;
typedef float Sample;
#define POOL AudioStream_F32::floats
#else
typedef int16_t Sample;
#define POOL AudioStream::pool
#endif

/* Which block it is, of those that come in. */
#define STUB_ID 77ul

/* Where the object is; made by hand, for nothing calls constructors on a bare processor. */
alignas(8) static unsigned char place[sizeof(MODEL_CLASS)];
static MODEL_CLASS *amp;

inline void *operator new(size_t, void *at)
{
    return at;
}

extern "C" {

const char *stub_start(void)
{
#if IS_F32
    amp = new (place) MODEL_CLASS(AudioSettings_F32(GIVEN_RATE, AUDIO_BLOCK_SAMPLES));
    return amp->error();
#else
    amp = new (place) MODEL_CLASS();
    return nullptr;
#endif
}

#if IS_F32
/* What free blocks say of themselves is nothing. */
static void forget(void)
{
    for (int i = 0; i < STUB_BLOCKS; i++) {
        POOL.blocks[i].length = 0;
        POOL.blocks[i].fs_Hz = 0.0f;
        POOL.blocks[i].id = 0;
    }
}

/* Whether a block that came out says what it is. */
static bool says(const audio_block_f32_t *block, int frames, unsigned long id)
{
    return block->length == frames && block->fs_Hz == GIVEN_RATE && block->id == id;
}
#endif

/* Set up the blocks that come in, interleaved; those are ours until they are received. */
static void give(const Sample *in, int frames)
{
    for (int channel = 0; channel < MODEL_CLASS::ins; channel++) {
        auto *block = POOL.take();

        for (int i = 0; i < frames; i++) {
            block->data[i] = in[i * MODEL_CLASS::ins + channel];
        }
#if IS_F32
        block->length = frames;
        block->fs_Hz = GIVEN_RATE;
        block->id = STUB_ID;
#endif
        POOL.given[channel] = block;
    }
}

/* What came out, interleaved; whether anything did on every channel. */
static bool collect(Sample *out, int frames, unsigned long id)
{
    bool is_there = true;

    for (int channel = 0; channel < MODEL_CLASS::outs; channel++) {
        auto *block = POOL.sent[channel];

        is_there = is_there && block != nullptr;
        for (int i = 0; i < frames; i++) {
            out[i * MODEL_CLASS::outs + channel] = block == nullptr ? Sample(0) : block->data[i];
        }
        if (block != nullptr) {
#if IS_F32
            POOL.faults += !says(block, frames, id);
#else
            (void)id;
#endif
            POOL.drop(block);
        }
        POOL.sent[channel] = nullptr;
    }
    return is_there;
}

/* What the audio interrupt calls; by itself, so that it can be timed. */
__attribute__((noinline)) void stub_update(void)
{
    amp->update();
}

/* 1: a block came out; 0: silence; -1: blocks were lost, released twice or sent twice. */
int stub_block(const Sample *in, Sample *out, int frames, int letter)
{
    POOL.left = STUB_BLOCKS;
#if IS_F32
    forget();
#endif
    if (letter != 'n') {
        give(in, frames);
    }
    if (letter == 'r') {
        amp->reset();
    }
    if (letter == 'b' || letter == 'o') {
        amp->bypass(letter == 'b');
    }
    if (letter == 'm') {
        POOL.left = 0;
    }
#if IS_F32
    if (letter == 'w') {
        POOL.given[0]->fs_Hz = 44100.0f;
    }
    if (letter == 's') {
        POOL.given[MODEL_CLASS::ins - 1]->length = frames / 2;
    }
#endif
    stub_update();
    const bool is_there = collect(out, frames, letter == 'n' ? 0 : STUB_ID);
    for (int i = 0; i < STUB_BLOCKS; i++) {
        POOL.faults += POOL.blocks[i].ref_count != 0;
    }
    return POOL.faults > 0 ? -1 : is_there;
}

int stub_lost(void)
{
    return static_cast<int>(amp->lostBlocks());
}

int stub_self_test(void)
{
    return amp->selfTest();
}

#if IS_F32
const char *stub_error(void)
{
    return amp->error();
}
#else
void stub_convert(const float *from, int16_t *to, int count)
{
    for (int i = 0; i < count; i++) {
        to[i] = MODEL_CLASS::sampleOf(from[i]);
    }
}
#endif
}
