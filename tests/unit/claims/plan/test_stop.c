#include "tests/unit/test.h"

#include <math.h>
#include <string.h>

#include "claims/math/equal.h"
#include "claims/plan/stop.h"

#define near(a, b) assert_true(fabs((a) - (b)) < 1e-12)

enum { ROOM = 64 };

struct votes {
    struct stop_vote vote;
    uint32_t group[SURETY_K_MAX];
    double r[SURETY_K_MAX];
};

/* A letter a vote, '-' for none; all weigh r. */
static struct stop_vote *votes_of(struct votes *v, enum surety_stopping rule, uint32_t k,
                                  const char *letters, double r)
{
    uint32_t n = (uint32_t)strlen(letters), n_groups = 0, known[128];
    for (int c = 0; c < 128; c++)
        known[c] = EQUAL_NO_GROUP;
    v->vote = (struct stop_vote){rule, 0.05, k, v->group, v->r, n};
    for (uint32_t i = 0; i < n; i++) {
        uint32_t *of = &known[(unsigned char)letters[i]];
        if (letters[i] != '-' && *of == EQUAL_NO_GROUP)
            *of = n_groups++;
        v->group[i] = *of;
        v->r[i] = letters[i] == '-' ? 0 : r;
    }
    return &v->vote;
}

static bool settled(enum surety_stopping rule, uint32_t k, const char *letters, double r)
{
    struct votes v;
    return stop_is_settled(votes_of(&v, rule, k, letters, r));
}

static void beta_is_the_binomial_sum_on_whole_votes(void **state)
{
    near(stop_beta(0, 0), 0.5);
    near(stop_beta(4, 0), 31 / 32.);
    near(stop_beta(0, 4), 1 / 32.);
    near(stop_beta(6, 1), 1 - 9 / 256.);
    near(stop_beta(5, 1), 1 - 8 / 128.);
    near(stop_beta(7, 7), 0.5);
    assert_true(fabs(stop_beta(1024, 0) - 1) < 1e-9);
    assert_true(stop_beta(520, 504) > 0.69 && stop_beta(520, 504) < 0.7);
}

static void settled_beta_takes_four_that_agree_or_six_of_seven(void **state)
{
    assert_false(settled(SURETY_STOPPING_BETA, 32, "", 1));
    assert_false(settled(SURETY_STOPPING_BETA, 32, "---", 1));
    assert_false(settled(SURETY_STOPPING_BETA, 32, "aaa", 1));
    assert_true(settled(SURETY_STOPPING_BETA, 32, "aaaa", 1));
    assert_true(settled(SURETY_STOPPING_BETA, 32, "a-aa-a", 1));
    assert_false(settled(SURETY_STOPPING_BETA, 32, "abaaaa", 1));
    assert_true(settled(SURETY_STOPPING_BETA, 32, "abaaaaa", 1));
    assert_false(settled(SURETY_STOPPING_NONE, 32, "aaaaaaaaaaaa", 1));
}

static void settled_beta_counts_effective_votes(void **state)
{
    assert_true(settled(SURETY_STOPPING_BETA, 32, "aaaa", 0.08));
    assert_false(settled(SURETY_STOPPING_BETA, 32, "aaaa", 0));
    struct votes v;
    struct stop_vote *vote = votes_of(&v, SURETY_STOPPING_BETA, 32, "aaaab", 0.5);
    assert_false(stop_is_settled(vote));
    v.r[4] = 0; /* refuted */
    assert_true(stop_is_settled(vote));
    for (int i = 1; i < 4; i++)
        v.r[i] = 0.01; /* there is little more than one vote */
    assert_false(stop_is_settled(vote));
}

static void settled_sure_waits_until_nobody_can_overtake(void **state)
{
    assert_false(settled(SURETY_STOPPING_SURE, 8, "aaaa", 1));
    assert_true(settled(SURETY_STOPPING_SURE, 8, "aaaaa", 1));
    assert_false(settled(SURETY_STOPPING_SURE, 8, "aaaaab", 0.5));
    assert_true(settled(SURETY_STOPPING_SURE, 8, "aaaaabb", 1));
    assert_false(settled(SURETY_STOPPING_SURE, 8, "aaabbbcc", 1));
}

