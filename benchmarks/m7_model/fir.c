/* A direct FIR filter with four sums in flight, all in zero-wait memory. */
enum { TAPS = 512, BLOCK = 48 };

float fir_history[TAPS + BLOCK];
float fir_taps[TAPS];
float fir_output[BLOCK];

void fir_process(int count)
{
    for (int t = 0; t < count; t++) {
        const float *x = fir_history + t;
        float a = 0.0f;
        float b = 0.0f;
        float c = 0.0f;
        float d = 0.0f;
        for (int i = 0; i < TAPS; i += 4) {
            a += fir_taps[i] * x[i];
            b += fir_taps[i + 1] * x[i + 1];
            c += fir_taps[i + 2] * x[i + 2];
            d += fir_taps[i + 3] * x[i + 3];
        }
        fir_output[t] = (a + b) + (c + d);
    }
}
