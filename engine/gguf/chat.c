#include "engine/gguf/chat.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

#define TEMPLATE_MAX (1u << 20)
#define SYSTEM_MAX 4096 /* bytes of a template's own system message */
#define PARTS 4

struct turn { /* '%' stands for the role */
    const char *open, *close;
};

struct chat_format {
    const char *name;
    const char *marks[PARTS];  /* all in the template */
    const char *tokens[PARTS]; /* control tokens that it needs */
    struct turn system, user, assistant;
    const char *joined; /* opens the user's turn right after the system's; NULL: as always */
    const char *answer, *thinking; /* opens the answer; with a <think> block */
    bool trim_start, trim_end;     /* of contents */
    bool spelled;                  /* the template may spell out a system message of its own */
    bool dated;                    /* or may begin every one with two dates */
};

#define CHATML_TURN                                                                                \
    {                                                                                              \
        "<|im_start|>%\n", "<|im_end|>\n"                                                          \
    }
#define LLAMA3_TURN                                                                                \
    {                                                                                              \
        "<|start_header_id|>%<|end_header_id|>\n\n", "<|eot_id|>"                                  \
    }

/* The first whose marks are there. Phi-3's vocabulary drops white space behind its marks, so the
 * line ends of its template are not written. */
static const struct chat_format formats[] = {
    {.name = "ChatML",
     .marks = {"<|im_start|>"},
     .tokens = {"<|im_start|>", "<|im_end|>"},
     .system = CHATML_TURN,
     .user = CHATML_TURN,
     .assistant = CHATML_TURN,
     .answer = "<|im_start|>assistant\n",
     .thinking = "<|im_start|>assistant\n<think>\n",
     .spelled = true},
    {.name = "Llama 3",
     .marks = {"<|start_header_id|>"},
     .tokens = {"<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"},
     .system = LLAMA3_TURN,
     .user = LLAMA3_TURN,
     .assistant = LLAMA3_TURN,
     .answer = "<|start_header_id|>assistant<|end_header_id|>\n\n",
     .thinking = "<|start_header_id|>assistant<|end_header_id|>\n\n<think>\n",
     .dated = true,
     .trim_start = true,
     .trim_end = true},
    {.name = "DeepSeek R1",
     .marks = {"<\uff5cUser\uff5c>", "<\uff5cAssistant\uff5c>"},
     .tokens = {"<\uff5cUser\uff5c>", "<\uff5cAssistant\uff5c>"},
     .system = {"", ""},
     .user = {"<\uff5cUser\uff5c>", ""},
     .assistant = {"<\uff5cAssistant\uff5c>", "<\uff5cend\u2581of\u2581sentence\uff5c>"},
     .answer = "<\uff5cAssistant\uff5c>",
     .thinking = "<\uff5cAssistant\uff5c><think>\n"},
    {.name = "Phi-3",
     .marks = {"<|user|>", "<|end|>"},
     .tokens = {"<|user|>", "<|assistant|>", "<|end|>"},
     .system = {"<|system|>", "<|end|>"},
     .user = {"<|user|>", "<|end|>"},
     .assistant = {"<|assistant|>", "<|end|>"},
     .answer = "<|assistant|>",
     .trim_start = true},
    {.name = "Zephyr",
     .marks = {"<|user|>", "<|assistant|>", "eos_token"},
     .tokens = {"</s>"},
     .system = {"<|system|>\n", "</s>\n"},
     .user = {"<|user|>\n", "</s>\n"},
     .assistant = {"<|assistant|>\n", "</s>\n"},
     .answer = "<|assistant|>\n"},
    {.name = "Llama 2",
     .marks = {"[INST]", "<<SYS>>"},
     .tokens = {"<s>", "</s>"},
     .system = {"[INST] <<SYS>>\n", "\n<</SYS>>\n\n"},
     .user = {"[INST] ", " [/INST]"},
     .assistant = {" ", " </s><s>"},
     .joined = "",
     .answer = "",
     .trim_start = true,
     .trim_end = true},
    {.name = "Mistral with a system prompt",
     .marks = {"[INST]", "[SYSTEM_PROMPT]"},
     .tokens = {"[INST]", "[/INST]", "[SYSTEM_PROMPT]", "</s>"},
     .system = {"[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]"},
     .user = {"[INST]", "[/INST]"},
     .assistant = {"", "</s>"},
     .answer = ""},
    {.name = "Mistral",
     .marks = {"[INST] ", " [/INST]"},
     .tokens = {"</s>"},
     .system = {"[INST] ", "\n\n"},
     .user = {"[INST] ", " [/INST]"},
     .assistant = {"", "</s>"},
     .joined = "",
     .answer = ""},
    {.name = "Mistral with marks for tokens",
     .marks = {"[INST]", "[/INST]"},
     .tokens = {"[INST]", "[/INST]", "</s>"},
     .system = {"[INST]", "\n\n"},
     .user = {"[INST]", "[/INST]"},
     .assistant = {"", "</s>"},
     .joined = "",
     .answer = ""},
};

