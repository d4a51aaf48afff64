#include "net/http_head.h"

#include <parley/core/blanks.h>
#include <parley/core/utf8.h>

#include <Poco/Ascii.h>
#include <Poco/MemoryStream.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/String.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace parley::net {
namespace {

constexpr std::size_t kFieldsMax = 100;
constexpr std::size_t kNameBytesMax = 256;
constexpr std::size_t kValueBytesMax = 8192;
constexpr std::size_t kMethodBytesMax = 32;
// What a request line may hold besides its target.
constexpr std::size_t kLineBytesBeside = kMethodBytesMax + std::string_view(" HTTP/1.1").size();

bool isTokenChar(char c) {
    static constexpr std::string_view kOther = "!#$%&'*+-.^_`|~";
    return Poco::Ascii::isAlphaNumeric(static_cast<unsigned char>(c)) ||
           kOther.find(c) != std::string_view::npos;
}

bool isToken(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), isTokenChar);
}

/// The fields that decide where this request ends. Taken from the bytes themselves, since POCO
/// decodes RFC 2047 words in values and takes the first of several Content-Length fields.
struct Framing {
    std::optional<std::uint64_t> contentLength;
    bool transferEncoding = false;
    bool chunked = false;      // as the last coding so far
    bool otherCoding = false;  // one that this server does not know
};

/// The fields that tell which page asks, and under which name. Taken from the bytes themselves,
/// likewise.
struct Asker {
    std::optional<std::string_view> host;
    std::optional<std::string_view> origin;
    bool crossSite = false;
    std::optional<bool> fromHere;
};

/// The fields that tell who asks, and for which client a proxy asks. Taken from the bytes
/// themselves, likewise.
struct Sender {
    std::optional<std::string_view> authorization;
    std::string cookie;
    std::string forwardedFor;
    std::string forwardedProto;
    bool forwarded = false;
};

/// A whole head, as far as the bytes themselves decide.
struct Checked {
    Framing framing;
    Asker asker;
    Sender sender;
};

bool isSame(std::string_view a, std::string_view b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char one, char other) {
               return Poco::Ascii::toLower(static_cast<unsigned char>(one)) ==
                      Poco::Ascii::toLower(static_cast<unsigned char>(other));
           });
}

/// Keeps the value of a field that may come once.
std::optional<HttpError> readOnce(std::string_view name, std::string_view value,
                                  std::optional<std::string_view>& kept) {
    if (kept) return HttpError{400, "more than one " + std::string(name)};
    kept = value;
    return std::nullopt;
}

/// The same for a field whose value must not have a tab either, which others may have.
std::optional<HttpError> readNameOnce(std::string_view name, std::string_view value,
                                      std::optional<std::string_view>& kept) {
    if (value.find('\t') != std::string_view::npos) {
        return HttpError{400, "control character in " + std::string(name)};
    }
    return readOnce(name, value, kept);
}

/// Joins the values of a field that may come several times, in their order.
std::optional<HttpError> join(std::string_view value, std::string_view separator,
                              std::string& joined) {
    if (value.empty()) return std::nullopt;
    if (!joined.empty()) joined += separator;
    joined += value;
    return std::nullopt;
}

std::optional<HttpError> readContentLength(std::string_view value, Framing& framing) {
    if (framing.contentLength) return HttpError{400, "more than one Content-Length"};
    if (value.empty() || value.size() > 18 ||
        !std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; })) {
        return HttpError{400, "Content-Length is not a number"};
    }
    std::uint64_t length = 0;
    for (char c : value) length = length * 10 + static_cast<std::uint64_t>(c - '0');
    framing.contentLength = length;
    return std::nullopt;
}

/// The codings of all Transfer-Encoding fields, in their order.
std::optional<HttpError> readCodings(std::string_view value, Framing& framing) {
    framing.transferEncoding = true;
    for (bool more = true; more;) {
        const auto comma = value.find(',');
        more = comma != std::string_view::npos;
        const std::string_view coding = withoutBlanks(value.substr(0, comma));
        if (more) value.remove_prefix(comma + 1);
        if (!isToken(coding)) return HttpError{400, "Transfer-Encoding is not a list of codings"};
        // Otherwise the end of the body is not known (RFC 9112, 6.3).
        if (framing.chunked) return HttpError{400, "chunked is not the last Transfer-Encoding"};
        if (isSame(coding, "chunked")) {
            framing.chunked = true;
        } else {
            framing.otherCoding = true;
        }
    }
    return std::nullopt;
}

