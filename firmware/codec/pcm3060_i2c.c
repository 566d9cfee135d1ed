/*
 * PCM3060, set over I2C. A reset of its registers comes first, since nothing else resets it with
 * the processor; so all of them are known, and none has to be read. What is not named stays as that
 * reset leaves it: slave, no attenuation, no mute, differential outputs.
 */
#include "pcm3060_i2c.h"

#include <stddef.h>
#include <stdint.h>

#include "chip/delay.h"
#include "codec/codec_bus.h"
#include "codec/registers/pcm3060.h"

#define SETTLE_MS 4u /* each of the resets takes less */
#define MESSAGE_BYTES 2u
#define AWAKE (PCM3060_SYSTEM_MRST | PCM3060_SYSTEM_SRST)
#define ASLEEP (PCM3060_SYSTEM_ADPSV | PCM3060_SYSTEM_DAPSV)

static const uint8_t messages[][MESSAGE_BYTES] = {
    { PCM3060_SYSTEM, PCM3060_SYSTEM_SRST | ASLEEP },
    { PCM3060_SYSTEM, PCM3060_SYSTEM_MRST | ASLEEP },
    { PCM3060_DAC_CONTROL_1, PCM3060_CONTROL_1_LEFT_JUSTIFIED },
    { PCM3060_ADC_CONTROL_1, PCM3060_CONTROL_1_LEFT_JUSTIFIED },
    { PCM3060_SYSTEM, AWAKE },
};

bool pcm3060_i2c_start(void)
{
    codec_bus_start();
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        if (!codec_bus_write(PCM3060_ADDRESS, messages[i], MESSAGE_BYTES)) {
            return false;
        }
        delay_ms(SETTLE_MS);
    }
    return true;
}
