#include "claims/text/turn.h"

#include "claims/text/scan.h"

/* In lower case, as scan_starts() wants it. */
static const char *const users[] = {
    "<|im_start|>user",
    "<|im_start|>human",
    "<|im_start|>system",
    "<|start_header_id|>user",
    "<|user|>",
    "<|human|>",
    "<|start|>user",
    "<start_of_turn>user",
    "<|turn>user",
    "<|start_of_role|>user",
    ("<\xEF\xBD\x9C"
     "user\xEF\xBD\x9C>"),
    "<|prompter|>",
    "[inst]",
};
static const char *const ends[] = {
    "<|im_end|>",
    "<|eot_id|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|end_of_turn|>",
    "<end_of_turn>",
    "<|eom_id|>",
    "<eos>",
    "</s>",
    ("<\xEF\xBD\x9C"
     "end\xE2\x96\x81of\xE2\x96\x81sentence\xEF\xBD\x9C>"),
};

static bool ends_at(const char *text, size_t at, size_t len)
{
    for (size_t k = 0; k < sizeof users / sizeof *users; k++)
        if (scan_starts(text, at, len, users[k]))
            return true;
    for (size_t k = 0; k < sizeof ends / sizeof *ends; k++) {
        size_t after = at + strlen(ends[k]);
        if (scan_starts(text, at, len, ends[k]) &&
            (after == len || strchr("\n<", text[after]) || scan_is_letter(text[after])))
            return true;
    }
    return false;
}

size_t turn_end(const char *text, size_t len)
{
    size_t first = 0;
    while (first < len && scan_is_space(text[first]))
        first++;
    size_t inst = scan_find(text, 0, len, "[INST]"), end = inst > first ? inst : len;
    const char *less;
    for (size_t at = first + 1; at < end && (less = memchr(text + at, '<', end - at)); at++) {
        at = (size_t)(less - text);
        if (at + 1 < len && strchr("|/se\xEF", text[at + 1]) && ends_at(text, at, len))
            return at;
    }
    return end;
}