std::optional<HttpError> checkField(std::string_view line, Checked& checked) {
    const auto field = readField(line);
    if (const auto* error = std::get_if<HttpError>(&field)) return *error;
    const auto& [name, value] = std::get<HeaderField>(field);
    if (isSame(name, "Content-Length")) return readContentLength(value, checked.framing);
    if (isSame(name, "Transfer-Encoding")) return readCodings(value, checked.framing);
    if (isSame(name, "Host")) return readNameOnce("Host", value, checked.asker.host);
    if (isSame(name, "Origin")) return readNameOnce("Origin", value, checked.asker.origin);
    Sender& sender = checked.sender;
    if (isSame(name, "Authorization")) {
        return readOnce("Authorization", value, sender.authorization);
    }
    // Clients send one (RFC 6265, 5.4). A proxy that got several over HTTP/2 must join them like
    // this (RFC 9113, 8.2.3); some forget it.
    if (isSame(name, "Cookie")) return join(value, "; ", sender.cookie);
    sender.forwarded |= isSame(name, "X-Forwarded-For") || isSame(name, "Forwarded");
    // Lists (RFC 9110, 5.3).
    if (isSame(name, "X-Forwarded-For")) return join(value, ", ", sender.forwardedFor);
    if (isSame(name, "X-Forwarded-Proto")) return join(value, ", ", sender.forwardedProto);
    if (isSame(name, "Sec-Fetch-Site")) {
        Asker& asker = checked.asker;
        if (isSame(value, "cross-site")) asker.crossSite = true;
        const bool here = isSame(value, "same-origin") || isSame(value, "none");
        asker.fromHere = here && asker.fromHere.value_or(true);
    }
    return std::nullopt;
}

/// Calls `visit(line)` for each line of the head but the closing empty one.
template <typename Visit>
std::optional<HttpError> forEachLine(std::string_view head, const Visit& visit) {
    std::size_t number = 0;
    while (head.size() > 2) {
        const auto end = head.find("\r\n");
        if (auto error = visit(head.substr(0, end), number++)) return error;
        head.remove_prefix(end + 2);
    }
    return std::nullopt;
}

std::optional<HttpError> checkRequestLine(std::string_view line, const HeadLimits& limits) {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return HttpError{400, "request line"};
    const std::string_view method = line.substr(0, first);
    const std::string_view target = line.substr(first + 1, last - first - 1);
    const std::string_view version = line.substr(last + 1);
    if (!isToken(method)) return HttpError{400, "request method"};
    if (method.size() >= kMethodBytesMax) return HttpError{501, "unknown request method"};
    if (target.size() > limits.targetBytesMax) return HttpError{414, "URI too long"};
    if (target.empty() || !std::all_of(target.begin(), target.end(), [](char c) {
            return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7F;
        })) {
        return HttpError{400, "request target"};
    }
    if (version == "HTTP/1.1" || version == "HTTP/1.0") return std::nullopt;
    if (version.size() == 8 && version.starts_with("HTTP/")) return HttpError{505, "HTTP version"};
    return HttpError{400, "request line"};
}

std::optional<HttpError> checkHead(std::string_view head, const HeadLimits& limits,
                                   Checked& checked) {
    return forEachLine(head, [&](std::string_view line, std::size_t number) {
        if (number == 0) return checkRequestLine(line, limits);
        if (number > kFieldsMax) return std::optional(HttpError{431, "too many header fields"});
        return checkField(line, checked);
    });
}

/// Refuses a transfer coding that makes the end of the request doubtful, or the body unreadable.
std::optional<HttpError> checkCodings(const Framing& framing, bool http10) {
    if (!framing.transferEncoding) return std::nullopt;
    if (framing.contentLength) return HttpError{400, "Transfer-Encoding with Content-Length"};
    if (http10) return HttpError{400, "Transfer-Encoding with HTTP/1.0"};
    if (framing.otherCoding) return HttpError{501, "no Transfer-Encoding but chunked is known"};
    return std::nullopt;
}

