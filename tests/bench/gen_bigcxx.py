#!/usr/bin/env python3
"""gen_bigcxx.py FOLDER [UNITS]: write the sources of a large C++ program, and a makefile that builds FOLDER/bigcxx.

Every unit instantiates the standard library (maps, regular expressions, variants, functions, sorting, streams) and templates
of its own over types of its own, so that with -O2 -g its debug information is large and calls are inlined deeply: 23 units
give some 150 MB. `bigcxx [ROUNDS [THREADS]]` runs through all of them and prints a checksum."""
import os
import sys

UNIT = r'''
#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <forward_list>
#include <functional>
#include <iomanip>
#include <list>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <queue>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

namespace unit_@ {

template <int N> struct money {
	long cents;
	friend bool operator<(const money &a, const money &b) { return a.cents < b.cents; }
	friend bool operator==(const money &a, const money &b) { return a.cents == b.cents; }
	friend money operator+(const money &a, const money &b) { return { a.cents + b.cents + N }; }
};

template <int N> struct money_hash {
	std::size_t operator()(const money<N> &m) const { return std::hash<long>{}(m.cents * 31 + N); }
};

template <int N> struct order {
	std::string customer;
	money<N> price;
	std::vector<std::pair<std::string, int>> items;
	std::optional<std::string> note;
};

/* A tree of shapes, walked by visiting. */
template <int N> struct circle { double radius; };
template <int N> struct square { double side; };
template <int N> struct group;
template <int N> using shape = std::variant<circle<N>, square<N>, std::unique_ptr<group<N>>>;
template <int N> struct group {
	std::vector<shape<N>> parts;
};
template <int N> struct area_of {
	double operator()(const circle<N> &c) const { return c.radius * c.radius * 3.14; }
	double operator()(const square<N> &s) const { return s.side * s.side; }
	double operator()(const std::unique_ptr<group<N>> &g) const
	{
		return std::accumulate(g->parts.begin(), g->parts.end(), 0.0,
				       [](double sum, const shape<N> &part) { return sum + std::visit(area_of{}, part); });
	}
};

template <int N> shape<N> make_shape(int depth, unsigned seed)
{
	if (depth == 0)
		return seed & 1 ? shape<N>(circle<N>{ double(seed % 7) }) : shape<N>(square<N>{ double(seed % 5 + N) });
	auto g = std::make_unique<group<N>>();
	for (unsigned i = 0; i < 3; i++)
		g->parts.push_back(make_shape<N>(depth - 1, seed * 1103515245u + 12345u + i));
	return g;
}

/* Expressions over arrays that are evaluated in one loop. */
template <class L, class R, class F> struct binary {
	const L &left;
	const R &right;
	F f;
	double operator[](std::size_t i) const { return f(left[i], right[i]); }
};
template <int N> struct row : std::array<double, 16 + N> {
	template <class E> row &assign(const E &e)
	{
		for (std::size_t i = 0; i < this->size(); i++)
			(*this)[i] = e[i];
		return *this;
	}
};
template <class L, class R> auto plus(const L &l, const R &r) { return binary<L, R, std::plus<double>>{ l, r, {} }; }
template <class L, class R> auto times(const L &l, const R &r) { return binary<L, R, std::multiplies<double>>{ l, r, {} }; }

template <int N> __attribute__((noinline)) long rows(long seed)
{
	row<N> a{}, b{}, c{};
	std::iota(a.begin(), a.end(), double(seed % 11));
	std::iota(b.begin(), b.end(), 1.0);
	for (int i = 0; i < 40; i++) {
		auto sum = plus(a, b);
		auto product = times(sum, b);
		c.assign(plus(product, a));
		a[std::size_t(i) % a.size()] = c[3] > 1e9 ? 1 : c[3];
	}
	return long(std::accumulate(c.begin(), c.end(), 0.0)) & 0xffff;
}

template <int N> __attribute__((noinline)) long orders(long seed)
{
	std::map<std::string, std::vector<order<N>>> by_customer;
	std::unordered_map<money<N>, std::set<std::string>, money_hash<N>> by_price;
	std::priority_queue<std::pair<money<N>, std::string>> queue;
	for (long i = 0; i < 40; i++) {
		order<N> o{ "customer " + std::to_string((seed + i * 7) % 13), { (seed * i) % 97 + N }, {}, std::nullopt };
		for (long k = 0; k < i % 4; k++)
			o.items.emplace_back("item" + std::to_string(k), int(k * N));
		if (i % 3 == 0)
			o.note = "urgent";
		queue.emplace(o.price, o.customer);
		by_price[o.price].insert(o.customer);
		by_customer[o.customer].push_back(std::move(o));
	}
	long sum = 0;
	for (auto &[customer, list] : by_customer) {
		std::stable_sort(list.begin(), list.end(),
				 [](const order<N> &a, const order<N> &b) { return b.price < a.price; });
		sum += list.front().price.cents + long(customer.size());
		sum += std::count_if(list.begin(), list.end(), [](const order<N> &o) { return o.note.has_value(); });
	}
	for (const auto &[price, customers] : by_price)
		sum ^= price.cents * long(customers.size());
	for (; !queue.empty(); queue.pop())
		sum = sum * 3 + queue.top().first.cents;
	return sum & 0xffffff;
}

template <int N> __attribute__((noinline)) long words(long seed)
{
	std::ostringstream out;
	for (long i = 0; i < 10; i++)
		out << std::setw(3) << std::setfill('0') << (seed + i * N) % 1000 << ':' << std::hex << i * 77 << std::dec << ", ";
	const std::string text = out.str();
	const std::regex pattern("([0-9]+):([0-9a-f]+), ");
	long sum = 0;
	for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
		sum += std::stol((*at)[1].str()) + std::stol((*at)[2].str(), nullptr, 16);
	std::istringstream in(std::regex_replace(text, std::regex("[:,]"), " "));
	std::unordered_set<std::string> seen;
	for (std::string word; in >> word;)
		seen.insert(word);
	return sum + long(seen.size());
}

template <int N, class... F> long chain(long value, F &&...f)
{
	std::vector<std::function<long(long)>> steps{ std::forward<F>(f)... };
	for (const auto &step : steps)
		value = step(value) + N;
	return value;
}

template <int N> __attribute__((noinline)) long steps(long seed)
{
	std::deque<long> line(20, seed);
	std::list<std::tuple<int, std::string, double>> rows;
	std::forward_list<long> singles;
	return chain<N>(
		seed, [&line](long v) { line.push_back(v); std::sort(line.begin(), line.end()); return line.front() ^ v; },
		[&rows](long v) {
			for (int i = 0; i < 12; i++)
				rows.emplace_back(int(v) * i % 17, std::to_string(v * i), double(i));
			rows.sort();
			return long(std::get<1>(rows.back()).size()) + v;
		},
		[&singles](long v) {
			for (long i = 0; i < 12; i++)
				singles.push_front(v * i % 23);
			singles.sort(std::greater<>());
			singles.unique();
			return std::distance(singles.begin(), singles.end()) + v;
		});
}

template <int N> long one(long seed)
{
	long sum = orders<N>(seed) ^ words<N>(seed);
	sum += long(std::visit(area_of<N>{}, make_shape<N>(4, unsigned(seed))));
	return sum ^ rows<N>(seed) ^ steps<N>(seed);
}

template <int... N> long all(long seed, std::integer_sequence<int, N...>)
{
	return (one<N>(seed) + ...);
}

} // namespace unit_@

long run_@(long seed)
{
	return unit_@::all(seed, std::make_integer_sequence<int, 5>{});
}
'''

