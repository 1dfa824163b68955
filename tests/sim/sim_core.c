/*
 * Seeded schedules of faults against the broker core.
 *
 *   sim_core            the default number of schedules
 *   sim_core SEED [N]   N schedules (1) from SEED on
 *
 * Each schedule draws requests, workers, clients and how often which fault strikes. Faults end
 * after some time; then every request must have been answered, whatever happened. Where a result
 * says "complete", it must be the one that an undisturbed world gives. What must be true meanwhile:
 * promise.h, and world.c.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonl.h"
#include "claims/read/profile.h"
#include "tests/sim/peers.h"
#include <surety/settings.h>

#define SCHEDULES 5000
#define ALL_KINDS 600 /* so many reach every kind of end */
#define CALM_MS 2500
#define PATIENCE_MS 300000

static struct {
    uint64_t progress, unlucky, compared, judged, asked, moved, refused, steps;
    uint64_t stops[SURETY_STOP_FAILED + 1];
} seen;

/* Where one model is served besides the verifier's it need not be named; a model that is named may
 * judge itself. */
static void draw_models(struct world *w, const struct town *town, struct surety_request *r)
{
    bool several = town->n_models > 1,
         named = world_below(w, 4) < (several ? 3 : 1) || town->n_models > 2;
    uint64_t model = world_below(w, town->n_models), verifier = world_below(w, town->n_models);
    r->model_name = named ? (char *)peers_model(model) : NULL;
    bool judged = named ? world_below(w, 3) > 0 : several;
    r->verifier_model = judged ? (char *)peers_model(verifier) : NULL;
}

/* The usual profile, but that claims are asked for. */
static char *asking_profile(void)
{
    static char text[SURETY_PROFILE_MAX];
    const char *usual = profile_builtin("instruct"), *rest = strstr(usual, "claims: block");
    if (!*text)
        snprintf(text, sizeof text, "%.*sclaims: ask%s\n\n[claims user]\nList the claims.\n",
                 (int)(rest - usual), usual, rest + strlen("claims: block"));
    return text;
}

static void draw_specs(struct world *w, struct town *town, bool limits)
{
    town->n_specs = 1 + world_below(w, SPECS_MAX - 1);
    town->n_models = 1 + world_below(w, 3);
    for (size_t i = 0; i < town->n_specs; i++) {
        struct spec *spec = &town->specs[i];
        struct surety_request *r = &spec->request;
        *spec = (struct spec){0};
        snprintf(spec->id, sizeof spec->id, "r%u", (unsigned)i);
        snprintf(spec->problem, sizeof spec->problem, "What is %u + %zu?", 10 + (unsigned)i, i);
        r->id = spec->id;
        r->problem = spec->problem;
        surety_settings_init(&r->settings);
        r->settings.k = 1 + (uint32_t)world_below(w, 6);
        r->settings.seed = world_random(w) >> 16;
        r->settings.verify = SURETY_VERIFY_NONE + world_below(w, 4);
        r->settings.verify_repeats = 1 + (uint32_t)world_below(w, 3);
        r->settings.controls = (uint32_t)world_below(w, 3);
        r->profile = i % 3 == 1 ? asking_profile() : NULL;
        r->progress = world_below(w, 2);
        draw_models(w, town, r);
        uint64_t deadline = world_below(w, 4) ? 0 : 50 + world_below(w, 3000);
        uint64_t budget = world_below(w, 6) ? 0 : 10 + world_below(w, 200);
        r->deadline_ms = limits ? (int64_t)deadline : 0;
        r->budget_tokens = limits ? (int64_t)budget : 0;
    }
}

static struct sim_peer *add_peer(struct world *w, struct town *town, bool worker)
{
    struct sim_peer *peer = &town->peers[town->n_peers++];
    *peer =
        (struct sim_peer){.worker = worker, .number = (uint32_t)town->n_peers, .kind = SIM_USUAL};
    return peer;
}

/* Did an item that could have given something lose all its attempts, to faults around it or to the
 * poison of another? Then the result may differ. */
static bool was_unlucky(struct world *w, const struct spec *spec)
{
    for (size_t i = 0; i < w->n_items; i++)
        for (size_t n = 0; n < spec->n_numbers; n++)
            if (w->items[i].request == spec->numbers[n] && !w->items[i].ok &&
                w->items[i].sent == SIM_ATTEMPTS && !peers_seed_is_hopeless(w->items[i].seed))
                return true;
    return false;
}

