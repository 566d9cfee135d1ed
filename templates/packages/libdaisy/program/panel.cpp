/*
 * The panel by libDaisy's classes; the pins are those of the tables that the board's file became.
 */
#include "daisy_seed.h"

extern "C" {
#include "panel/panel.h"
}

/* What panel_wiring.h calls them. */
static constexpr daisy::GPIO::Pull PIN_FLOATING = daisy::GPIO::Pull::NOPULL;
static constexpr daisy::GPIO::Pull PIN_PULL_UP = daisy::GPIO::Pull::PULLUP;
static constexpr daisy::GPIO::Pull PIN_PULL_DOWN = daisy::GPIO::Pull::PULLDOWN;

#include "panel_wiring.h"

namespace {

/* For the pull-ups to lift lines with capacitors at them, and for the first codes of the knobs. */
constexpr uint32_t SETTLE_MS = 5;
constexpr uint32_t HELD_MS = 20;

daisy::Pin pin_of(char letter, unsigned number)
{
    return daisy::Pin(static_cast<daisy::GPIOPort>(daisy::PORTA + (letter - 'A')), number);
}

#if PANEL_LAMPS > 0 || PANEL_HAS_RELAY

void output_start(daisy::GPIO &gpio, char port, unsigned number, bool high)
{
    gpio.Init(pin_of(port, number), daisy::GPIO::Mode::OUTPUT);
    gpio.Write(high);
}

#endif

#if PANEL_LAMPS > 0

struct Lamp {
    char port;
    uint8_t number;
    bool is_lit_high;
};

const Lamp lamps[PANEL_LAMPS] = { PANEL_LAMP_ROWS };
daisy::GPIO lamp_pins[PANEL_LAMPS];
uint32_t lit;

void lamps_start()
{
    lit = 0;
    for (unsigned i = 0; i < PANEL_LAMPS; i++) {
        output_start(lamp_pins[i], lamps[i].port, lamps[i].number, !lamps[i].is_lit_high);
    }
}

void lamps_show(uint32_t wanted)
{
    const uint32_t changed = wanted ^ lit;

    lit = wanted;
    for (unsigned i = 0; i < PANEL_LAMPS; i++) {
        if ((changed >> i) & 1u) {
            lamp_pins[i].Write(((wanted >> i) & 1u) == lamps[i].is_lit_high);
        }
    }
}

#endif

#if PANEL_HAS_RELAY

daisy::GPIO relay_pin;
bool effect;
bool mute;

#if PANEL_HAS_MUTE
daisy::GPIO mute_pin;
#endif

void relay_start(bool is_mute)
{
    effect = false;
    mute = is_mute;
#if PANEL_HAS_MUTE
    output_start(mute_pin, PANEL_MUTE_PORT, PANEL_MUTE_PIN, is_mute == PANEL_MUTE_HIGH);
#endif
    output_start(relay_pin, PANEL_RELAY_PORT, PANEL_RELAY_PIN, !PANEL_RELAY_HIGH);
}

void relay_show(const panel_outputs &out)
{
    if (out.mute != mute) {
        mute = out.mute;
#if PANEL_HAS_MUTE
        mute_pin.Write(mute == PANEL_MUTE_HIGH);
#endif
    }
    if (out.effect != effect) {
        effect = out.effect;
        relay_pin.Write(effect == PANEL_RELAY_HIGH);
    }
}

#endif

#if PANEL_SWITCHES > 0

struct Switch {
    uint8_t place_of_port; /* not needed: libDaisy reads pin by pin */
    char port;
    uint8_t number;
    daisy::GPIO::Pull pull;
};

const Switch switches[PANEL_SWITCHES] = { PANEL_SWITCH_ROWS };
daisy::GPIO switch_pins[PANEL_SWITCHES];

void switches_start()
{
    for (unsigned i = 0; i < PANEL_SWITCHES; i++) {
        const daisy::Pin pin = pin_of(switches[i].port, switches[i].number);
        switch_pins[i].Init(pin, daisy::GPIO::Mode::INPUT, switches[i].pull);
    }
}

uint32_t closed_switches()
{
    uint32_t high = 0;

    for (unsigned i = 0; i < PANEL_SWITCHES; i++) {
        high |= (switch_pins[i].Read() ? 1u : 0u) << i;
    }
    return high ^ PANEL_CLOSED_LOW;
}

#endif

#if PANEL_KNOBS > 0

struct Knob {
    char port;
    uint8_t number;
};

const Knob knobs[PANEL_KNOBS] = { PANEL_KNOB_ROWS };
daisy::AdcChannelConfig knob_channels[PANEL_KNOBS];
daisy::AdcHandle adc;

void knobs_start()
{
    for (unsigned i = 0; i < PANEL_KNOBS; i++) {
        knob_channels[i].InitSingle(pin_of(knobs[i].port, knobs[i].number));
    }
    adc.Init(knob_channels, PANEL_KNOBS);
    adc.Start();
}

#endif

} // namespace

bool panel_init(void)
{
#if PANEL_HAS_RELAY
    relay_start(true);
#endif
#if PANEL_LAMPS > 0
    lamps_start();
#endif
#if PANEL_SWITCHES > 0
    switches_start();
#endif
#if PANEL_KNOBS > 0
    knobs_start();
#endif
    daisy::System::Delay(SETTLE_MS);
    return true;
}

bool panel_update_is_held(void)
{
    uint32_t held = PANEL_COMBINATION;

#if PANEL_SWITCHES > 0
    for (uint32_t ms = 0; ms < HELD_MS && held != 0u; ms++) {
        held &= closed_switches();
        daisy::System::Delay(1);
    }
#endif
    return held != 0u;
}

void panel_read(panel_inputs *in)
{
#if PANEL_SWITCHES > 0
    in->closed = closed_switches();
#else
    in->closed = 0;
#endif
#if PANEL_KNOBS > 0
    for (unsigned i = 0; i < PANEL_KNOBS; i++) {
        in->codes[i] = adc.Get(i);
    }
#endif
}

void panel_show(const panel_outputs *out)
{
#if PANEL_HAS_RELAY
    relay_show(*out);
#endif
#if PANEL_LAMPS > 0
    lamps_show(out->lit);
#endif
}
