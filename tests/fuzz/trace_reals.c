/* SPDX-License-Identifier: Apache-2.0 */
/* Comparisons of floats and doubles, which the sanitizers' library has no word for. */
void __sanitizer_cov_trace_cmpf(float a, float b);
void __sanitizer_cov_trace_cmpf(float a, float b)
{
    (void)a;
    (void)b;
}

void __sanitizer_cov_trace_cmpd(double a, double b);
void __sanitizer_cov_trace_cmpd(double a, double b)
{
    (void)a;
    (void)b;
}
