#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace parley {

/// What an operator should look at although the server serves: `/readyz` shows it under
/// `warnings`, and stays 200. Each warning has a fixed name, so there are as many as the program
/// has names. The code that raises one also logs it, and takes it back when it is over. Nothing is
/// kept across a restart. Any thread; takes a lock, so not for what happens with every request.
class Warnings {
public:
    struct Line {
        std::string name;  ///< for programs: "clock_implausible"
        std::string text;  ///< for people: what is the matter and what to do; one line
        bool operator==(const Line&) const = default;
    };

    /// Raises the warning `name`, or gives it another text. `text` is shown to anybody who asks the
    /// server whether it is ready: no secrets.
    void raise(std::string_view name, std::string text);
    /// Takes it back; nothing happens where it is not raised.
    void clear(std::string_view name);
    /// Copies of those raised now, sorted by name.
    std::vector<Line> lines() const;

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::string, std::less<>> texts_;
};

}  // namespace parley
