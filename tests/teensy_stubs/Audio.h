/* A stand-in for Audio.h of Teensy's Audio library, with the objects of a sketch. */
#ifndef Audio_h
#define Audio_h

#include <AudioStream.h>

#define AUDIO_INPUT_LINEIN 0

class AudioInputI2S : public AudioStream
{
public:
    AudioInputI2S() : AudioStream(0, nullptr)
    {
    }
    void update() override
    {
    }
};

class AudioOutputI2S : public AudioStream
{
public:
    AudioOutputI2S() : AudioStream(2, queue_)
    {
    }
    void update() override
    {
    }

private:
    audio_block_t *queue_[2];
};

class AudioControlSGTL5000
{
public:
    bool enable()
    {
        return true;
    }
    bool inputSelect(int)
    {
        return true;
    }
    bool lineInLevel(uint8_t)
    {
        return true;
    }
    unsigned short lineOutLevel(uint8_t)
    {
        return 0;
    }
};

#endif
