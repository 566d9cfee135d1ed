/*
 * Audio codecs. A board's description names that of each revision, and its `sources` their files.
 *
 * `..._start` makes one ready to be given a clock; the tick runs. False when it does not answer,
 * which only one on a bus can tell. All exchange frames of two slots of 32 bits.
 *
 * A `table` is data of the board. The WM8731 and the PCM3060 could be; they stay as they are, as a
 * Daisy's images do.
 */
#ifndef CODECS_H
#define CODECS_H

#include "codec/ak4556.h"
#include "codec/pcm3060.h"
#include "codec/pcm3060_i2c.h"
#include "codec/strapped.h"
#include "codec/table.h"
#include "codec/tac5242.h"
#include "codec/wm8731.h"

#endif
