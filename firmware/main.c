/*
 * The pedal: start everything, then do nothing but show that the audio runs in time.
 */
#include "board.h"
#include "pedal.h"
#include "stm32h750.h"

int main(void);

int main(void)
{
    const enum board_revision revision = board_revision();
    uint32_t late = 0;

    pedal_reset();
    codec_init(revision);
    audio_start(revision);
    for (;;) {
        wait_for_interrupt();
        const uint32_t late_now = audio_late_blocks();
        board_led(audio_blocks() > 0u && late_now == late);
        late = late_now;
    }
}
