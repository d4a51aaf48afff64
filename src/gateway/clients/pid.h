#pragma once

#include <parley/core/random.h>
#include <parley/engine/request.h>
#include <parley/log/hash_chain.h>

#include <string>
#include <string_view>

namespace parley {

/// `characters` of the URL-safe base64 alphabet, six random bits each.
std::string randomText(Random& random, std::size_t characters);

/// A session's secret: "2." and 192 random bits.
std::string newPid(Random& random);
/// Whether a text has a pid's form, or the one of earlier versions: 192 bits alone.
bool isPid(std::string_view text);
/// Whether this pid was given by a version whose cursors have fingerprints, so that all cursors of
/// its session have one.
bool knowsFingerprints(std::string_view pid);
PidHash hashOfPid(Sha256& sha, std::string_view pid);

}  // namespace parley
