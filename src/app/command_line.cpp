#include "app/command_line.h"

#include "app/command_options.h"
#include "app/nearest.h"
#include "app/wrapped.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>
#include <sstream>

namespace parley::app {
namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kOptionColumn = 30;  // where the words about an option begin
constexpr std::size_t kCommandColumn = 14;

/// The help as we want it: commands before options, no line wider than a terminal.
class HelpFormatter : public CLI::Formatter {
public:
    HelpFormatter() {
        column_width(kOptionColumn);
        label("Positionals", "Argument");
        label("REQUIRED", "");
    }

    std::string make_help(const CLI::App* app, std::string name,
                          CLI::AppFormatMode mode) const override {
        return make_description(app) + "\n" + make_usage(app, name) + make_positionals(app) +
               make_subcommands(app, mode) + optionsInGroups(app) + make_footer(app);
    }

    std::string make_description(const CLI::App* app) const override {
        return wrapped(app->get_description(), kColumns) + "\n";
    }

    // Of an option with another spelling: the first.
    std::string make_option_name(const CLI::Option* option, bool positional) const override {
        const auto& names = option->get_lnames();
        return positional || names.size() < 2 ? CLI::Formatter::make_option_name(option, positional)
                                              : "--" + names.front();
    }

    std::string make_usage(const CLI::App* app, std::string name) const override {
        std::string usage = "Usage: " + name;
        for (const CLI::Option* one :
             app->get_options([](const CLI::Option* o) { return o->get_positional(); })) {
            usage += ' ' + make_option_usage(one);
        }
        if (!app->get_subcommands({}).empty()) usage += " COMMAND";
        return usage + " [OPTION...]\n";
    }

    std::string make_option_desc(const CLI::Option* option) const override {
        return wrapped(option->get_description(), kColumns - kOptionColumn);
    }

    std::string make_subcommand(const CLI::App* command) const override {
        std::ostringstream out;
        CLI::detail::format_help(out, command->get_name(),
                                 wrapped(command->get_description(), kColumns - kCommandColumn),
                                 kCommandColumn);
        return out.str();
    }

    std::string make_footer(const CLI::App* app) const override {
        if (app->get_footer().empty()) return {};
        return "\n" + wrapped(app->get_footer(), kColumns) + "\n";
    }

private:
    // CLI11's own leaves two lines between groups.
    std::string optionsInGroups(const CLI::App* app) const {
        std::string out;
        for (const std::string& group : app->get_groups()) {
            if (group.empty()) continue;
            const auto options = app->get_options([&](const CLI::Option* one) {
                return one->get_group() == group && one->nonpositional();
            });
            if (!options.empty()) out += make_group(group, false, options);
        }
        return out;
    }
};

/// CLI11's picture of our table. One command line.
class Parser {
public:
    /// Declares what `arguments` may name: the options of the other commands, most of them
    /// settings, would take longer than many a command.
    Parser(const std::vector<CommandInfo>& table, const std::vector<std::string>& arguments)
        : table_(table), arguments_(arguments) {
        app_.formatter(std::make_shared<HelpFormatter>());
        app_.allow_extras();
        app_.require_subcommand(0, 1);  // what follows a command's name is never another one
        app_.footer("`parley help COMMAND` says more about a command.");
        app_.set_help_flag("-h,--help", "Print this help; behind a command: that command's.");
        app_.set_version_flag("--version", "parley " PARLEY_VERSION, "Print the version.");
        for (const CommandInfo& command : table_) {
            CLI::App* sub = app_.add_subcommand(command.name, command.doc);
            sub->group(command.group)->footer(command.more)->set_help_flag();
            const bool isNamed =
                std::find(arguments.begin(), arguments.end(), command.name) != arguments.end();
            if (isNamed) declare(*sub, command);
            sub->set_help_flag("-h,--help", "Print this help.")
                ->group(command.takesSettings ? "Help" : "Options");
        }
    }

