#include "app/commands.h"
#include "app/joined.h"
#include "app/manual/pages.h"
#include "app/wrapped.h"

#include <map>
#include <string>
#include <vector>

namespace parley::app::manual {
namespace {

constexpr std::size_t kColumns = 68;

constexpr const char* kHead =
    R"(# Completion of parley's command line in bash, as `parley docs completion` prints it.
_parley() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local options='' values='' argument='' switches='' many='' equals=0
    local IFS=$' \t\n'  # the words are apart by blanks, whatever the user has set
    # Of --name=value bash makes three words.
    if [[ $word == '=' ]]; then
        word='' equals=1
    elif [[ $before == '=' ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]} equals=1
    fi
    if ((COMP_CWORD == 1)); then
        argument='
)";

constexpr const char* kTail = R"(        esac
    fi
    # What was said already is not offered again, unless it may be repeated.
    local i one said='' left=''
    switches=${switches//$'\n'/ }
    for ((i = 2; i < COMP_CWORD; i++)); do
        one=${COMP_WORDS[i]}
        case $one in
            --*)
                said+=" $one"
                if [[ ${COMP_WORDS[i + 1]} == '=' ]]; then
                    ((i += 2))
                elif [[ " $switches " != *" $one "* ]]; then
                    ((i += 1))
                fi
                ;;
            :) ((i += 1)) ;;  # bash parts a word at its colons, too
            *) argument='' ;;
        esac
    done
    for one in $options; do
        if [[ " $said " != *" $one "* || " $many " == *" $one "* ]]; then left+=" $one"; fi
    done
    options=$left
    # What may stand here: words, or :file, :dir, or :any for what nobody can guess.
    local wanted=${values:-$argument}
    if [[ -z $values && $word == -* ]]; then wanted=$options; fi
    COMPREPLY=()
    case $wanted in
        :file) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
        :dir) mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
        :any) return ;;
        *) mapfile -t COMPREPLY < <(compgen -W "${wanted:-$options}" -- "$word") ;;
    esac
    # A folder is gone on in. Outside of a completion there is nothing to set.
    if [[ $wanted == :file || $wanted == :dir ]]; then compopt -o filenames 2>/dev/null; fi
    return 0
}
complete -F _parley parley
)";

// As words of a shell, on lines of their own; no word of our tables needs quoting.
std::string lines(const std::vector<std::string>& words, std::size_t indent) {
    const std::string margin(indent, ' ');
    std::string out = margin;
    for (const char c : wrapped(joined(words, " "), kColumns)) {
        out += c;
        if (c == '\n') out += margin;
    }
    return out;
}

// What may stand where a value or an argument of this kind is due.
std::string wanted(const std::string& placeholder, const std::vector<std::string>& words) {
    if (!words.empty()) return joined(words, " ");
    if (placeholder.starts_with("FILE")) return ":file";
    return placeholder == "DIR" ? ":dir" : ":any";
}

std::vector<std::string> switchesOf(const CommandInfo& command) {
    std::vector<std::string> switches;
    for (const OptionInfo& one : command.options) {
        if (one.value.empty()) switches.push_back("--" + one.name);
    }
    return switches;
}

// What an option wants behind it: those of which something is known, then switches, then the rest.
// A switch has a value only behind an equals sign.
std::string valuesOf(const CommandInfo& command) {
    std::map<std::string, std::vector<std::string>> byValue;
    for (const OptionInfo& one : command.options) {
        if (!one.value.empty()) byValue[wanted(one.value, one.words)].push_back("--" + one.name);
    }
    const bool others = byValue.erase(":any") > 0;
    const std::string margin(20, ' ');
    std::string out;
    for (const auto& [value, options] : byValue) {
        out += margin + joined(options, " | ") + ") values='" + value + "' ;;\n";
    }
    if (const auto switches = switchesOf(command); !switches.empty()) {
        out += margin + joined(switches, " | ") + ") ((equals)) && values='true false' ;;\n";
    }
    if (others) out += margin + "--help) ;;\n" + margin + "--*) values=:any ;;\n";
    return out;
}

std::string caseOf(const CommandInfo& command) {
    std::vector<std::string> options;
    for (const OptionInfo& one : command.options) options.push_back("--" + one.name);
    options.emplace_back("--help");
    std::string out = "            " + command.name + ")\n";
    if (!command.argument.empty()) {
        out +=
            "                argument='" + wanted(command.argument, command.argumentWords) + "'\n";
    }
    out += "                options='\n" + lines(options, 20) + "'\n";
    auto switches = switchesOf(command);
    switches.emplace_back("--help");
    out += "                switches='\n" + lines(switches, 20) + "'\n";
    for (const OptionInfo& one : command.options) {
        if (one.many) out += "                many+=' --" + one.name + "'\n";
    }
    if (const auto values = valuesOf(command); !values.empty()) {
        out += "                case $before in\n" + values + "                esac\n";
    }
    return out + "                ;;\n";
}

}  // namespace

std::string bashCompletion() {
    std::vector<std::string> commands;
    for (const CommandInfo& command : commandTable()) commands.push_back(command.name);
    std::string out = kHead + lines(commands, 12) +
                      "'\n        options='--help --version'\n    else\n        case "
                      "${COMP_WORDS[1]} in\n";
    for (const CommandInfo& command : commandTable()) {
        if (command.name != "help") {
            out += caseOf(command);
            continue;
        }
        CommandInfo help = command;
        help.argumentWords = commands;
        out += caseOf(help);
    }
    return out + kTail;
}

}  // namespace parley::app::manual
