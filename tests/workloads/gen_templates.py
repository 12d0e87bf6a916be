#!/usr/bin/env python3
"""gen_templates.py COUNT FOLDER [INSTANCES]: write COUNT units of template-heavy C++17 (unit00.cc, ...) and main.cc into a
folder. Each unit instantiates everything for INSTANCES numbers (default 3).

What makes naming addresses hard and slow: standard containers, std::variant, std::function and lambdas over types of each
unit's own, inlined many levels deep, in namespaces with and without names, with cold parts, virtual calls, local classes,
constructors in several versions and exceptions. The program runs through all of it: main [ROUNDS]. Compiled with
g++ -std=c++17 -O2 -g a unit takes a second or two and makes some 100 KiB of code and 2 MiB of debug information;
thirty to sixty of them are a large program."""
import os
import sys

UNIT = r"""
#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

namespace unit@ {

template <int N> struct Key {
	long value;
	bool operator<(const Key &other) const { return value < other.value; }
	bool operator==(const Key &other) const { return value == other.value; }
	struct Hash {
		size_t operator()(const Key &key) const { return mix((size_t)key.value); }
		static size_t mix(size_t v) { return (v ^ (v >> 15)) * (2654435761u + N); }
	};
};

namespace {
inline long square(long x) { return x * x; }
inline long cube(long x) { return x * square(x); }
template <class T> T clamp_to(T x, T low, T high) { return std::min(std::max(x, low), high); }
template <int N> long polynomial(long x) { return cube(x) * N + square(x - N) - clamp_to(x, -1000L, 1000L + N); }
__attribute__((noinline)) long shared_by_all(long x) { return polynomial<@@>(x) ^ polynomial<@@ + 1>(x + 1); }
} // namespace

/* A tree of alternatives, visited recursively. */
template <int N> struct Node;
template <int N> using Tree = std::variant<long, std::string, std::array<long, N + 1>, std::shared_ptr<Node<N>>>;
template <int N> struct Node {
	Tree<N> left, right;
};

template <int N> struct Weigh {
	long operator()(long x) const { return polynomial<N>(x); }
	long operator()(const std::string &s) const { return std::accumulate(s.begin(), s.end(), 7L); }
	long operator()(const std::array<long, N + 1> &a) const
	{
		return std::accumulate(a.begin(), a.end(), 1L, [](long l, long r) { return l * 31 + square(r); });
	}
	long operator()(const std::shared_ptr<Node<N>> &n) const
	{
		return std::visit(*this, n->left) * 17 + std::visit(*this, n->right);
	}
};

template <int N> Tree<N> grow(int depth, long seed)
{
	if (depth > 0) {
		auto node = std::make_shared<Node<N>>();

		node->left = grow<N>(depth - 1, seed * 7 % 1009 + 1);
		node->right = grow<N>(depth - 1, seed * 11 % 1013 + 1);
		return node;
	}
	switch (seed % 3) {
	case 0:
		return seed;
	case 1:
		return std::string((size_t)(seed % 37 + 3), (char)('a' + seed % 26));
	default:
		std::array<long, N + 1> a;
		std::iota(a.begin(), a.end(), seed);
		return a;
	}
}

/* Shapes behind a virtual call, with constructors and destructors that inline what is below. */
struct Shape {
	std::string name;
	explicit Shape(std::string n) : name(std::move(n)) {}
	virtual ~Shape() = default;
	virtual long area() const = 0;
};
template <class T, int N> struct Box : Shape {
	std::vector<T> sides;
	Box(T a, T b) : Shape("box" + std::to_string(N)), sides{ a, b } {}
	long area() const override { return (long)(at(0) * at(1)); }
	T at(size_t i) const
	{
		if (i >= sides.size())
			throw std::out_of_range(name);
		return clamp_to(sides[i], T(0), T(1000));
	}
};

template <int N> long containers(long rounds)
{
	std::map<Key<N>, std::tuple<long, std::string>> ordered;
	std::unordered_map<Key<N>, std::vector<Key<N>>, typename Key<N>::Hash> hashed;
	long sum = 0;

	for (long i = 0; i < rounds; i++) {
		const Key<N> key{ i * 7919 % 1013 };

		ordered[key] = std::make_tuple(i, std::to_string(i * N));
		hashed[Key<N>{ key.value % 31 }].push_back(key);
	}
	for (const auto &[key, value] : ordered)
		sum += key.value * std::get<0>(value) + (long)std::get<1>(value).size();
	for (auto &[key, values] : hashed) {
		std::sort(values.begin(), values.end(), [](const Key<N> &a, const Key<N> &b) { return b < a; });
		sum ^= values.front().value + square(key.value);
	}
	return sum;
}

template <int N, class F> long sum_of(F &&f, long rounds)
{
	const std::function<long(long)> call = std::forward<F>(f);
	long sum = 0;

	for (long i = 0; i < rounds; i++)
		sum += call(i);
	return sum;
}

template <int N> long text(long rounds)
{
	std::string out;

	for (long i = 0; i < rounds; i++)
		out.append("k").append(std::to_string(i * N)).insert(out.begin(), ';');
	return (long)out.size();
}

template <int N> __attribute__((noinline)) long step(long seed)
{
	struct Local {
		static long twist(long x) { return cube(x) ^ shared_by_all(x); }
	};
	const std::unique_ptr<Shape> shapes[] = { std::make_unique<Box<long, N>>(seed, N),
						  std::make_unique<Box<double, N>>((double)seed, 1.5) };
	long sum = std::visit(Weigh<N>{}, grow<N>(4, seed));

	sum ^= containers<N>(40 + N);
	sum += sum_of<N>(
		[seed](long i) {
			std::deque<long> queue;
			for (long j = 0; j < 12; j++)
				queue.push_back(Local::twist(i * j + seed));
			std::sort(queue.begin(), queue.end());
			queue.erase(std::unique(queue.begin(), queue.end()), queue.end());
			return (long)queue.size() + queue.back();
		},
		5);
	for (const auto &shape : shapes)
		sum += shape->area();
	return sum ^ text<N>(6);
}

template <int... N> long all(long seed, std::integer_sequence<int, N...>)
{
	return (step<N + 1>(seed) + ...);
}

} // namespace unit@

long run_unit@(long seed)
{
	try {
		return unit@::all(seed, std::make_integer_sequence<int, $INSTANCES$>{});
	} catch (const std::exception &e) {
		return (long)std::string(e.what()).size();
	}
}
"""


def main():
    count, folder = int(sys.argv[1]), sys.argv[2]
    instances = sys.argv[3] if len(sys.argv) > 3 else "3"
    os.makedirs(folder, exist_ok=True)
    names = ["%02d" % i for i in range(count)]
    for i, name in enumerate(names):
        with open(os.path.join(folder, f"unit{name}.cc"), "w") as unit:
            unit.write(UNIT.lstrip().replace("$INSTANCES$", instances).replace("@@", str(i)).replace("@", name))
    with open(os.path.join(folder, "main.cc"), "w") as out:
        out.write("#include <cstdio>\n#include <cstdlib>\n\n")
        out.writelines(f"long run_unit{name}(long);\n" for name in names)
        out.write("\nint main(int argc, char **argv)\n{\n\tlong sum = 0;\n\n")
        out.write("\tfor (long i = 0, rounds = argc > 1 ? atol(argv[1]) : 10; i < rounds; i++) {\n")
        out.writelines(f"\t\tsum = sum * 31 + run_unit{name}((sum & 1023) + i);\n" for name in names)
        out.write('\t}\n\tprintf("%lx\\n", sum);\n\treturn 0;\n}\n')


main()