/* The results of a world in which nothing happens but what the seeds of items want. */
static void run_calm(uint64_t seed, struct town *calm)
{
    struct world w;
    world_init(&w, seed, &(struct faults){0}, 0);
    peers_attach(&w, calm);
    draw_specs(&w, calm, false);
    for (size_t i = 0; i < calm->n_models; i++) {
        struct sim_peer *worker = add_peer(&w, calm, true);
        worker->slots = RUNS_MAX;
        worker->model = peers_model(i);
    }
    struct sim_peer *client = add_peer(&w, calm, false);
    client->n_specs = calm->n_specs < SIM_WINDOW ? calm->n_specs : SIM_WINDOW;
    struct sim_peer *second = add_peer(&w, calm, false);
    second->first_spec = client->n_specs;
    second->n_specs = calm->n_specs - client->n_specs;
    for (size_t i = 0; i < calm->n_peers; i++)
        peers_start(&w, &calm->peers[i]);
    for (size_t i = 0; i < calm->n_specs;) {
        SIM_CHECK(&w, world_step(&w) && w.now_ms < PATIENCE_MS, "%s has no answer",
                  calm->specs[i].id);
        while (i < calm->n_specs && calm->specs[i].answers)
            i++;
    }
    for (size_t i = 0; i < calm->n_specs; i++)
        calm->specs[i].unlucky = was_unlucky(&w, &calm->specs[i]);
    world_stop(&w);
    world_fini(&w);
}

static void draw_faults(struct world *w, struct faults *f)
{
    unsigned *const each[] = {&f->cut,   &f->crash,  &f->freeze, &f->hang,
                              &f->leave, &f->cancel, &f->repeat};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++)
        *each[i] = world_below(w, 2) ? (unsigned)world_below(w, 60) : 0;
    f->repeat *= 5;
    f->cancel *= 5;
    f->store = world_below(w, 3) ? 0 : (unsigned)world_below(w, 300);
    f->full = world_below(w, 4) ? 0 : (unsigned)world_below(w, 100);
    f->hostile = world_below(w, 4) ? 0 : (unsigned)world_below(w, 150);
    f->slow_jobs = world_below(w, 3) ? 0 : (unsigned)world_below(w, 100);
    f->slow_ms = (unsigned)world_below(w, 60);
}

static void draw_town(struct world *w, struct town *town)
{
    size_t n_workers = town->n_models + world_below(w, WORKERS_MAX - 2),
           n_clients = 1 + world_below(w, CLIENTS_MAX);
    if (town->n_specs > n_clients * SIM_WINDOW)
        n_clients = 2;
    for (size_t i = 0; i < n_workers; i++) {
        struct sim_peer *peer = add_peer(w, town, true);
        peer->slots = 1 + (uint32_t)world_below(w, 12);
        peer->own_identity = world_below(w, 3) == 0;
        peer->model = peers_model(i < town->n_models ? i : world_below(w, town->n_models));
        if (i >= town->n_models && world_below(w, 4) == 0)
            peer->kind = world_below(w, 2) ? SIM_OTHER_CLASS : SIM_OTHER_WEIGHTS;
    }
    for (size_t i = 0; i < n_clients; i++) {
        struct sim_peer *peer = add_peer(w, town, false);
        peer->own_identity = world_below(w, 2);
        peer->first_spec = town->n_specs * i / n_clients;
        peer->n_specs = town->n_specs * (i + 1) / n_clients - peer->first_spec;
    }
}

/* Everything but what a result may differ in: cost, and what hopeless items died of. */
static json_t *comparable(struct world *w, const char *text)
{
    json_t *object = NULL;
    struct surety_error err;
    SIM_CHECK(w, json_load_text(text, strlen(text), &object, &err) == SURETY_OK, "%s", err.message);
    json_object_del(object, "usage");
    static const char *const of_workers[] = {"model_id", "repro", "verifier_model_id",
                                             "verifier_repro"};
    for (size_t i = 0; i < sizeof of_workers / sizeof *of_workers; i++)
        json_object_del(json_object_get(object, "run"), of_workers[i]);
    json_t *trajectories = json_object_get(object, "trajectories");
    for (size_t i = 0; i < json_array_size(trajectories); i++) {
        json_t *trajectory = json_array_get(trajectories, i);
        json_t *claims = json_object_get(trajectory, "claims");
        json_object_del(trajectory, "error");
        for (size_t c = 0; c < json_array_size(claims); c++)
            json_object_del(json_array_get(claims, c), "reason");
    }
    return object;
}

/* The result names the models that it was asked for, and is reproducible only if all items ran in
 * the classes that it names. Which run of several it is of cannot be told. */
static void check_run(struct world *w, const struct spec *spec, const json_t *run)
{
    const char *names[] = {json_get_string(run, "model", ""),
                           json_get_string(run, "verifier_model", NULL)};
    const char *classes[] = {json_get_string(run, "repro", ""),
                             json_get_string(run, "verifier_repro", NULL)};
    bool reproducible = json_is_true(json_object_get(run, "reproducible"));
    for (enum surety_stage stage = SURETY_STAGE_SAMPLE; stage < SURETY_STAGE_COUNT_; stage++) {
        bool judges = stage == SURETY_STAGE_VERIFY;
        uint8_t kinds = spec->n_numbers == 1 ? spec->served[0][stage] : 0;
        if (!kinds)
            continue;
        const char *name = judges && names[1] ? names[1] : names[0];
        const char *class = judges && classes[1] ? classes[1] : classes[0];
        SIM_CHECK(w, strcmp(name, peers_model_of(&spec->request, stage)) == 0, "%s is named", name);
        for (unsigned kind = SIM_USUAL; kind <= SIM_OTHER_WEIGHTS && reproducible; kind <<= 1)
            SIM_CHECK(w, !(kinds & kind) || strcmp(peers_class(kind), class) == 0,
                      "%s went on in another class than '%s'", spec->id, class);
        seen.judged += judges && names[1];
        seen.asked += stage == SURETY_STAGE_CLAIMS;
    }
}

