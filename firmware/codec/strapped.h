/*
 * Converters that are set by their pins alone, such as a PCM1808 beside a PCM5102A; no reset, no
 * bus. The pin `codec_mute`, where there is one, is low for silence.
 */
#ifndef STRAPPED_H
#define STRAPPED_H

#include <stdbool.h>

/* Silent until `codec_unmute`. */
bool strapped_start(void);

#endif