static void settled_certified_takes_nine_that_agree(void **state)
{
    assert_false(settled(SURETY_STOPPING_CERTIFIED, 32, "aaaaaaaa", 1));
    assert_true(settled(SURETY_STOPPING_CERTIFIED, 32, "aaaaaaaaa", 1));
    /* the second to appear pays for it, and one beside it does not stop it */
    assert_false(settled(SURETY_STOPPING_CERTIFIED, 32, "baaaaaaaaa", 1));
    assert_true(settled(SURETY_STOPPING_CERTIFIED, 32, "baaaaaaaaaaa", 1));
    assert_false(settled(SURETY_STOPPING_CERTIFIED, 32, "aaaaaaaaabbbb", 1));
    assert_false(settled(SURETY_STOPPING_CERTIFIED, 32, "aaaaaaaaa", 0.1));
}

static void can_win_asks_about_one_rival(void **state)
{
    struct votes v;
    struct stop_vote *vote = votes_of(&v, SURETY_STOPPING_BETA, 32, "aaaaaaabbbbc", 1);
    assert_int_equal(stop_leader(vote), 0);
    assert_false(stop_can_win(vote, 0, 7, 0));
    assert_true(stop_can_win(vote, 0, 7, 1));
    assert_false(stop_can_win(vote, 0, 7, 2));
    assert_true(stop_can_win(vote, 0, 1.5, 2)); /* most of what the leader has was refuted */
    vote->rule = SURETY_STOPPING_SURE;
    vote->k = 15;
    assert_true(stop_can_win(vote, 0, 7, 1));
    assert_false(stop_can_win(vote, 0, 7, 2));
    assert_true(stop_can_win(vote, 0, 0, 2));
}

static uint32_t wave(enum surety_stopping rule, uint32_t k, const char *letters)
{
    struct votes v;
    return stop_wave(votes_of(&v, rule, k, letters, 1));
}

static void wave_is_what_could_settle_it_and_at_least_half(void **state)
{
    assert_int_equal(wave(SURETY_STOPPING_NONE, 32, ""), 32);
    assert_int_equal(wave(SURETY_STOPPING_BETA, 32, ""), 4);
    assert_int_equal(wave(SURETY_STOPPING_BETA, 2, ""), 2);
    assert_int_equal(wave(SURETY_STOPPING_SURE, 32, ""), 17);
    assert_int_equal(wave(SURETY_STOPPING_CERTIFIED, 32, ""), 9);
    assert_int_equal(wave(SURETY_STOPPING_BETA, 32, "aaab"), 3);
    assert_int_equal(wave(SURETY_STOPPING_BETA, 32, "aaabaab"), 4);
    assert_int_equal(wave(SURETY_STOPPING_BETA, 32, "aabb"), 6);
    assert_int_equal(wave(SURETY_STOPPING_BETA, 32, "----"), 4);
    assert_int_equal(wave(SURETY_STOPPING_BETA, 5, "aabb"), 1);
    assert_int_equal(wave(SURETY_STOPPING_BETA, 8, "aaaabbbb"), 0);
    /* nothing that comes can settle it any more: all at once */
    assert_int_equal(wave(SURETY_STOPPING_CERTIFIED, 20, "aaaaaabbbbbb"), 8);
}

/* ---- does certified hold what it says ---- */

static double uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) / 9007199254740992.0;
}

/* How often it names what is no winner, over runs of K votes looked at after each one. Answers
 * come with the shares given, each with its mean weight; the highest product of the two wins. */
struct lottery {
    const char *name;
    double shares[12], weights[12];
    size_t n;
    double spread; /* of weights around their mean; 0: none, 1: 0 or twice the mean */
};

