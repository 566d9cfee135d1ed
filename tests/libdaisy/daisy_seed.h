/*
 * As much of libDaisy's classes as a project uses, for tests on a computer. Panel and guitar come
 * from standard input, block by block; sound, pins and the LED go to standard output.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace daisy {

enum GPIOPort { PORTA, PORTB, PORTC, PORTD, PORTE, PORTF, PORTG, PORTH, PORTI, PORTJ, PORTK, PORTX };

struct Pin {
    GPIOPort port = PORTX;
    uint8_t pin = 255;
    constexpr Pin() = default;
    constexpr Pin(const GPIOPort to, const uint8_t number) : port(to), pin(number) {}
};

namespace bench {

constexpr size_t PINS = 11 * 16;
constexpr uint8_t NOTHING = 9;

struct Panel {
    uint8_t high[PINS];
    uint16_t volts[PINS];
    uint32_t ticks; /* that pass from one question to the next */
};

inline Panel now;
inline uint8_t driven[PINS];
inline uint8_t pulls[PINS];
inline uint32_t clock_ticks, clock_ms;
inline size_t block_frames;
inline bool boosted;

inline size_t place(Pin pin) { return static_cast<size_t>(pin.port) * 16 + pin.pin; }

template <typename T> bool take(T *values, size_t count)
{
    return std::fread(values, sizeof(T), count, stdin) == count;
}

template <typename T> void give(const T *values, size_t count)
{
    std::fwrite(values, sizeof(T), count, stdout);
}

[[noreturn]] inline void end(int code)
{
    const uint8_t last[2] = { boosted, static_cast<uint8_t>(code) };
    give(pulls, PINS);
    give(last, 2);
    std::fflush(stdout);
    std::_Exit(0);
}

} // namespace bench

class GPIO {
  public:
    enum class Mode { INPUT, OUTPUT, OPEN_DRAIN, ANALOG };
    enum class Pull { NOPULL, PULLUP, PULLDOWN };
    enum class Speed { LOW, MEDIUM, HIGH, VERY_HIGH };

    void Init(Pin to, Mode as = Mode::INPUT, Pull pull = Pull::NOPULL, Speed = Speed::LOW)
    {
        pin = to;
        mode = as;
        bench::pulls[bench::place(to)] = static_cast<uint8_t>(pull);
    }
    bool Read() { return mode == Mode::INPUT && bench::now.high[bench::place(pin)]; }
    void Write(bool high)
    {
        if (mode == Mode::OUTPUT) {
            bench::driven[bench::place(pin)] = high;
        }
    }

  private:
    Pin pin;
    Mode mode = Mode::ANALOG;
};

struct AdcChannelConfig {
    enum ConversionSpeed { SPEED_8CYCLES_5 };
    void InitSingle(Pin to, ConversionSpeed = SPEED_8CYCLES_5) { pin = to; }
    Pin pin;
};

class AdcHandle {
  public:
    enum OverSampling { OVS_NONE, OVS_32 = 5 };
    void Init(AdcChannelConfig *channels, size_t count, OverSampling = OVS_32)
    {
        known = count;
        for (size_t i = 0; i < count; i++) {
            pins[i] = channels[i].pin;
        }
    }
    void Start() { runs = true; }
    uint16_t Get(uint8_t channel) const
    {
        return runs && channel < known ? bench::now.volts[bench::place(pins[channel])] : 0;
    }

  private:
    Pin pins[16];
    size_t known = 0;
    bool runs = false;
};

class System {
  public:
    enum BootloaderMode { STM = 0, DAISY, DAISY_SKIP_TIMEOUT, DAISY_INFINITE_TIMEOUT };
    static uint32_t GetTick() { return bench::clock_ticks += bench::now.ticks; }
    static uint32_t GetTickFreq() { return 200000000u; }
    static uint32_t GetNow() { return ++bench::clock_ms; }
    static void Delay(uint32_t ms) { bench::clock_ms += ms; }
    [[noreturn]] static void ResetToBootloader(BootloaderMode mode = STM) { bench::end(10 + mode); }
};

class SaiHandle {
  public:
    struct Config {
        enum class SampleRate { SAI_8KHZ, SAI_16KHZ, SAI_32KHZ, SAI_48KHZ, SAI_96KHZ };
    };
};

class AudioHandle {
  public:
    typedef const float *const *InputBuffer;
    typedef float **OutputBuffer;
    typedef void (*AudioCallback)(InputBuffer in, OutputBuffer out, size_t size);
};

class DaisySeed {
  public:
    void Init(bool boost = false)
    {
        bench::boosted = boost;
        for (uint8_t &pin : bench::driven) {
            pin = bench::NOTHING;
        }
        if (!bench::take(&bench::now, 1)) {
            std::abort();
        }
    }
    void SetAudioBlockSize(size_t frames) { bench::block_frames = frames; }
    void SetAudioSampleRate(SaiHandle::Config::SampleRate rate)
    {
        if (rate != SaiHandle::Config::SampleRate::SAI_48KHZ) {
            std::abort();
        }
    }
    void StartAudio(AudioHandle::AudioCallback callback) { play = callback; }
    /* Once in every turn of the program's loop: a block. */
    void SetLed(bool is_lit)
    {
        static float guitar[2][256], sound[2][256];
        const float *const in[2] = { guitar[0], guitar[1] };
        float *out[2] = { sound[0], sound[1] };
        const uint8_t led = is_lit;

        if (!bench::take(&bench::now, 1)) {
            bench::end(0);
        }
        for (size_t i = 0; i < 2; i++) {
            if (!bench::take(guitar[i], bench::block_frames)) {
                std::abort();
            }
        }
        play(in, out, bench::block_frames);
        for (size_t i = 0; i < 2; i++) {
            bench::give(sound[i], bench::block_frames);
        }
        bench::give(bench::driven, bench::PINS);
        bench::give(&led, 1);
    }

  private:
    AudioHandle::AudioCallback play = nullptr;
};

} // namespace daisy
