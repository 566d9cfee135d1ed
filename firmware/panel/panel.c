/*
 * Every pin by the tables that the board's file became. What runs in the audio interrupt reads each
 * port once, and writes only what changed.
 */
#include "panel.h"

#include "chip/adc.h"
#include "chip/delay.h"
#include "chip/pins.h"
#include "core/sections.h"
#include "panel_wiring.h"

/* For the pull-ups to lift lines with capacitors at them. */
#define SETTLE_MS 5u
#define HELD_MS 20u

static void output_start(char port, unsigned number, bool high)
{
    const struct pin pin = { .port = port, .number = number, .mode = PIN_OUTPUT };

    pin_init_output(&pin, high);
}

#if PANEL_LAMPS > 0

struct lamp {
    char port;
    uint8_t number;
    bool is_lit_high;
};

static const struct lamp lamps[PANEL_LAMPS] = { PANEL_LAMP_ROWS };
static uint32_t lit;

static inline void lamp_set(uint32_t number, bool on)
{
    const struct lamp *const lamp = &lamps[number];

    pin_write(lamp->port, lamp->number, on == lamp->is_lit_high);
}

static void lamps_start(void)
{
    lit = 0;
    for (uint32_t i = 0; i < PANEL_LAMPS; i++) {
        output_start(lamps[i].port, lamps[i].number, !lamps[i].is_lit_high);
    }
}

static inline void lamps_show(uint32_t wanted)
{
    uint32_t changed = wanted ^ lit;

    lit = wanted;
    while (changed != 0u) {
        const uint32_t number = (uint32_t)__builtin_ctz(changed);
        lamp_set(number, ((wanted >> number) & 1u) != 0u);
        changed &= changed - 1u;
    }
}

#endif

#if PANEL_HAS_RELAY

static bool effect;
static bool mute;

static inline void relay_set(bool wanted)
{
    effect = wanted;
    pin_write(PANEL_RELAY_PORT, PANEL_RELAY_PIN, wanted == PANEL_RELAY_HIGH);
}

static inline void mute_set(bool wanted)
{
    mute = wanted;
#if PANEL_HAS_MUTE
    pin_write(PANEL_MUTE_PORT, PANEL_MUTE_PIN, wanted == PANEL_MUTE_HIGH);
#endif
}

static void relay_start(bool is_mute)
{
    effect = false;
    mute = is_mute;
#if PANEL_HAS_MUTE
    output_start(PANEL_MUTE_PORT, PANEL_MUTE_PIN, is_mute == PANEL_MUTE_HIGH);
#endif
    output_start(PANEL_RELAY_PORT, PANEL_RELAY_PIN, !PANEL_RELAY_HIGH);
}

static inline void relay_show(const struct panel_outputs *out)
{
    if (out->mute != mute) {
        mute_set(out->mute);
    }
    if (out->effect != effect) {
        relay_set(out->effect);
    }
}

#endif

#if PANEL_SWITCHES > 0

struct switch_pin {
    uint8_t port; /* its place in `ports` */
    char letter;
    uint8_t number;
    enum pin_pull pull;
};

static const char ports[PANEL_PORTS] = { PANEL_PORT_LETTERS };
static const struct switch_pin switches[PANEL_SWITCHES] = { PANEL_SWITCH_ROWS };

static void switches_start(void)
{
    for (uint32_t i = 0; i < PANEL_SWITCHES; i++) {
        const struct pin pin = { .port = switches[i].letter, .number = switches[i].number,
                                 .mode = PIN_INPUT, .pull = switches[i].pull };
        pin_init(&pin);
    }
    delay_ms(SETTLE_MS);
}

ITCM_CODE static uint32_t closed_switches(void)
{
    uint32_t levels[PANEL_PORTS];
    uint32_t high = 0;

    for (uint32_t i = 0; i < PANEL_PORTS; i++) {
        levels[i] = GPIO(ports[i], GPIO_IDR);
    }
    for (uint32_t i = 0; i < PANEL_SWITCHES; i++) {
        high |= ((levels[switches[i].port] >> switches[i].number) & 1u) << i;
    }
    return high ^ PANEL_CLOSED_LOW;
}

#endif

#if PANEL_KNOBS > 0

struct knob_pin {
    char port;
    uint8_t number;
};

static bool knobs_start(void)
{
    static const struct knob_pin knobs[PANEL_KNOBS] = { PANEL_KNOB_ROWS };
    static const uint8_t channels[PANEL_KNOBS] = { PANEL_KNOB_CHANNELS };

    for (uint32_t i = 0; i < PANEL_KNOBS; i++) {
        const struct pin pin = { .port = knobs[i].port, .number = knobs[i].number,
                                 .mode = PIN_ANALOG };
        pin_init(&pin);
    }
    return adc_start(channels, PANEL_KNOBS);
}

#endif

bool panel_init(void)
{
    bool is_ready = true;

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
    is_ready = knobs_start();
#endif
    return is_ready;
}

bool panel_update_is_held(void)
{
    uint32_t held = PANEL_COMBINATION;

#if PANEL_SWITCHES > 0
    for (uint32_t ms = 0; ms < HELD_MS && held != 0u; ms++) {
        held &= closed_switches();
        delay_ms(1);
    }
#endif
    return held != 0u;
}

ITCM_CODE void panel_read(struct panel_inputs *in)
{
#if PANEL_SWITCHES > 0
    in->closed = closed_switches();
#else
    in->closed = 0;
#endif
#if PANEL_KNOBS > 0
    adc_read(in->codes, PANEL_KNOBS);
#endif
}

ITCM_CODE void panel_show(const struct panel_outputs *out)
{
#if PANEL_HAS_RELAY
    relay_show(out);
#endif
#if PANEL_LAMPS > 0
    lamps_show(out->lit);
#endif
}

void panel_safe(void)
{
#if PANEL_HAS_RELAY
    relay_start(false);
#endif
#if PANEL_LAMPS > 0
    lamps_start();
#endif
}

void panel_show_fault(bool is_lit)
{
#if PANEL_HAS_FAULT_LAMP
    lamp_set(PANEL_FAULT_LAMP, is_lit);
#else
    (void)is_lit;
#endif
}
