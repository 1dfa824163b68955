/* The parser of expressions: no crash, and what is read stays within its bounds. */
#include "claims/math/eval.h"
#include "claims/math/parse.h"
#include "claims/math/value.h"
#include "tests/fuzz/fuzz.h"

static size_t count(const struct expr *e, size_t depth)
{
    FUZZ_CHECK(depth <= EXPR_NODES_MAX);
    size_t n = 1;
    for (size_t i = 0; i < e->n; i++)
        n += count(e->args[i], depth + 1);
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pool pool;
    struct tokens tokens;
    pool_init(&pool);
    if (lex(&pool, (const char *)data, size, &tokens) && !tokens.limit) {
        FUZZ_CHECK(tokens.n < LEX_TOKENS_MAX && tokens.list[tokens.n].kind == TOK_END);
        enum parse_status status;
        const struct token *end = tokens.list + tokens.n;
        const struct expr *e = parse_scalar(&pool, tokens.list, end, &status);
        FUZZ_CHECK((e != NULL) == (status == PARSE_OK));
        fmpq_t value;
        fmpq_init(value);
        if (e) {
            FUZZ_CHECK(count(e, 0) <= EXPR_NODES_MAX);
            eval_rational(e, value);
        }
        fmpq_clear(value);
        e = parse_answer(&pool, tokens.list, end, &status);
        FUZZ_CHECK((e != NULL) == (status == PARSE_OK));
        if (e)
            value_make(&pool, e);
    }
    pool_fini(&pool);
    return 0;
}
