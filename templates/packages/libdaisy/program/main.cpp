/*
 * The pedal as a program of libDaisy's: guitar into one input, sound from both outputs.
 */
#include "daisy_seed.h"

extern "C" {
#include "chain.h"
#include "pedal.h"
#include "sound.h"
}
#include "project.h"

static_assert(SOUND_SAMPLE_RATE_HZ == 48000, "the sound is planned for 48 kHz");
static_assert(SOUND_IN_CHANNELS == 1 && SOUND_OUT_CHANNELS == 1, "the pedal is mono");
static_assert(CHAIN_BLOCK_FRAMES >= 1 && CHAIN_BLOCK_FRAMES <= 256, "libDaisy's longest block");
static_assert(sizeof(size_t) >= sizeof(uint32_t) && sizeof(float) == 4, "a processor of 32 bits");

namespace {

constexpr uint32_t DARK_MS = 250; /* after a late block */

daisy::DaisySeed seed;
uint32_t ticks_of_block;
volatile bool was_late;

void play(daisy::AudioHandle::InputBuffer in, daisy::AudioHandle::OutputBuffer out, size_t size)
{
    const uint32_t begin = daisy::System::GetTick();

    pedal_process(in[0], out[0], out[1], size);
    const bool is_late = daisy::System::GetTick() - begin > ticks_of_block;
    was_late = was_late || is_late;
    pedal_control(size, is_late);
}

[[noreturn]] void make_way()
{
#ifdef BOOT_APP
    daisy::System::ResetToBootloader(daisy::System::DAISY_INFINITE_TIMEOUT);
#else
    daisy::System::ResetToBootloader(daisy::System::STM);
#endif
    while (true) {
    }
}

} // namespace

int main(void)
{
    uint32_t dark_since = 0;
    bool is_dark = false;

    seed.Init(PROJECT_BOOST);
    seed.SetAudioBlockSize(CHAIN_BLOCK_FRAMES);
    seed.SetAudioSampleRate(daisy::SaiHandle::Config::SampleRate::SAI_48KHZ);
    ticks_of_block = static_cast<uint32_t>(static_cast<uint64_t>(daisy::System::GetTickFreq())
                                           * CHAIN_BLOCK_FRAMES / SOUND_SAMPLE_RATE_HZ);
    if (pedal_start()) {
        make_way();
    }
    seed.StartAudio(play);
    while (!pedal_wants_update()) {
        const uint32_t now = daisy::System::GetNow();
        if (was_late) {
            was_late = false;
            is_dark = true;
            dark_since = now;
        }
        is_dark = is_dark && now - dark_since < DARK_MS;
        seed.SetLed(!is_dark);
    }
    make_way();
}
