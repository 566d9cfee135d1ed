/*
 * The pedal: start everything, then see that it goes on.
 *
 * Between two blocks the processor spins: the supply's load then is the same all the time, where
 * sleep would make it step once per block, which can be heard. PEDAL_IDLE_SLEEP saves the power.
 */
#include "chip/hooks.h"

#include "board/audio.h"
#include "board/codec.h"
#include "board/revision.h"
#include "board/settings.h"
#include "chip/watchdog.h"
#include "core/processor.h"

#include "control.h"
#include "pedal.h"

static void idle(void)
{
#ifdef PEDAL_IDLE_SLEEP
    wait_for_interrupt();
#endif
}

int main(void)
{
    const enum board_revision revision = board_revision();
    uint32_t seen = 0;

    pedal_reset();
    settings_start();
    pedal_control_start(settings_capture());
    codec_init(revision);
    audio_start(revision);
    codec_release();
    watchdog_start();
    for (;;) {
        const uint32_t blocks = audio_blocks();
        if (blocks == seen) {
            idle();
            continue;
        }
        /* Here both live: the audio, which counted, and this loop, which saw it. */
        seen = blocks;
        watchdog_feed();
        settings_step(pedal_control_capture(), blocks);
    }
}
