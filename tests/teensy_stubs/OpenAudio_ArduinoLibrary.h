/* A stand-in for the header of the OpenAudio library, with the objects of a sketch. */
#include <AudioStream_F32.h>

class AudioInputI2S_F32 : public AudioStream_F32
{
public:
    explicit AudioInputI2S_F32(const AudioSettings_F32 &) : AudioStream_F32(0, nullptr)
    {
    }
    void update() override
    {
    }
};

class AudioOutputI2S_F32 : public AudioStream_F32
{
public:
    explicit AudioOutputI2S_F32(const AudioSettings_F32 &) : AudioStream_F32(2, queue_)
    {
    }
    void update() override
    {
    }

private:
    audio_block_f32_t *queue_[2];
};
