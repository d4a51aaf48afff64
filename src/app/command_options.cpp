#include "app/command_options.h"

#include "app/nearest.h"
#include "app/setting_sources.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

namespace parley::app {
namespace {

Error invalid(const std::string& message) {
    return {ErrorCode::invalid_setting, message};
}

// CLI11 takes "--name=" for a name without its value, and the next word for the value.
std::vector<std::string> withEmptyValuesApart(const std::vector<std::string>& arguments) {
    std::vector<std::string> apart;
    for (const auto& one : arguments) {
        const bool empty = one.starts_with("--") && one.find('=') == one.size() - 1;
        apart.push_back(empty ? one.substr(0, one.size() - 1) : one);
        if (empty) apart.emplace_back();
    }
    return apart;
}

Error unknownOption(const std::string& word, const CommandInfo& command) {
    const std::string name = word.substr(0, word.find('='));
    const std::string bare = name.substr(std::min(name.find_first_not_of('-'), name.size()));
    const auto& options = command.options;
    const auto meant = nearest(bare, options, [](const auto& one) { return one.name; });
    const bool isNear = meant != options.end() && isPlausible(bare, meant->name);
    if (command.takesSettings && !(isNear && !findSetting(meant->name))) {
        return unknownSetting(bare);
    }
    std::string said = "there is no option \"" + name + "\"";
    if (isNear) said += "; did you mean \"--" + meant->name + "\"?";
    return invalid(said);
}

bool isOption(const std::string& word) {
    return word.size() > 1 && word.starts_with('-');
}

// Which value was meant? An answer to half of a question looks like an answer to all of it.
std::vector<Error> saidAgain(const CLI::App& app, const CommandInfo& command) {
    std::vector<Error> again;
    for (const OptionInfo& one : command.options) {
        if (one.many || one.lastCounts || one.value.empty()) continue;
        if (app.get_option("--" + one.name)->count() < 2) continue;
        again.push_back(
            invalid("--" + one.name + " is given more than once" +
                    (one.also.empty() ? "" : "; --" + one.also + " means the same option")));
    }
    return again;
}

}  // namespace

void declare(CLI::App& app, const CommandInfo& command) {
    app.allow_extras();
    if (!command.argument.empty()) {
        app.add_option(command.argument, CLI::callback_t(), command.argumentDoc)
            ->required(command.argumentIsNeeded);
    }
    for (const OptionInfo& one : command.options) {
        const std::string doc = one.doc;  // CLI11 means another thing by a text that is not const
        const std::string names = "--" + one.name + (one.also.empty() ? "" : ",--" + one.also);
        CLI::Option* option = one.value.empty() ? app.add_flag(names, doc)
                                                : app.add_option(names, CLI::callback_t(), doc);
        option->take_last()->option_text(one.value)->group(one.group);
        if (one.many) option->multi_option_policy(CLI::MultiOptionPolicy::Join);
    }
}

std::optional<Error> parse(CLI::App& app, std::vector<std::string> arguments) {
    arguments = withEmptyValuesApart(arguments);
    const std::string last = arguments.empty() ? "" : arguments.back();
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    try {
        app.parse(arguments);
        return std::nullopt;
    } catch (const CLI::Success&) {
        throw;
    } catch (const CLI::ArgumentMismatch&) {  // only the last word can lack its value
        return invalid(last + " needs a value");
    } catch (const CLI::ParseError& error) {
        return invalid(error.what());
    }
}

std::vector<WrongWord> wrongWords(const CLI::App& app, const CommandInfo& command) {
    std::vector<WrongWord> wrong;
    bool mayBeValue = false;
    for (const std::string& word : app.remaining()) {
        const bool isValue = std::exchange(mayBeValue, false) && !isOption(word);
        if (word == "--" || isValue) continue;
        if (isOption(word)) {
            const auto equals = word.find('=');
            wrong.push_back({word.substr(0, equals), unknownOption(word, command)});
            mayBeValue = equals == std::string::npos;
        } else {
            wrong.push_back({.error = invalid("unexpected argument \"" + word + "\"")});
        }
    }
    for (Error& error : saidAgain(app, command)) wrong.push_back({.error = std::move(error)});
    const Given given = givenTo(app);
    for (const OptionInfo& one : command.options) {
        const auto said = given.find(one.name);
        if (!one.value.empty() || said == given.end()) continue;
        if (said->second != "true" && said->second != "false") {
            wrong.push_back({.error = invalid("--" + one.name + " must be true or false")});
        }
    }
    return wrong;
}

Given givenTo(const CLI::App& app) {
    Given given;
    for (const CLI::Option* option : app.get_options()) {
        if (option->count() == 0) continue;
        std::string& value = given[option->get_single_name()];
        value = option->results().back();
        if (option->get_multi_option_policy() != CLI::MultiOptionPolicy::Join) continue;
        value.clear();
        for (const auto& one : option->results()) value += (value.empty() ? "" : "\n") + one;
    }
    return given;
}

Result<Given> readOptions(const CommandInfo& command, const std::vector<std::string>& arguments) {
    CLI::App app;
    app.set_help_flag();
    declare(app, command);
    const auto missing = parse(app, arguments);
    if (auto wrong = wrongWords(app, command); !wrong.empty()) return wrong.front().error;
    if (missing) return *missing;
    return givenTo(app);
}

}  // namespace parley::app
