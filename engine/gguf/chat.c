#include "engine/gguf/chat.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define START "<|im_start|>"
#define END "<|im_end|>"

enum surety_err chat_check(const struct gguf_file *file, const struct tokenizer *t,
                           struct surety_error *err)
{
    struct gguf_string template = {START, strlen(START)};
    enum surety_err code = gguf_get_string(file, "tokenizer.chat_template", &template, err);
    if (code != SURETY_OK)
        return code;
    if (tokenizer_control(t, START) == TOKEN_NONE || tokenizer_control(t, END) == TOKEN_NONE ||
        !memmem(template.text, template.len, START, strlen(START)))
        return surety_fail(err, SURETY_ERR_UNSUPPORTED,
                           "%s is no chat model in ChatML form (control tokens " START " and " END
                           ", and a chat template with them)",
                           file->name);
    return SURETY_OK;
}

/* "ROLE\nCONTENT": one text, so that its words are those of the template's text. */
static enum surety_err encode_turn(const struct tokenizer *t, const struct surety_message *m,
                                   struct token_list *list)
{
    struct buf turn;
    buf_init(&turn, TOKEN_TEXT_MAX);
    buf_puts(&turn, m->role);
    buf_puts(&turn, "\n");
    enum surety_err code = buf_puts(&turn, m->content);
    if (code == SURETY_OK)
        code = tokenizer_encode(t, turn.data, turn.len, false, list);
    buf_fini(&turn);
    return code;
}

enum surety_err chat_render(const struct tokenizer *t, const struct surety_message *messages,
                            size_t n_messages, struct token_list *list)
{
    enum surety_err code = SURETY_OK;
    for (size_t i = 0; i < n_messages && code == SURETY_OK; i++) {
        code = token_list_add(list, tokenizer_control(t, START));
        if (code == SURETY_OK)
            code = encode_turn(t, &messages[i], list);
        if (code == SURETY_OK)
            code = token_list_add(list, tokenizer_control(t, END));
        if (code == SURETY_OK)
            code = tokenizer_encode(t, "\n", 1, false, list);
    }
    if (code == SURETY_OK)
        code = token_list_add(list, tokenizer_control(t, START));
    if (code == SURETY_OK)
        code = tokenizer_encode(t, "assistant\n", 10, false, list);
    return code;
}