MAIN = r'''
static void work(long rounds, long *out)
{
	for (long i = 0; i < rounds; i++)
		for (auto *run : units)
			*out = *out * 31 + run((*out & 1023) + i);
}

int main(int argc, char **argv)
{
	const long rounds = argc > 1 ? std::atol(argv[1]) : 1;
	std::vector<long> sums(argc > 2 ? std::size_t(std::atol(argv[2])) : 1);
	std::vector<std::thread> threads;
	for (long &sum : sums)
		threads.emplace_back(work, rounds, &sum);
	for (std::thread &thread : threads)
		thread.join();
	for (long sum : sums)
		std::printf("%lx\n", sum);
}
'''

MAKEFILE = '''CXXFLAGS = -std=c++17 -O2 -g
objects = $(patsubst %.cc,%.o,$(wildcard *.cc))
bigcxx: $(objects)
\t$(CXX) -g -pthread -o $@ $(objects)
'''


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="ascii") as file:
        file.write(text)


def main():
    folder = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 23
    os.makedirs(folder, exist_ok=True)
    runs = [f"run_{i:02d}" for i in range(count)]
    for i in range(count):
        write(folder, f"unit_{i:02d}.cc", UNIT.replace("@", f"{i:02d}"))
    write(folder, "main.cc",
          "#include <cstdio>\n#include <cstdlib>\n#include <thread>\n#include <vector>\n\n" +
          "".join(f"long {run}(long);\n" for run in runs) +
          "static long (*const units[])(long) = { " + ", ".join(runs) + " };\n" + MAIN)
    write(folder, "Makefile", MAKEFILE)


if __name__ == "__main__":
    main()
