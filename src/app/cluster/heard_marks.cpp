#include "app/cluster/heard_marks.h"

#include <chrono>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

namespace parley::app {
namespace {

constexpr std::chrono::milliseconds kListening{2000};

/// The newest mark of each node. Any thread.
class Marks {
public:
    void hear(std::string_view bytes) {
        auto mark = decodeMark(bytes);
        if (!mark) return;
        const std::lock_guard lock(mutex_);
        marks_.insert_or_assign(mark->name, *mark);
    }
    std::map<std::string, NodeMark> take() {
        const std::lock_guard lock(mutex_);
        return std::move(marks_);
    }

private:
    std::mutex mutex_;
    std::map<std::string, NodeMark> marks_;
};

}  // namespace

// The bus may still call after this has returned.
std::map<std::string, NodeMark> heardMarks(MessageBus& bus, const std::string& cluster) {
    auto marks = std::make_shared<Marks>();
    bus.listen("parley." + cluster + ".mark.*",
               [marks](std::string_view, std::string_view bytes) { marks->hear(bytes); });
    std::this_thread::sleep_for(kListening);
    return marks->take();
}

}  // namespace parley::app
