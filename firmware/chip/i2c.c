/*
 * The I2C that the board's description has (RM0433, chapter 47). `clock_init` gives it the clock of
 * APB1.
 */
#include "i2c.h"

#include "board_wiring.h"
#include "chip/clock.h"
#include "chip/delay.h"
#include "chip/registers/i2c.h"
#include "chip/registers/rcc.h"

#ifdef I2C_NUMBER

#define SCL_LOW_NS 1530u
#define SCL_HIGH_NS 530u
#define DATA_SETUP_NS 400u
/* A prescaled clock of 30 MHz or a little more gives each of these a count that fits. */
#define PRESCALED_HZ 30000000u
#define HZ_PER_KHZ 1000u
#define NS_KHZ 1000000u /* a time in ns, times a clock in kHz, is this many periods */
#define HALF_BIT_US 5u
#define WAIT_READS 100000u /* some 10 ms; a byte takes 0.1 ms */
#define RECOVERY_CLOCKS 9
#define BUS_FAILURES (I2C_ISR_BERR | I2C_ISR_ARLO)

static void line_init(const struct i2c_line *line, enum pin_mode mode)
{
    const struct pin pin = { .port = line->port, .number = line->number, .mode = mode,
                             .alternate = line->alternate, .drive = PIN_OPEN_DRAIN };

    pin_init(&pin);
}

static void line_set(const struct i2c_line *line, bool high)
{
    pin_write(line->port, line->number, high);
    delay_us(HALF_BIT_US);
}

/*
 * A codec that was interrupted within a byte, by a reset of the processor alone, waits for the rest
 * of it: nine clocks bring it to the end, and a stop makes it listen again.
 */
static void bus_free(const struct i2c_line *clock, const struct i2c_line *data)
{
    pin_write(clock->port, clock->number, true);
    pin_write(data->port, data->number, true);
    line_init(clock, PIN_OUTPUT);
    line_init(data, PIN_OUTPUT);
    delay_us(HALF_BIT_US);
    for (int turn = 0; turn < RECOVERY_CLOCKS; turn++) {
        line_set(clock, false);
        line_set(clock, true);
    }
    line_set(clock, false);
    line_set(data, false);
    line_set(clock, true);
    line_set(data, true);
}

/* Periods of a clock that take no less than a time. */
static uint32_t periods(uint32_t nanoseconds, uint32_t khz)
{
    return (nanoseconds * khz + NS_KHZ - 1u) / NS_KHZ;
}

/* Of a clock faster than PRESCALED_HZ. */
static uint32_t timing_at(uint32_t hz)
{
    const uint32_t prescaler = hz / PRESCALED_HZ;
    const uint32_t khz = hz / prescaler / HZ_PER_KHZ;

    return I2C_TIMINGR_PRESC(prescaler) | I2C_TIMINGR_SCLDEL(periods(DATA_SETUP_NS, khz))
        | I2C_TIMINGR_SCLH(periods(SCL_HIGH_NS, khz)) | I2C_TIMINGR_SCLL(periods(SCL_LOW_NS, khz));
}

void i2c_start(const struct i2c_line *clock, const struct i2c_line *data)
{
    RCC_AHB4ENR = RCC_AHB4ENR | RCC_AHB4ENR_GPIOEN(clock->port) | RCC_AHB4ENR_GPIOEN(data->port);
    (void)RCC_AHB4ENR;
    bus_free(clock, data);
    line_init(clock, PIN_ALTERNATE);
    line_init(data, PIN_ALTERNATE);
    RCC_APB1LENR = RCC_APB1LENR | RCC_APB1LENR_I2CEN(I2C_NUMBER);
    (void)RCC_APB1LENR;
    I2C(I2C_NUMBER, I2C_CR1) = 0;
    I2C(I2C_NUMBER, I2C_TIMINGR) = timing_at(clock_apb1_hz());
    I2C(I2C_NUMBER, I2C_CR1) = I2C_CR1_PE;
}

/* Those of `flags` that came; 0 when none did in time. */
static uint32_t wait_for_any(uint32_t flags)
{
    uint32_t found = 0;

    for (uint32_t reads = 0; found == 0u && reads < WAIT_READS; reads++) {
        found = I2C(I2C_NUMBER, I2C_ISR) & flags;
    }
    return found;
}

bool i2c_write(uint32_t address, const uint8_t *bytes, size_t count)
{
    const uint32_t failures = I2C_ISR_NACKF | BUS_FAILURES;
    bool taken = true;

    I2C(I2C_NUMBER, I2C_ICR) = failures | I2C_ISR_STOPF;
    I2C(I2C_NUMBER, I2C_CR2) = FIELD(address, I2C_CR2_SADD_SHIFT)
        | FIELD(count, I2C_CR2_NBYTES_SHIFT) | I2C_CR2_AUTOEND | I2C_CR2_START;
    for (size_t i = 0; i < count && taken; i++) {
        taken = wait_for_any(I2C_ISR_TXIS | failures) == I2C_ISR_TXIS;
        if (taken) {
            I2C(I2C_NUMBER, I2C_TXDR) = bytes[i];
        }
    }
    /* The stop also comes after a refused byte. */
    const bool stopped = wait_for_any(I2C_ISR_STOPF | BUS_FAILURES) == I2C_ISR_STOPF;
    const bool refused = (I2C(I2C_NUMBER, I2C_ISR) & failures) != 0u;
    return taken && stopped && !refused;
}

#ifdef I2C_READS

#define FAILURES (I2C_ISR_NACKF | BUS_FAILURES)

static void transfer_start(uint32_t address, size_t count, uint32_t kind)
{
    I2C(I2C_NUMBER, I2C_ICR) = FAILURES | I2C_ISR_STOPF;
    I2C(I2C_NUMBER, I2C_CR2) = FIELD(address, I2C_CR2_SADD_SHIFT)
        | FIELD(count, I2C_CR2_NBYTES_SHIFT) | kind | I2C_CR2_START;
}

bool i2c_ask(uint32_t address, const uint8_t *bytes, size_t count)
{
    transfer_start(address, count, 0u);
    for (size_t i = 0; i < count; i++) {
        if (wait_for_any(I2C_ISR_TXIS | FAILURES) != I2C_ISR_TXIS) {
            return false;
        }
        I2C(I2C_NUMBER, I2C_TXDR) = bytes[i];
    }
    return wait_for_any(I2C_ISR_TC | FAILURES) == I2C_ISR_TC;
}

bool i2c_read(uint32_t address, uint8_t *bytes, size_t count)
{
    transfer_start(address, count, I2C_CR2_RD_WRN | I2C_CR2_AUTOEND);
    for (size_t i = 0; i < count; i++) {
        if (wait_for_any(I2C_ISR_RXNE | FAILURES) != I2C_ISR_RXNE) {
            return false;
        }
        bytes[i] = (uint8_t)I2C(I2C_NUMBER, I2C_RXDR);
    }
    return wait_for_any(I2C_ISR_STOPF | BUS_FAILURES) == I2C_ISR_STOPF;
}

#endif

#endif
