#include "app/generate/people.h"

#include <array>
#include <cstdio>
#include <string_view>

namespace parley::app::generate {
namespace {

constexpr std::array<std::string_view, 44> kStaffNames{
    "Amara", "Anton",  "Aylin",  "Bruno", "Carla",  "Chen",   "Dana",  "Elif",  "Emil",
    "Farah", "Felix",  "Gita",   "Hanna", "Hugo",   "Ines",   "Ivan",  "Jana",  "Jonas",
    "Kaya",  "Kim",    "Lena",   "Leo",   "Lucia",  "Malik",  "Marta", "Mei",   "Milan",
    "Nadia", "Noah",   "Olga",   "Omar",  "Paula",  "Pedro",  "Ravi",  "Rosa",  "Samir",
    "Sofia", "Stefan", "Tamara", "Theo",  "Ursula", "Viktor", "Yara",  "Zeynep"};
constexpr std::array<std::string_view, 24> kCustomerNames{
    "Alex", "Ben",  "Clara", "David",  "Eva",   "Finn",   "Greta", "Isabel",
    "王芳", "李伟", "佐藤",  "鈴木",   "민준",  "서연",   "محمد",  "فاطمة",
    "נועה", "יוסף", "Zoë",   "Łukasz", "Renée", "Jürgen", "Sørén", "Ana"};

constexpr std::size_t kSupervisors = 4;
constexpr std::size_t kDayShift = 24;
constexpr std::size_t kLateShift = 10;  // the others work at night
constexpr double kNewCustomer = 0.6;

// The shares of all conversations, from English.
struct LanguageShare {
    Language language;
    double upTo;
};
constexpr std::array kLanguages{
    LanguageShare{Language::english, 0.55},  LanguageShare{Language::german, 0.75},
    LanguageShare{Language::spanish, 0.84},  LanguageShare{Language::french, 0.915},
    LanguageShare{Language::chinese, 0.945}, LanguageShare{Language::japanese, 0.965},
    LanguageShare{Language::korean, 0.975},  LanguageShare{Language::arabic, 0.99},
    LanguageShare{Language::hebrew, 1.0}};

Character staff(std::string_view prefix, UserRole role, std::string_view name) {
    std::string id(prefix);
    for (const char c : name) id += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    return {UserId::fromStored(std::move(id)), role, std::string(name)};
}

}  // namespace

People::People(Dice dice) {
    auto names = kStaffNames;
    for (std::size_t i = names.size(); i > 1; --i) std::swap(names[i - 1], names[dice.below(i)]);
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i < kSupervisors) {
            supervisors_.push_back(staff("supervisor-", UserRole::supervisor, names[i]));
        } else {
            agents_.push_back(staff("agent-", UserRole::agent, names[i]));
        }
    }
    robots_.push_back(staff("robot-", UserRole::robot, "answers"));
    robots_.push_back(staff("robot-", UserRole::robot, "triage"));
}

const Character& People::agent(UnixMillis at, Dice& dice) const {
    const auto hour = at.value / 3'600'000 % 24;
    const auto of = [&](std::size_t from, std::size_t end) -> const Character& {
        return agents_[from + dice.below(end - from)];
    };
    constexpr std::size_t kLateEnd = kDayShift + kLateShift;
    if (hour >= 21 || hour < 7) return of(kLateEnd, agents_.size());
    if (hour < 12) return of(0, kDayShift);
    return hour < 16 ? of(0, kLateEnd) : of(kDayShift, kLateEnd);
}

Character People::customer(Dice& dice) {
    const bool isNew = customers_ == 0 || dice.chance(kNewCustomer);
    const std::size_t number = isNew ? ++customers_ : 1 + dice.below(customers_);
    std::array<char, 32> id{};
    std::snprintf(id.data(), id.size(), "customer-%06zu", number);
    return {UserId::fromStored(id.data()), UserRole::customer,
            std::string(kCustomerNames[number % kCustomerNames.size()])};
}

Language People::language(Dice& dice) {
    const double share = dice.share();
    for (const auto& [language, upTo] : kLanguages) {
        if (share < upTo) return language;
    }
    return Language::english;
}

}  // namespace parley::app::generate
