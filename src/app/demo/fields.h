#pragma once

#include <parley/core/json.h>
#include <parley/core/result.h>

#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>

/// Reading the sample files field by field. `where` names the file, and the step or person
/// within it, as a reader would look for it; every message begins with it.
namespace parley::app::sample {

Error refuse(ErrorCode code, const std::string& where, const std::string& what);

Result<Json> readObject(const std::filesystem::path& file);

/// Refuses any other key: a misspelt one would be a step that quietly does something else.
Result<void> allowKeys(const Json& object, std::initializer_list<std::string_view> allowed,
                       const std::string& where);

/// A text that must be there and not be empty.
Result<std::string> textField(const Json& object, const char* key, const std::string& where);

/// A list that must be there and not be empty; points into `object`.
Result<const Json*> listField(const Json& object, const char* key, const std::string& where);

/// Whether the wire knows the role.
bool isRole(std::string_view text);

}  // namespace parley::app::sample
