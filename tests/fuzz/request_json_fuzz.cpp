#include "fuzz/fuzz.h"

#include <parley/core/limits.h>
#include <parley/core/utf8.h>
#include <parley/gateway/calls/request_parser.h>

#include <string>

using namespace parley;

namespace {

template <typename Id>
void checkId(const Id& id) {
    fuzz::require(!id.str().empty() && id.str().size() <= limits::kIdBytesMax, "ids are bounded");
    fuzz::require(isUtf8(id.str()) && !hasControlCharacter(id.str()), "ids are plain text");
}

template <typename T>
void checkId(const std::optional<T>& id) {
    if (id) checkId(*id);
}

void checkText(const std::string& text, std::size_t bytesMin, std::size_t bytesMax) {
    fuzz::require(text.size() >= bytesMin && text.size() <= bytesMax, "texts are bounded");
    fuzz::require(isUtf8(text) && text.find('\0') == std::string::npos, "texts are text");
}

/// A refusal has a code and a text that can be sent as JSON.
template <typename T>
bool taken(const Result<T>& parsed) {
    if (parsed) return true;
    fuzz::require(!parsed.error().message.empty(), "a refusal says why");
    fuzz::require(isUtf8(parsed.error().message), "in words that can be sent");
    return false;
}

void checkSend(const Json& body) {
    const auto send = parseSendMessage(body);
    if (!taken(send)) return;
    checkId(send->conversation);
    checkId(send->from);
    checkId(send->clientMessageId);
    checkText(send->content, 1, limits::kContentBytesMax);
    fuzz::require(!send->expectedSeq || send->expectedSeq->value >= 0, "a seq is a count");
}

void checkStart(const Json& body) {
    const auto start = parseStartConversation(body);
    if (!taken(start)) return;
    if (!start->idIsNew) checkId(start->conversation);
    checkId(start->createdBy);
    fuzz::require(start->initialParticipants.size() <= limits::kInitialParticipantsMax,
                  "participants are bounded");
    for (const auto& one : start->initialParticipants) checkId(one.user);
    if (start->title) checkText(*start->title, 0, limits::kTitleBytesMax);
    if (start->description) checkText(*start->description, 0, limits::kDescriptionBytesMax);
}

void checkOthers(const Json& body) {
    if (const auto join = parseJoinRoom(body); taken(join)) {
        checkId(join->conversation);
        checkId(join->user);
    }
    if (const auto leave = parseLeaveRoom(body); taken(leave)) {
        checkId(leave->conversation);
        checkId(leave->user);
    }
    if (const auto typing = parseStartTyping(body); taken(typing)) {
        checkId(typing->user);
        checkText(typing->userName, 1, limits::kNameBytesMax);
    }
    if (const auto stop = parseStopTyping(body); taken(stop)) checkId(stop->user);
    if (const auto share = parseShareRobotMessage(body); taken(share)) checkId(share->from);
    if (const auto renewal = parseAuthenticate(body); taken(renewal)) {
        checkText(renewal->token, 0, kRequestBytesMax);
    }
    if (const auto page = parseGetMessages(body); taken(page)) {
        checkId(page->conversation);
        fuzz::require(page->page.limit >= 1 && page->page.limit <= limits::kHistoryLimitMax &&
                          page->page.offset >= 0,
                      "a page is bounded");
    }
}

}  // namespace

// All request parsers read the same JSON: the result is always a checked command or a refusal.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto body = parseJson({reinterpret_cast<const char*>(data), size});
    if (!body) return 0;
    checkSend(*body);
    checkStart(*body);
    checkOthers(*body);
    return 0;
}
