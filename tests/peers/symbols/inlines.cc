// Everything that makes naming hard: inlining three deep, anonymous namespaces, lambdas, local classes, templates,
// virtual functions, cold parts, functions without linkage names. Compiled by tests/peers/symbols.sh.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace {
inline int square(int x) { return x * x; }
inline int sum_of_squares(int a, int b) { return square(a) + square(b); }
__attribute__((noinline)) int hidden(int x) { return sum_of_squares(x, x + 1) ^ x; }

struct Counter {
	long n = 0;
	__attribute__((noinline)) void add(long by) { n += by * 3 + (by >> 1); }
	void twice(long by) { add(by); add(by + 1); }
};
} // namespace

namespace shapes {
class Shape {
public:
	virtual ~Shape() {}
	virtual double area() const = 0;
};
template <typename T> class Box : public Shape {
	T w, h;

public:
	Box(T a, T b) : w(a), h(b) {}
	double area() const override { return clamp(w) * clamp(h); }
	static T clamp(T v) { return v < T(0) ? T(0) : v > T(1000) ? T(1000) : v; }
};
} // namespace shapes

static int file_local(int x)
{
	struct Local {
		static __attribute__((noinline)) int inner(int y) { return y * 7 + square(y); }
	};
	return Local::inner(x) + Local::inner(x + 2);
}

extern "C" __attribute__((noinline)) int plain_c_name(int x) { return sum_of_squares(x, 3); }

__attribute__((cold, noinline)) static void complain(const char *what)
{
	std::fprintf(stderr, "cannot %s\n", what);
	std::exit(1);
}

__attribute__((noinline)) long collect(int n)
{
	std::map<std::string, int> seen;
	std::vector<int> values;
	if (n < 0)
		complain("count below zero");
	for (int i = 0; i < n; i++) {
		values.push_back(hidden(i) % 101);
		seen[std::to_string(values.back())]++;
	}
	std::sort(values.begin(), values.end(), [](int a, int b) { return (a ^ 5) < (b ^ 5); });
	auto fold = [&](long start) {
		for (int v : values)
			start = start * 31 + v;
		return start;
	};
	return fold(n) + (long)seen.size();
}

int main(int argc, char **)
{
	Counter c;
	shapes::Box<int> box(argc, argc + 4);
	shapes::Box<double> wide(argc * 0.5, 3);
	const shapes::Shape *all[] = { &box, &wide };
	double area = 0;
	for (const shapes::Shape *s : all)
		area += s->area();
	c.twice(collect(argc + 50));
	std::printf("%ld %d %d %f\n", c.n, file_local(argc), plain_c_name(argc), area);
}
