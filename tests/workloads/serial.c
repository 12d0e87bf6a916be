/* serial [SECONDS]: ten functions, one after the other, doing 1:2:...:10 of the work: 1.82 % ... 18.18 % of the CPU
 * time (the shape of Go proposal 36821's demonstration). */
#include "truth.h"

SPIN_FUNCTION(A_expect_1_82)
SPIN_FUNCTION(B_expect_3_64)
SPIN_FUNCTION(C_expect_5_45)
SPIN_FUNCTION(D_expect_7_27)
SPIN_FUNCTION(E_expect_9_09)
SPIN_FUNCTION(F_expect_10_91)
SPIN_FUNCTION(G_expect_12_73)
SPIN_FUNCTION(H_expect_14_55)
SPIN_FUNCTION(I_expect_16_36)
SPIN_FUNCTION(J_expect_18_18)
SPIN_FUNCTION(calibrate)

static const struct {
	const char *name;
	spin_fn run;
} parts[10] = {
	{ "A_expect_1_82", A_expect_1_82 },   { "B_expect_3_64", B_expect_3_64 },
	{ "C_expect_5_45", C_expect_5_45 },   { "D_expect_7_27", D_expect_7_27 },
	{ "E_expect_9_09", E_expect_9_09 },   { "F_expect_10_91", F_expect_10_91 },
	{ "G_expect_12_73", G_expect_12_73 }, { "H_expect_14_55", H_expect_14_55 },
	{ "I_expect_16_36", I_expect_16_36 }, { "J_expect_18_18", J_expect_18_18 },
};

int main(int argc, char **argv)
{
	const double seconds = seconds_of(argc, argv, 5);
	const double unit = seconds * spin_rate_hz(calibrate) / 55;
	uint64_t cpu_ns[10];
	uint64_t total_ns;
	uint64_t x = 1;

	for (int k = 0; k < 10; k++) {
		const uint64_t before_ns = thread_cpu_ns();

		x = parts[k].run(x, (uint64_t)(unit * (k + 1)));
		cpu_ns[k] = thread_cpu_ns() - before_ns;
	}
	total_ns = thread_cpu_ns();
	printf("%llx\n", (unsigned long long)x);
	for (int k = 0; k < 10; k++)
		print_truth(parts[k].name, cpu_ns[k], total_ns);
	print_fact("cpu_seconds", (double)total_ns / 1e9);
	return 0;
}
