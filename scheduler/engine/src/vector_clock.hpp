// Vector clocks of a width chosen per run: 8 threads a 16-byte word, one to eight words.
//
// A clock says, for each thread, how many of its events it covers. Entries are signed 16 bits so
// that baseline x86-64 joins a word in one instruction (`pmaxsw`); a thread has at most 32,766
// events. The width is a number of the run, not a template argument: with one word the loops below
// cost one predicted branch (docs/adr/0003).
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace heddle::scheduler {

inline constexpr unsigned threads_per_word = 8;
inline constexpr unsigned max_words = 8;
inline constexpr unsigned max_threads = threads_per_word * max_words;

struct alignas(16) clock_word {
    std::uint16_t entry[threads_per_word];
};

#if defined(__SSE2__)
inline __m128i load_word(const clock_word& w) noexcept {
    return _mm_load_si128(reinterpret_cast<const __m128i*>(&w));
}
inline void store_word(clock_word& w, __m128i v) noexcept {
    _mm_store_si128(reinterpret_cast<__m128i*>(&w), v);
}
#endif

// A view of one clock inside an arena.
class clock_ref {
public:
    explicit clock_ref(clock_word* words) noexcept : words_(words) {}

    std::uint16_t operator[](unsigned thread) const noexcept {
        return words_[thread / threads_per_word].entry[thread % threads_per_word];
    }
    // Covers the first `count` events of `thread`.
    bool covers(unsigned thread, unsigned index) const noexcept { return (*this)[thread] > index; }

    void clear(unsigned words) const noexcept {
        if (words == 1) [[likely]]
            *words_ = clock_word{};
        else
            std::memset(words_, 0, words * sizeof(clock_word));
    }

    void assign(clock_ref other, unsigned words) const noexcept {
#if defined(__SSE2__)
        store_word(*words_, load_word(*other.words_));
        for (unsigned w = 1; w < words; ++w) store_word(words_[w], load_word(other.words_[w]));
#else
        std::memcpy(words_, other.words_, words * sizeof(clock_word));
#endif
    }
    void join(clock_ref other, unsigned words) const noexcept {
#if defined(__SSE2__)
        store_word(*words_, _mm_max_epi16(load_word(*words_), load_word(*other.words_)));
        for (unsigned w = 1; w < words; ++w)
            store_word(words_[w], _mm_max_epi16(load_word(words_[w]), load_word(other.words_[w])));
#else
        for (unsigned w = 0; w < words; ++w)
            for (unsigned t = 0; t < threads_per_word; ++t)
                if (other.words_[w].entry[t] > words_[w].entry[t])
                    words_[w].entry[t] = other.words_[w].entry[t];
#endif
    }
    // The join of two clocks with the entry of `thread` raised to `count`: what a new event starts
    // from.
    void begin(clock_ref a, clock_ref b, unsigned thread, unsigned count,
               unsigned words) const noexcept {
#if defined(__SSE2__)
        if (words == 1) [[likely]] {
            store_word(*words_,
                       _mm_max_epi16(_mm_max_epi16(load_word(*a.words_), load_word(*b.words_)),
                                     one(thread, count)));
            return;
        }
        for (unsigned w = 0; w < words; ++w) {
            __m128i joined = _mm_max_epi16(load_word(a.words_[w]), load_word(b.words_[w]));
            if (w == thread / threads_per_word) joined = _mm_max_epi16(joined, one(thread, count));
            store_word(words_[w], joined);
        }
#else
        assign(a, words);
        join(b, words);
        raise(thread, count);
#endif
    }
    // Raises the entry of `thread` to `count`. A whole word is stored: a 2-byte store would stall
    // the next load of it.
    void raise(unsigned thread, unsigned count) const noexcept {
        clock_word& word = words_[thread / threads_per_word];
#if defined(__SSE2__)
        store_word(word, _mm_max_epi16(load_word(word), one(thread, count)));
#else
        std::uint16_t& entry = word.entry[thread % threads_per_word];
        if (entry < count) entry = static_cast<std::uint16_t>(count);
#endif
    }

private:
#if defined(__SSE2__)
    // A word that is `count` in the lane of `thread`, else 0.
    static __m128i one(unsigned thread, unsigned count) noexcept {
        alignas(16) static constexpr auto lanes = [] {
            struct {
                std::uint16_t mask[threads_per_word][threads_per_word];
            } t{};
            for (unsigned i = 0; i < threads_per_word; ++i) t.mask[i][i] = 0xffff;
            return t;
        }();
        return _mm_and_si128(_mm_set1_epi16(static_cast<short>(count)),
                             _mm_load_si128(reinterpret_cast<const __m128i*>(
                                 lanes.mask[thread % threads_per_word])));
    }
#endif
    clock_word* words_;
};

}  // namespace heddle::scheduler
