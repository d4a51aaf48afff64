#pragma once

#include <parley/core/random.h>
#include <parley/engine/request.h>
#include <parley/log/hash_chain.h>

#include <string>
#include <string_view>

namespace parley {

/// `characters` of the URL-safe base64 alphabet, six random bits each.
std::string randomText(Random& random, std::size_t characters);

/// A new secret for a session: "2." and 192 random bits.
std::string newPid(Random& random);
/// Whether a text has a pid's form, or the one of earlier versions: 192 bits alone.
bool isPid(std::string_view text);
/// Whether a pid is of a version of Parley whose cursors have fingerprints, so that every cursor of
/// its session has one.
bool knowsFingerprints(std::string_view pid);
/// What the log's database keeps of a pid. `sha` is the caller's, one thread at a time.
PidHash hashOfPid(Sha256& sha, std::string_view pid);

}  // namespace parley