/* ---- what the template says ---- */

static const char *find(struct gguf_string in, const char *part)
{
    return memmem(in.text, in.len, part, strlen(part));
}

static struct gguf_string from(struct gguf_string s, const char *at)
{
    return (struct gguf_string){at, s.len - (size_t)(at - s.text)};
}

static bool begins(struct gguf_string s, const char *part)
{
    return s.len >= strlen(part) && memcmp(s.text, part, strlen(part)) == 0;
}

static const struct chat_format *recognise(struct gguf_string template)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        size_t n = 0;
        while (n < PARTS && formats[i].marks[n] && find(template, formats[i].marks[n]))
            n++;
        if (n == PARTS || !formats[i].marks[n])
            return &formats[i];
    }
    return NULL;
}

/* Reads the rest of a constant up to ChatML's end of turn; quote: what closes the constant, '\0'
 * for text outside of the template's expressions. False when it is no constant. */
static bool read_constant(struct gguf_string s, char quote, struct buf *ret)
{
    for (; s.len > 1 && ret->len <= SYSTEM_MAX; s.text++, s.len--) {
        if (begins(s, "<|im_end|>"))
            return ret->len > 0;
        char c = *s.text;
        if (quote ? c == quote : c == '{' && (s.text[1] == '{' || s.text[1] == '%'))
            return false;
        if (quote && c == '\\') {
            s.text++;
            s.len--;
            c = *s.text == 'n' ? '\n' : *s.text == 't' ? '\t' : *s.text;
        }
        buf_putc(ret, c);
    }
    return false;
}

/* The system message that a ChatML template spells out, as it does for messages without one. */
static enum surety_err read_system(struct gguf_string template, char **ret)
{
    static const char head[] = "<|im_start|>system";
    struct buf text;
    buf_init(&text, SYSTEM_MAX + 1);
    bool found = false;
    struct gguf_string rest = template;
    for (const char *hit; !found && (hit = find(rest, head)) != NULL;) {
        char before = hit > template.text ? hit[-1] : '\0';
        char quote = '\0';
        if (before == '\'' || before == '"')
            quote = before;
        rest = from(rest, hit + strlen(head));
        bool escaped = quote && begins(rest, "\\n");
        if (!escaped && !begins(rest, "\n"))
            continue;
        buf_reset(&text);
        found = read_constant(from(rest, rest.text + (escaped ? 2 : 1)), quote, &text);
    }
    if (found && !(*ret = utf8_make_valid(text.data, text.len, NULL)))
        text.failed = SURETY_ERR_NOMEM;
    buf_fini(&text);
    return found && !*ret ? SURETY_ERR_NOMEM : SURETY_OK;
}

/* Whether the constant that opens the answer ends in "<think>\n". */
static bool opens_thinking(struct gguf_string template)
{
    static const char *const ends[] = {"<think>\\n'", "<think>\\n\"", "<think>\n'", "<think>\n\""};
    const char *hit;
    struct gguf_string last = {"", 0};
    for (struct gguf_string s = template; (hit = find(s, "add_generation_prompt")) != NULL;)
        s = last = from(s, hit + 1);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (find(last, ends[i]))
            return true;
    return false;
}

static enum surety_err unknown(const struct gguf_file *file, struct surety_error *err)
{
    return surety_fail(err, SURETY_ERR_UNSUPPORTED,
                       "%s has no chat template that this engine knows (ChatML, Llama 2 and 3, "
                       "DeepSeek R1, Mistral, Zephyr, Phi-3): take a model that was trained to "
                       "answer, with tokenizer.chat_template in its file",
                       file->name);
}

