/* The same on a processor without a C++ library. */
#include "blocks.h"

void operator delete(void *) noexcept
{
}

void operator delete(void *, size_t) noexcept
{
}

extern "C" void __cxa_pure_virtual(void)
{
}
