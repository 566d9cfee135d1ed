/*
 * A stand-in for AudioStream.h of Teensy's core: the names that wrappers and sketches use, and what
 * a test has to see. One object at a time is given blocks, and what it sends is kept.
 */
#ifndef AudioStream_h
#define AudioStream_h

#include <stddef.h>
#include <stdint.h>

#ifndef AUDIO_BLOCK_SAMPLES
#define AUDIO_BLOCK_SAMPLES 128
#endif
#ifndef AUDIO_SAMPLE_RATE_EXACT
#define AUDIO_SAMPLE_RATE_EXACT 44100.0f
#endif

#define STUB_CHANNELS 4
#define STUB_BLOCKS 16

typedef struct audio_block_struct {
    uint8_t ref_count;
    uint8_t reserved1;
    uint16_t memory_pool_index;
    int16_t data[AUDIO_BLOCK_SAMPLES];
} audio_block_t;

/* Blocks with counts of their owners; what goes wrong with them is counted. */
template <typename Block> struct StubPool {
    Block blocks[STUB_BLOCKS];
    Block *given[STUB_CHANNELS];
    Block *sent[STUB_CHANNELS];
    int left; /* that allocate may still hand out */
    int faults;

    Block *take()
    {
        for (int i = 0; left > 0 && i < STUB_BLOCKS; i++) {
            if (blocks[i].ref_count == 0) {
                blocks[i].ref_count = 1;
                left--;
                return &blocks[i];
            }
        }
        return nullptr;
    }

    void drop(Block *block)
    {
        if (block == nullptr || block->ref_count == 0) {
            faults++;
        } else {
            block->ref_count--;
        }
    }

    void send(Block *block, unsigned channel)
    {
        if (block == nullptr || channel >= STUB_CHANNELS || sent[channel] != nullptr) {
            faults++;
        } else {
            block->ref_count++;
            sent[channel] = block;
        }
    }

    Block *receive(unsigned channel)
    {
        Block *block = channel < STUB_CHANNELS ? given[channel] : nullptr;
        if (channel < STUB_CHANNELS) {
            given[channel] = nullptr;
        }
        return block;
    }
};

class AudioStream
{
public:
    AudioStream(unsigned char ninput, audio_block_t **iqueue)
    {
        for (int i = 0; i < ninput; i++) {
            iqueue[i] = nullptr;
        }
    }
    virtual ~AudioStream()
    {
    }
    float processorUsage()
    {
        return 0.0f;
    }
    float processorUsageMax()
    {
        return 0.0f;
    }
    static StubPool<audio_block_t> pool;

protected:
    static audio_block_t *allocate()
    {
        return pool.take();
    }
    static void release(audio_block_t *block, bool enableIRQ = true)
    {
        (void)enableIRQ;
        pool.drop(block);
    }
    void transmit(audio_block_t *block, unsigned char index = 0)
    {
        pool.send(block, index);
    }
    audio_block_t *receiveReadOnly(unsigned int index = 0)
    {
        return pool.receive(index);
    }

private:
    virtual void update(void) = 0;
};

class AudioConnection
{
public:
    AudioConnection(AudioStream &, unsigned char, AudioStream &, unsigned char)
    {
    }
};

#define AudioMemory(blocks) ((void)(blocks))
#define AudioNoInterrupts() ((void)0)
#define AudioInterrupts() ((void)0)

#endif
