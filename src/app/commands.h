#pragma once

#include <parley/core/clock.h>
#include <parley/core/error.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace parley::app {

/// What was said behind a command, by the names of its options and of its argument: {"data",
/// "/srv/chat"}, {"FILE", "copy.db"}. A switch that is on is "true". What was not said is not in.
using Given = std::map<std::string, std::string>;

/// What was said for `name`, or `otherwise`.
std::string textOf(const Given& given, const std::string& name, const std::string& otherwise = {});
/// Whether the switch `name` is on.
bool isOn(const Given& given, const std::string& name);

/// An option of a command.
struct OptionInfo {
    std::string name = {};  ///< without its dashes
    std::string value =
        {};  ///< what stands for the value in the help: "DIR"; empty: it is a switch
    std::string doc = {};
    std::string group = "Options";  ///< its heading in the help; empty: the help leaves it out
    bool many = false;              ///< may be said again: the values are lines of one text
    bool lastCounts = false;        ///< may be said again: the last value counts
    std::string also = {};          ///< another spelling that is read, and not shown in the help
    std::vector<std::string> words = {};  ///< all values it may have; empty: too many to list
};

/// What is wrong with the words behind a command.
struct WrongWord {
    std::string option = {};  ///< "--prot": there is no such option; empty: `error` names the word
    Error error;
};

/// A subcommand of `parley`: declared once, from which the help is made and the words are read.
struct CommandInfo {
    std::string name = {};
    std::string group = {};     ///< its heading in the help
    std::string doc = {};       ///< one line
    std::string more = {};      ///< the rest of what its own help says
    std::string argument = {};  ///< "FILE"; empty: it takes none
    std::string argumentDoc = {};
    std::vector<OptionInfo> options = {};
    bool takesSettings = false;  ///< its options are the settings, and maybe more
    bool argumentIsNeeded = true;
    std::vector<std::string> argumentWords = {};  ///< as OptionInfo::words
    /// Returns the exit status: docs/durability.md has the table. Null: the help itself.
    int (*run)(const Given&) = nullptr;
    /// With this argument wrong words do not end the command: `runWrong` is told of all of them.
    std::string argumentForWrong = {};
    int (*runWrong)(const Given&, const std::vector<WrongWord>&) = nullptr;
};

/// All of them, in the order of the help.
const std::vector<CommandInfo>& commandTable();

int serve(const Given& given);
/// The same by another clock, which tests set.
int serveBy(const Clock& clock, const Given& given);
int rebuild(const Given& given);
int verify(const Given& given);
int exportLog(const Given& given);
int importLog(const Given& given);
int transcript(const Given& given);
int generateLog(const Given& given);
int show(const Given& given);
int backup(const Given& given);
int restore(const Given& given);
int vacuum(const Given& given);
int demo(const Given& given);
int token(const Given& given);
int auditLog(const Given& given);
int sqlPrompt(const Given& given);
int config(const Given& given);
/// `parley config check`, where `words` are wrong.
int checkConfig(const Given& given, const std::vector<WrongWord>& words);
int cluster(const Given& given);
int docs(const Given& given);

inline constexpr int kExitFound = 1;  ///< a check found something wrong
inline constexpr int kExitUsage = 2;
inline constexpr int kExitNoInput = 66;      ///< EX_NOINPUT: there is no database to read
inline constexpr int kExitUnavailable = 69;  ///< EX_UNAVAILABLE: audit.db does not hold it yet
inline constexpr int kExitTimeout = 124;     ///< as of timeout(1): it took longer than it may
inline constexpr int kExitDamaged = 65;  ///< EX_DATAERR: the database was refused, and not touched
inline constexpr int kExitStorage = 74;  ///< EX_IOERR: the storage failed, or is full at the start
inline constexpr int kExitOwned = 75;    ///< EX_TEMPFAIL: another process has the data folder
inline constexpr int kExitConfig = 78;   ///< EX_CONFIG: it cannot run like this

/// The exit status for a data folder that could not be opened.
int exitStatusOf(const Error& error);

}  // namespace parley::app
