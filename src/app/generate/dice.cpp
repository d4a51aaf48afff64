#include "app/generate/dice.h"

#include <algorithm>

namespace parley::app::generate {
namespace {

std::uint64_t mixed(std::uint64_t z) {  // splitmix64
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

// e^x to a thousandth, for small x.
double exponential(double x) {
    double y = 1 + x / 4096;
    for (int i = 0; i < 12; ++i) y *= y;
    return y;
}

}  // namespace

Dice::Dice(std::uint64_t seed, std::uint64_t stream)
    : state_(mixed(seed) ^ mixed(stream + 0x9e3779b97f4a7c15ULL)) {}

std::uint64_t Dice::next() {
    return mixed(state_ += 0x9e3779b97f4a7c15ULL);
}

double Dice::logNormal(double median, double sigma) {
    // The sum of twelve shares is close enough to normal, with a deviation of 1.
    double normal = -6;
    for (int i = 0; i < 12; ++i) normal += share();
    return median * exponential(sigma * normal);
}

std::int64_t Dice::logNormal(double median, double sigma, std::int64_t least, std::int64_t most) {
    return std::clamp(static_cast<std::int64_t>(logNormal(median, sigma)), least, most);
}

}  // namespace parley::app::generate