static void check_result(struct world *w, const struct spec *spec, const struct spec *calm)
{
    enum surety_stop stop;
    json_t *is = comparable(w, spec->json), *should = comparable(w, calm->json);
    const char *name = json_get_string(is, "stop_reason", "");
    SIM_CHECK(w, surety_stop_from_name(name, &stop), "stop_reason '%s'", name);
    SIM_CHECK(w, strcmp(json_get_string(is, "id", ""), spec->id) == 0, "the id of another");
    SIM_CHECK(w, stop != SURETY_STOP_DEADLINE || spec->request.deadline_ms, "no deadline");
    SIM_CHECK(w, stop != SURETY_STOP_BUDGET || spec->request.budget_tokens, "no budget");
    SIM_CHECK(w, stop != SURETY_STOP_CANCELLED || spec->cancelled, "nobody cancelled it");
    seen.stops[stop]++;
    seen.refused += spec->refusals;
    seen.progress += spec->progress;
    json_t *told = NULL;
    json_load_text(spec->json, strlen(spec->json), &told, NULL);
    check_run(w, spec, json_object_get(told, "run"));
    json_decref(told);
    bool reproducible = json_is_true(json_object_get(json_object_get(is, "run"), "reproducible"));
    seen.moved += stop == SURETY_STOP_COMPLETE && !reproducible;
    if (stop == SURETY_STOP_COMPLETE && reproducible) {
        if (calm->unlucky || was_unlucky(w, spec)) {
            seen.unlucky++;
        } else {
            seen.compared++;
            SIM_CHECK(w, json_equal(is, should), "%s:\n# is     %s\n# should %s", spec->id,
                      spec->json, calm->json);
        }
    }
    json_decref(is);
    json_decref(should);
}

static bool all_answered(const struct town *town)
{
    for (size_t i = 0; i < town->n_specs; i++)
        if (!town->specs[i].answers)
            return false;
    return true;
}

static void free_answers(struct town *town)
{
    for (size_t i = 0; i < town->n_specs; i++)
        free(town->specs[i].json);
}

static void run_schedule(uint64_t seed)
{
    static struct town calm, town;
    struct world w;
    struct faults faults = {0};
    calm.n_peers = town.n_peers = 0;
    run_calm(seed, &calm);
    world_init(&w, seed, &faults, CALM_MS);
    peers_attach(&w, &town);
    draw_specs(&w, &town, true);
    draw_faults(&w, &w.faults);
    draw_town(&w, &town);
    for (size_t i = 0; i < town.n_peers; i++)
        world_timer(&w, &town.peers[i], (int64_t)world_below(&w, 300), 0);
    while (!all_answered(&town))
        SIM_CHECK(&w, world_step(&w) && w.now_ms < PATIENCE_MS, "a request is not answered");
    /* whoever asked twice is answered before the end, and nobody more often than that */
    int64_t end = w.now_ms + 3000;
    while (w.now_ms < end && world_step(&w))
        ;
    world_stop(&w);
    for (size_t i = 0; i < town.n_specs; i++)
        check_result(&w, &town.specs[i], &calm.specs[i]);
    seen.steps += w.steps;
    world_fini(&w);
    free_answers(&town);
    free_answers(&calm);
}

int main(int argc, char **argv)
{
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    uint64_t n = argc > 2 ? strtoull(argv[2], NULL, 10) : argc > 1 ? 1 : SCHEDULES;
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("1..1\n");
    for (uint64_t seed = first; seed < first + n; seed++)
        run_schedule(seed);
    printf("# %" PRIu64 " steps; results: %" PRIu64 " complete (%" PRIu64 " compared, %" PRIu64
           " lost items to faults), %" PRIu64 " budget, %" PRIu64 " deadline, %" PRIu64
           " cancelled, %" PRIu64 " failed; %" PRIu64 " went on in another class, %" PRIu64
           " judged by another model; the store refused %" PRIu64 "\n",
           seen.steps, seen.stops[SURETY_STOP_COMPLETE], seen.compared, seen.unlucky,
           seen.stops[SURETY_STOP_BUDGET], seen.stops[SURETY_STOP_DEADLINE],
           seen.stops[SURETY_STOP_CANCELLED], seen.stops[SURETY_STOP_FAILED], seen.moved,
           seen.judged, seen.refused);
    bool all = seen.progress && seen.compared && seen.unlucky && seen.moved && seen.judged &&
               seen.asked && seen.refused;
    for (int stop = 0; stop <= SURETY_STOP_FAILED; stop++)
        all = all && (seen.stops[stop] || stop == SURETY_STOP_EARLY);
    if (n >= ALL_KINDS && !all) {
        printf("not ok 1 - the schedules did not reach every kind of end\n");
        return 1;
    }
    printf("ok 1 - %" PRIu64 " schedules from seed %" PRIu64 "\n", n, first);
    return 0;
}