/// Calls `visit` for each comma-separated element of all fields called `name`.
template <typename Visit>
void forEachElement(const Poco::Net::HTTPRequest& request, const std::string& name,
                    const Visit& visit) {
    for (auto it = request.find(name); it != request.end() && Poco::icompare(it->first, name) == 0;
         ++it) {
        std::string_view rest = it->second;
        while (!rest.empty()) {
            const auto comma = std::min(rest.find(','), rest.size());
            if (const auto element = withoutBlanks(rest.substr(0, comma)); !element.empty()) {
                visit(std::string(element));
            }
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    }
}

/// Whether an element of Accept-Encoding, such as "gzip;q=0.5", takes gzip.
bool namesGzip(std::string_view element) {
    const auto semicolon = std::min(element.find(';'), element.size());
    const std::string coding =
        Poco::toLower(std::string(withoutBlanks(element.substr(0, semicolon))));
    if (coding != "gzip" && coding != "x-gzip") return false;
    const auto weight = withoutBlanks(element.substr(std::min(semicolon + 1, element.size())));
    if (!weight.starts_with("q=") && !weight.starts_with("Q=")) return true;
    return weight.find_first_of("123456789") != std::string_view::npos;
}

/// A value that will be echoed in a response: nothing when it would split the response.
std::string echoable(const Poco::Net::HTTPRequest& request, const std::string& name) {
    std::string value = request.get(name, "");
    if (hasControlCharacter(value)) value.clear();
    return value;
}

/// Takes `path` and `query` from origin-form, absolute-form or "*".
bool splitTarget(std::string_view target, RequestHead& head) {
    for (std::string_view scheme : {"http://", "https://"}) {
        if (target.size() < scheme.size() ||
            Poco::icompare(std::string(target.substr(0, scheme.size())), std::string(scheme)) !=
                0) {
            continue;
        }
        target.remove_prefix(scheme.size());
        const auto slash = target.find_first_of("/?");
        if (slash == 0) return false;
        head.host = target.substr(0, slash);  // RFC 9112, 3.2.2: rather than the Host field
        target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
        if (target.front() == '?') {
            head.path.assign(1, '/');
            head.query = target.substr(1);
            return true;
        }
    }
    if (target == "*") {
        head.path.assign(1, '*');
        return head.method == "OPTIONS";
    }
    if (target.front() != '/') return false;
    target = target.substr(0, target.find('#'));
    const auto question = target.find('?');
    head.path = target.substr(0, question);
    if (question != std::string_view::npos) head.query = target.substr(question + 1);
    return true;
}

void readConnection(const Poco::Net::HTTPRequest& request, RequestHead& head) {
    head.keepAlive = !head.http10;
    forEachElement(request, "Connection", [&](const std::string& token) {
        if (Poco::icompare(token, "close") == 0) head.keepAlive = false;
        if (Poco::icompare(token, "keep-alive") == 0 && head.http10) head.keepAlive = true;
        if (Poco::icompare(token, "upgrade") == 0) head.connectionUpgrade = true;
    });
    forEachElement(request, "Upgrade", [&](const std::string& token) {
        if (Poco::icompare(token, "websocket") == 0) head.upgrade = true;
    });
    if (!head.upgrade) return;
    head.webSocketKey = request.get("Sec-WebSocket-Key", "");
    head.webSocketVersion = request.get("Sec-WebSocket-Version", "");
    forEachElement(request, "Sec-WebSocket-Protocol", [&](const std::string& token) {
        if (head.webSocketProtocol.empty() && isToken(token)) head.webSocketProtocol = token;
    });
}

std::variant<RequestHead, HttpError> readWithPoco(std::string_view bytes, Checked& checked) {
    Poco::Net::HTTPRequest request;
    Poco::MemoryInputStream stream(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    request.read(stream);
    // If POCO stopped elsewhere than at the CRLFCRLF, it has read another request than we did.
    if (static_cast<std::size_t>(stream.tellg()) != bytes.size()) {
        return HttpError{400, "header end is ambiguous"};
    }
    RequestHead head;
    head.method = request.getMethod();
    head.http10 = request.getVersion() == Poco::Net::HTTPMessage::HTTP_1_0;
    head.host = checked.asker.host;
    head.origin = checked.asker.origin;
    head.crossSite = checked.asker.crossSite;
    head.fromHere = checked.asker.fromHere;
    head.authorization = checked.sender.authorization.value_or(std::string_view());
    head.cookie = std::move(checked.sender.cookie);
    head.forwardedFor = std::move(checked.sender.forwardedFor);
    head.forwardedProto = std::move(checked.sender.forwardedProto);
    head.forwarded = checked.sender.forwarded;
    if (!splitTarget(request.getURI(), head)) return HttpError{400, "request target"};
    if (const auto error = checkCodings(checked.framing, head.http10)) return *error;
    head.contentLength = checked.framing.contentLength.value_or(0);
    head.chunked = checked.framing.chunked;
    head.contentType = request.get("Content-Type", "");
    head.ifNoneMatch = request.get("If-None-Match", "");
    forEachElement(request, "Parley-Position", [&](const std::string& position) {
        head.parleyPosition += (head.parleyPosition.empty() ? "" : ", ") + position;
    });
    forEachElement(request, "Accept-Encoding", [&](const std::string& coding) {
        if (namesGzip(coding)) head.acceptsGzip = true;
    });
    head.requestHeaders = echoable(request, "Access-Control-Request-Headers");
    readConnection(request, head);
    bool unknownExpectation = false;
    forEachElement(request, "Expect", [&](const std::string& token) {
        if (Poco::icompare(token, "100-continue") != 0) unknownExpectation = true;
        head.expectContinue = !head.http10;
    });
    if (unknownExpectation) return HttpError{417, "unknown expectation"};
    return head;
}

/// The message for a head that is too large, with the name of its longest field.
std::string tooLarge(std::string_view head) {
    std::string_view longest;
    head.remove_prefix(std::min(head.find('\n'), head.size() - 1) + 1);
    while (!head.empty()) {
        const std::string_view line = head.substr(0, head.find('\n'));
        if (line.size() > longest.size()) longest = line;
        head.remove_prefix(std::min(line.size() + 1, head.size()));
    }
    const std::string_view name = longest.substr(0, longest.find(':'));
    if (name.size() >= kNameBytesMax || !isToken(name)) return "header too large";
    return "header too large; its longest field is " + std::string(name);
}

}  // namespace

std::variant<HeaderField, HttpError> readField(std::string_view line) {
    if (line.front() == ' ' || line.front() == '\t') return HttpError{400, "folded header line"};
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return HttpError{400, "header line without a colon"};
    const HeaderField field{line.substr(0, colon), withoutBlanks(line.substr(colon + 1))};
    if (field.name.size() >= kNameBytesMax) return HttpError{431, "header name too long"};
    if (!isToken(field.name))
        return HttpError{400, "header name with a character it must not have"};
    if (field.value.size() >= kValueBytesMax) {
        return HttpError{431, "the value of the header " + std::string(field.name) +
                                  " is longer than " + std::to_string(kValueBytesMax - 1) +
                                  " bytes"};
    }
    for (char c : field.value) {
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F) {
            return HttpError{400, "control character in a header"};
        }
    }
    return field;
}

