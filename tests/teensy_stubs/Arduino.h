/* A stand-in for what Arduino puts above every sketch. */
#ifndef Arduino_h
#define Arduino_h

#include <stdint.h>

struct StubSerial {
    void begin(long)
    {
    }
    template <typename T> void print(T)
    {
    }
    template <typename T> void println(T)
    {
    }
};

static StubSerial Serial;
#define DMAMEM __attribute__((section(".dmabuffers"), used))

inline void delay(uint32_t)
{
}

void setup();
void loop();

#endif
