#pragma once

#include "audit/folded_text.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utf8proc.h>
#include <utility>

namespace parley::audit {

/// Cuts a text into the words of the index, folded (folded_text.h). A run of a script without
/// blanks comes as overlapping pairs and its last character alone: every part of the run is then a
/// phrase of these words, and a single character is the beginning of one. One thread.
class Words {
public:
    /// REQUIRES: `text` outlives this.
    explicit Words(std::string_view text) : text_(text) {}

    /// Calls `take(word, begin)` for each, in order, until it returns false. `word` lives until
    /// `take` returns; `begin`: where it begins in the text, in bytes. `endsRuns`: the last
    /// character of the run that ends the text comes alone, too, as it does in a message; in what
    /// is asked for the run may go on.
    template <typename Take>
    void each(bool endsRuns, const Take& take) {
        while (const auto c = text_.next()) {
            if (!add(*c, take)) return;
        }
        if (endWord(take)) endRun(endsRuns || runSize_ == 1, take);
    }
    /// Whether the last word is, or ends with, a run; and one of a single character. After `each`.
    bool endsWithRun() const { return endsWithRun_; }
    bool endsWithSingle() const { return endsWithRun_ && lastRunSize_ == 1; }

private:
    // False: no more are wanted.
    template <typename Take>
    bool add(const FoldedCharacter& c, const Take& take) {
        switch (c.kind) {
            case FoldedCharacter::Kind::separator: runIsOver_ = true; return endWord(take);
            case FoldedCharacter::Kind::letter:
                if (!endRun(true, take)) return false;
                if (word_.empty()) begin_ = c.begin;
                append(word_, c.value);
                endsWithRun_ = false;
                return true;
            case FoldedCharacter::Kind::paired: break;
        }
        if (!endWord(take) || (runIsOver_ && !endRun(true, take))) return false;
        runIsOver_ = false;
        const bool isGood = runSize_ == 0 || takePair(c, take);
        last_ = c;
        lastRunSize_ = ++runSize_;
        endsWithRun_ = true;
        return isGood;
    }

    template <typename Take>
    bool takePair(const FoldedCharacter& c, const Take& take) {
        pair_.clear();
        append(pair_, last_.value);
        append(pair_, c.value);
        return take(std::string_view(pair_), last_.begin);
    }

    template <typename Take>
    bool endWord(const Take& take) {
        if (word_.empty()) return true;
        const bool more = take(std::string_view(word_), begin_);
        word_.clear();
        return more;
    }

    template <typename Take>
    bool endRun(bool alone, const Take& take) {
        const auto size = std::exchange(runSize_, 0);
        runIsOver_ = false;
        if (size == 0 || !alone) return true;
        pair_.clear();
        append(pair_, last_.value);
        return take(std::string_view(pair_), last_.begin);
    }

    static void append(std::string& to, char32_t c) {
        if (c < 0x80) {
            to += static_cast<char>(c);
            return;
        }
        utf8proc_uint8_t bytes[4];
        const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(c), bytes);
        to.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    }

    FoldedText text_;
    std::string word_;
    std::size_t begin_ = 0;
    std::string pair_;
    FoldedCharacter last_;     // of the run
    std::size_t runSize_ = 0;  // so far
    bool runIsOver_ = false;   // a separator came after it
    bool endsWithRun_ = false;
    std::size_t lastRunSize_ = 0;
};

}  // namespace parley::audit