std::variant<std::size_t, HttpError> findHeadEnd(std::string_view buffer, std::size_t& scanned,
                                                 const HeadLimits& limits) {
    const std::size_t bound = std::min(buffer.size(), limits.headBytesMax);
    for (std::size_t i = scanned; i < bound; ++i) {
        if (buffer[i] == '\0') return HttpError{400, "NUL in the header"};
        if (i > 0 && buffer[i - 1] == '\r' && buffer[i] != '\n') {
            return HttpError{400, "bare carriage return in the header"};
        }
        if (buffer[i] != '\n') continue;
        if (i == 0 || buffer[i - 1] != '\r') return HttpError{400, "bare line feed in the header"};
        if (i >= 3 && buffer[i - 2] == '\n') return i + 1;
    }
    scanned = bound;
    // The length of the first line decides between 414 and 431.
    const auto lineEnd = buffer.substr(0, bound).find('\r');
    const std::size_t line = std::min(lineEnd, bound);
    if (line > limits.targetBytesMax + kLineBytesBeside) return HttpError{414, "URI too long"};
    if (buffer.size() >= limits.headBytesMax) {
        return HttpError{431, tooLarge(buffer.substr(0, bound))};
    }
    return std::size_t{0};
}

std::variant<RequestHead, HttpError> parseHead(std::string_view head, const HeadLimits& limits) {
    Checked checked;
    if (const auto error = checkHead(head, limits, checked)) return *error;
    try {
        auto result = readWithPoco(head, checked);
        if (const auto* read = std::get_if<RequestHead>(&result);
            read && !read->http10 && !checked.asker.host) {
            return HttpError{400, "Host is missing"};
        }
        return result;
    } catch (const Poco::Exception&) {
        return HttpError{400, "header cannot be read"};
    } catch (const std::exception&) {
        return HttpError{400, "header cannot be read"};
    }
}

}  // namespace parley::net
