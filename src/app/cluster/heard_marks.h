#pragma once

#include <parley/cluster/message_bus.h>
#include <parley/cluster/node_mark.h>

#include <map>
#include <string>

namespace parley::app {

/// The newest mark of each node of a cluster that is heard within two seconds, by its name. Waits
/// for that long.
std::map<std::string, NodeMark> heardMarks(MessageBus& bus, const std::string& cluster);

}  // namespace parley::app
