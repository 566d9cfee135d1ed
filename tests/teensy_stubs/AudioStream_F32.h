/* A stand-in for the OpenAudio library's AudioStream_F32.h, as AudioStream.h here is one. */
#ifndef AudioStream_F32_h
#define AudioStream_F32_h

#include <Audio.h>

class AudioSettings_F32
{
public:
    AudioSettings_F32(float fs_Hz = AUDIO_SAMPLE_RATE_EXACT, int block_size = AUDIO_BLOCK_SAMPLES)
        : sample_rate_Hz(fs_Hz), audio_block_samples(block_size)
    {
    }
    const float sample_rate_Hz;
    const int audio_block_samples;
};

class audio_block_f32_t
{
public:
    unsigned char ref_count;
    unsigned char memory_pool_index;
    unsigned char reserved1;
    unsigned char reserved2;
    float data[AUDIO_BLOCK_SAMPLES];
    const int full_length = AUDIO_BLOCK_SAMPLES;
    int length = AUDIO_BLOCK_SAMPLES;
    float fs_Hz = AUDIO_SAMPLE_RATE_EXACT;
    unsigned long id;
};

class AudioStream_F32 : public AudioStream
{
public:
    AudioStream_F32(unsigned char n_input_f32, audio_block_f32_t **iqueue) : AudioStream(1, words_)
    {
        for (int i = 0; i < n_input_f32; i++) {
            iqueue[i] = nullptr;
        }
    }
    static audio_block_f32_t *allocate_f32(void)
    {
        return floats.take();
    }
    static void release(audio_block_f32_t *block)
    {
        floats.drop(block);
    }
    static StubPool<audio_block_f32_t> floats;

protected:
    void transmit(audio_block_f32_t *block, unsigned char index = 0)
    {
        floats.send(block, index);
    }
    audio_block_f32_t *receiveReadOnly_f32(unsigned int index = 0)
    {
        return floats.receive(index);
    }

private:
    virtual void update(void) = 0;
    audio_block_t *words_[1];
};

class AudioConnection_F32
{
public:
    AudioConnection_F32(AudioStream_F32 &, unsigned char, AudioStream_F32 &, unsigned char)
    {
    }
};

inline void AudioMemory_F32(int, const AudioSettings_F32 &)
{
}

#endif
