#include "app/demo/fields.h"

#include <parley/domain/roles.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

namespace parley::app::sample {

Error refuse(ErrorCode code, const std::string& where, const std::string& what) {
    return {code, where + ": " + what};
}

Result<Json> readObject(const std::filesystem::path& file) {
    const std::string where = file.filename().string();
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        return refuse(ErrorCode::not_found, where,
                      "cannot be read in " + file.parent_path().string());
    }
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    auto json = parseJson(text);
    if (!json || !json->is_object()) {
        return refuse(ErrorCode::invalid_request, where, "is not one JSON object");
    }
    return std::move(*json);
}

Result<void> allowKeys(const Json& object, std::initializer_list<std::string_view> allowed,
                       const std::string& where) {
    if (!object.is_object()) return refuse(ErrorCode::wrong_type, where, "must be an object");
    for (const auto& [key, value] : object.items()) {
        if (std::find(allowed.begin(), allowed.end(), key) == allowed.end()) {
            return refuse(ErrorCode::invalid_value, where, "unknown key \"" + key + "\"");
        }
    }
    return {};
}

Result<std::string> textField(const Json& object, const char* key, const std::string& where) {
    const auto found = object.find(key);
    if (found == object.end()) {
        return refuse(ErrorCode::missing_field, where, "\"" + std::string(key) + "\" is missing");
    }
    if (!found->is_string()) {
        return refuse(ErrorCode::wrong_type, where, "\"" + std::string(key) + "\" must be a text");
    }
    auto text = found->get<std::string>();
    if (text.empty()) {
        return refuse(ErrorCode::invalid_value, where, "\"" + std::string(key) + "\" is empty");
    }
    return text;
}

Result<const Json*> listField(const Json& object, const char* key, const std::string& where) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_array() || found->empty()) {
        return refuse(ErrorCode::missing_field, where,
                      "\"" + std::string(key) + "\" must be a list with something in it");
    }
    return &*found;
}

bool isRole(std::string_view text) {
    return parseRole(text).has_value();
}

}  // namespace parley::app::sample