    CommandLine read() {
        std::optional<Error> missing;
        try {
            missing = parse(app_, arguments_);
        } catch (const CLI::CallForHelp&) {
            const auto wrong = unknownCommand();
            return wrong ? *wrong : CommandLine{.text = app_.help()};
        } catch (const CLI::Success& version) {
            return {.text = version.what() + std::string("\n")};
        }
        if (const auto wrong = unknownCommand()) return *wrong;
        const auto chosen = app_.get_subcommands();
        if (chosen.empty()) return {.text = ownHelp(), .status = kExitUsage};
        return run(*chosen.front(), missing);
    }

private:
    CommandLine run(const CLI::App& chosen, const std::optional<Error>& missing) const {
        const CommandInfo& command = *find(chosen.get_name());
        auto wrong = wrongWords(chosen, command);
        if (missing) wrong.push_back({.error = *missing});
        Given given = givenTo(chosen);
        if (!wrong.empty() && command.runWrong &&
            textOf(given, command.argument) == command.argumentForWrong) {
            return {.command = &command, .given = std::move(given), .wrong = std::move(wrong)};
        }
        if (!wrong.empty()) {
            return refused(wrong.front().error, "parley help " + command.name,
                           command.takesSettings ? kExitConfig : kExitUsage);
        }
        if (command.run) return {.command = &command, .given = std::move(given)};
        return help(given["COMMAND"]);
    }

    CommandLine help(const std::string& command) const {
        if (command.empty()) return {.text = ownHelp()};
        if (!find(command)) return noCommand(command);
        return {.text = app_.get_subcommand(command)->help("parley")};
    }

    // CLI11 gives the help of the command that was chosen, where one was.
    std::string ownHelp() const { return Parser(table_, {}).app_.help(); }

    // The first word before a command's name that is none.
    std::optional<CommandLine> unknownCommand() const {
        for (const std::string& word : app_.remaining()) {
            if (word.starts_with('-') && word != "--") return misplaced(word);
            if (word != "--") return noCommand(word);
        }
        return std::nullopt;
    }

    CommandLine noCommand(const std::string& word) const {
        const auto& meant = *nearest(word, table_, [](const auto& one) { return one.name; });
        std::string error = "there is no command \"" + word + "\"";
        if (isPlausible(word, meant.name)) {
            error += "; did you mean \"" + meant.name + "\"?";
        }
        return refused({ErrorCode::invalid_setting, error}, "parley help", kExitUsage);
    }

    // An option before the command's name, or without one.
    CommandLine misplaced(const std::string& word) const {
        const std::string name = word.substr(0, word.find('='));
        std::string error = "there is no option \"" + name + "\"";
        for (const CommandInfo& command : table_) {
            const auto& options = command.options;
            if (std::any_of(options.begin(), options.end(),
                            [&](const OptionInfo& one) { return "--" + one.name == name; })) {
                error = "\"" + name + "\" belongs behind a command, as in \"parley " +
                        command.name + " " + name + "\"";
                break;
            }
        }
        return refused({ErrorCode::invalid_setting, error}, "parley help", kExitUsage);
    }

    static CommandLine refused(const Error& error, const std::string& tryThis, int status) {
        return {.text = "parley: " + error.message + "\nTry: " + tryThis + "\n", .status = status};
    }

    const CommandInfo* find(const std::string& name) const {
        const auto found = std::find_if(table_.begin(), table_.end(),
                                        [&](const auto& one) { return one.name == name; });
        return found == table_.end() ? nullptr : &*found;
    }

    const std::vector<CommandInfo>& table_;
    const std::vector<std::string> arguments_;
    CLI::App app_{"Parley: a persistent, event-sourced chat server for support teams.", "parley"};
};

}  // namespace

CommandLine readCommandLine(const std::vector<CommandInfo>& table,
                            const std::vector<std::string>& arguments) {
    return Parser(table, arguments).read();
}

}  // namespace parley::app
