#include "engine/gguf/thinking.h"

#include <string.h>

#define OPEN "<think>"
#define CLOSE "</think>"

enum surety_err thinking_end(const struct tokenizer *t, struct token_list *list)
{
    static const char end[] = "\n" CLOSE "\n\n";
    return tokenizer_encode(t, end, sizeof end - 1, true, list);
}

bool thinking_force(struct thinking *th, const struct token_list *end, uint32_t max,
                    uint32_t *token)
{
    if (th->forced == 0 && !(max > 0 && th->inside && th->used >= max)) {
        th->used += th->inside;
        return false;
    }
    *token = end->ids[th->forced++];
    if (th->forced == end->n) {
        th->forced = 0;
        th->inside = false;
    }
    return true;
}

void thinking_see(struct thinking *th, const struct buf *text, size_t added)
{
    const char *mark = th->inside ? CLOSE : OPEN;
    size_t back = added + strlen(mark) - 1;
    size_t from = back < text->len ? text->len - back : 0;
    const char *hit =
        text->len > 0 ? memmem(text->data + from, text->len - from, mark, strlen(mark)) : NULL;
    if (!hit)
        return;
    while (hit > text->data && hit[-1] == ' ')
        hit--;
    if (th->inside || hit == text->data || hit[-1] == '\n')
        th->inside = !th->inside;
}