static double false_share(const struct lottery *lottery, uint32_t runs)
{
    double best = 0;
    for (size_t a = 0; a < lottery->n; a++)
        best = fmax(best, lottery->shares[a] * lottery->weights[a]);
    size_t n_best = 0;
    for (size_t a = 0; a < lottery->n; a++)
        n_best += lottery->shares[a] * lottery->weights[a] > best - 1e-12;
    uint64_t random = 1;
    uint32_t wrong = 0;
    for (uint32_t run = 0; run < runs; run++) {
        struct votes v;
        uint32_t number[12], n_groups = 0;
        size_t answer_of[12];
        for (size_t a = 0; a < lottery->n; a++)
            number[a] = EQUAL_NO_GROUP;
        struct stop_vote *vote = &v.vote;
        *vote = (struct stop_vote){SURETY_STOPPING_CERTIFIED, 0.05, ROOM, v.group, v.r, 0};
        bool named = false;
        while (vote->n < ROOM && !named) {
            double at = uniform(&random);
            size_t a = 0;
            while (a + 1 < lottery->n && (at -= lottery->shares[a]) >= 0)
                a++;
            if (number[a] == EQUAL_NO_GROUP) {
                answer_of[n_groups] = a;
                number[a] = n_groups++;
            }
            double sway = uniform(&random) < 0.5 ? -lottery->spread : lottery->spread;
            v.group[vote->n] = number[a];
            v.r[vote->n++] = lottery->weights[a] * (1 + sway);
            named = stop_is_settled(vote);
        }
        size_t a = named ? answer_of[stop_leader(vote)] : 0;
        bool right = n_best == 1 && lottery->shares[a] * lottery->weights[a] > best - 1e-12;
        wrong += named && !right;
    }
    return (double)wrong / runs;
}

static void certified_names_another_winner_no_more_often_than_d(void **state)
{
    static const struct lottery lotteries[] = {
        {"two that tie", {.5, .5}, {1, 1}, 2, 0},
        {"two that tie, of weights in (0,1)", {.5, .5}, {.5, .5}, 2, .9},
        {"three that tie", {1 / 3., 1 / 3., 1 / 3.}, {1, 1, 1}, 3, 0},
        {"five that tie, weights differ", {.1, .15, .2, .25, .3}, {.9, .6, .45, .36, .3}, 5, .1},
        {"a rare one that weighs as much", {.95, .05}, {1 / 19., 1}, 2, 0},
        {"late ones",
         {.4, .4, .02, .02, .02, .02, .02, .02, .02, .02, .02, .02},
         {.5, .5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
         12,
         0},
        {"nearly a tie", {.51, .49}, {.5, .5}, 2, 1},
        {"many that tie",
         {.1, .1, .1, .1, .1, .1, .1, .1, .1, .1},
         {1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
         10,
         0},
    };
    for (size_t i = 0; i < sizeof lotteries / sizeof *lotteries; i++) {
        double share = false_share(&lotteries[i], 10000);
        print_message("# %s: %.4f\n", lotteries[i].name, share);
        assert_true(share <= 0.05);
    }
}

static void certified_names_a_clear_winner(void **state)
{
    static const struct lottery clear = {"clear", {.8, .2}, {.9, .2}, 2, .1};
    assert_true(false_share(&clear, 2000) <= 0.05);
    struct votes v;
    struct stop_vote *vote =
        votes_of(&v, SURETY_STOPPING_CERTIFIED, 64, "aabaaaabaaaaaacaaabaaaaaaaaaaaaa", 0.9);
    assert_true(stop_is_settled(vote));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beta_is_the_binomial_sum_on_whole_votes),
        cmocka_unit_test(settled_beta_takes_four_that_agree_or_six_of_seven),
        cmocka_unit_test(settled_beta_counts_effective_votes),
        cmocka_unit_test(settled_sure_waits_until_nobody_can_overtake),
        cmocka_unit_test(settled_certified_takes_nine_that_agree),
        cmocka_unit_test(can_win_asks_about_one_rival),
        cmocka_unit_test(wave_is_what_could_settle_it_and_at_least_half),
        cmocka_unit_test(certified_names_another_winner_no_more_often_than_d),
        cmocka_unit_test(certified_names_a_clear_winner),
    };
    return cmocka_run_group_tests_name("claims.plan.stop", tests, NULL, NULL);
}