enum surety_err chat_init(struct chat *chat, const struct gguf_file *file,
                          const struct tokenizer *t, struct surety_error *err)
{
    struct gguf_string template = {"<|im_start|>", 12};
    bool given = gguf_find(file, "tokenizer.chat_template") != NULL;
    enum surety_err code = gguf_get_string(file, "tokenizer.chat_template", &template, err);
    if (code != SURETY_OK)
        return code;
    if (template.len > TEMPLATE_MAX)
        return surety_fail(err, SURETY_ERR_LIMIT,
                           "%s: tokenizer.chat_template is %zu bytes long, over the limit of %u",
                           file->name, template.len, TEMPLATE_MAX);
    const struct chat_format *format = recognise(template);
    if (!format)
        return unknown(file, err);
    for (size_t i = 0; i < PARTS && format->tokens[i]; i++)
        if (tokenizer_control(t, format->tokens[i]) == TOKEN_NONE)
            return given ? surety_fail(err, SURETY_ERR_UNSUPPORTED,
                                       "%s: its chat template is that of %s, but its vocabulary "
                                       "has no control token %s",
                                       file->name, format->name, format->tokens[i])
                         : unknown(file, err);
    *chat = (struct chat){.format = format, .dated = "", .answer = format->answer};
    if (format->thinking && opens_thinking(template)) {
        chat->answer = format->thinking;
        chat->thinks = true;
    }
    if (format->spelled)
        code = read_system(template, &chat->system);
    if (format->dated && find(template, "Cutting Knowledge Date: December 2023")) {
        chat->dated = "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n";
        chat->system = strdup("");
        code = chat->system ? SURETY_OK : SURETY_ERR_NOMEM;
    }
    return code == SURETY_OK ? code : surety_fail(err, code, "no memory for a chat template");
}

void chat_fini(struct chat *chat)
{
    if (!chat)
        return;
    free(chat->system);
    *chat = (struct chat){0};
}

/* ---- rendering ---- */

struct writer {
    const struct tokenizer *t;
    struct token_list *list;
    struct buf
        plain; /* between two control tokens: one text, so that its words are the template's */
    enum surety_err code;
};

static void flush(struct writer *w)
{
    if (w->code == SURETY_OK)
        w->code = w->plain.failed;
    if (w->code == SURETY_OK && w->plain.len > 0)
        w->code = tokenizer_encode(w->t, w->plain.data, w->plain.len, false, w->list);
    buf_reset(&w->plain);
}

static void put_token(struct writer *w, uint32_t id)
{
    flush(w);
    if (w->code == SURETY_OK)
        w->code = token_list_add(w->list, id);
}

/* A part of a format: the only text whose control tokens count. */
static void put_format(struct writer *w, const char *text, const char *role)
{
    for (size_t left = strlen(text); left > 0;) {
        uint32_t id = tokenizer_control_at(w->t, text, left);
        size_t n = 1;
        if (id != TOKEN_NONE) {
            put_token(w, id);
            n = tokenizer_piece(w->t, id).len;
        } else if (*text == '%') {
            buf_puts(&w->plain, role);
        } else {
            buf_putc(&w->plain, *text);
        }
        text += n;
        left -= n;
    }
}

static void put_content(struct writer *w, const struct chat_format *format, const char *text)
{
    static const char blanks[] = " \t\n\v\f\r";
    if (format->trim_start)
        text += strspn(text, blanks);
    size_t len = strlen(text);
    while (format->trim_end && len > 0 && strchr(blanks, text[len - 1]))
        len--;
    buf_append(&w->plain, text, len);
}

static bool is_system(const struct surety_message *m)
{
    return strcmp(m->role, "system") == 0;
}

static void put_message(struct writer *w, const struct chat *chat, const struct surety_message *m,
                        bool joined)
{
    const struct chat_format *f = chat->format;
    bool assistant = strcmp(m->role, "assistant") == 0;
    const struct turn *turn = is_system(m) ? &f->system : assistant ? &f->assistant : &f->user;
    put_format(w, joined && f->joined && turn == &f->user ? f->joined : turn->open, m->role);
    if (is_system(m))
        buf_puts(&w->plain, chat->dated);
    put_content(w, f, m->content);
    put_format(w, turn->close, m->role);
}

enum surety_err chat_render(const struct chat *chat, const struct tokenizer *t,
                            const struct surety_message *messages, size_t n_messages,
                            const char *opened, struct token_list *list)
{
    struct writer w = {.t = t, .list = list};
    buf_init(&w.plain, TOKEN_TEXT_MAX);
    if (tokenizer_bos(t) != TOKEN_NONE)
        put_token(&w, tokenizer_bos(t));
    if (chat->system && (n_messages == 0 || !is_system(&messages[0])))
        put_message(&w, chat, &(struct surety_message){(char *)"system", chat->system}, false);
    for (size_t i = 0; i < n_messages; i++)
        put_message(&w, chat, &messages[i], i > 0 && is_system(&messages[i - 1]));
    put_format(&w, chat->answer, "assistant");
    buf_puts(&w.plain, opened);
    flush(&w);
    buf_fini(&w.plain);
    return w.code;
}
