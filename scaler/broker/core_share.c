/*
 * Whose turn it is: for each class of workers which client is served next, and which of its
 * requests.
 *
 * What waits for workers of one class is a pool. Clients with waiting items stand in its line, each
 * with a line of the requests that these items are of; one that asks for several users, as a
 * gateway does, stands there once for each. Who was served goes to the end, so a client
 * waits for one BATCH of each other at most, however much these have asked for. Pools have lines of
 * their own, since who is served by one class may wait for another all the same.
 *
 * A request keeps its place for TURN_ITEMS items, so that a small one is done in one piece and its
 * prompt is computed once. What goes on with a request that had got all it wanted stands in front:
 * its answer is nearer than that of one that has not begun.
 */
#include "scaler/broker/core_internal.h"

#include <stdlib.h>

#include "base/hash.h"

static void put_last(struct turn_line *line, struct turn *turn)
{
    turn->before = line->last;
    turn->after = NULL;
    *(line->last ? &line->last->after : &line->first) = turn;
    line->last = turn;
}

static void put_first(struct turn_line *line, struct turn *turn)
{
    turn->before = NULL;
    turn->after = line->first;
    *(line->first ? &line->first->before : &line->last) = turn;
    line->first = turn;
}

static void take_out(struct turn_line *line, struct turn *turn)
{
    *(turn->before ? &turn->before->after : &line->first) = turn->after;
    *(turn->after ? &turn->after->before : &line->last) = turn->before;
}

/* ---- pools, and the shares of clients in them ---- */

static struct pool *pool_of(struct core *core, const struct surety_model *model)
{
    uint64_t hash = hash_text(hash_text(0, model->name), model->id);
    hash = hash_u64(hash_text(hash_text(hash, model->engine), model->repro), model->chooses);
    for (struct pool *pool = core->pools; pool; pool = pool->next)
        if (pool->hash == hash)
            return pool;
    struct pool *pool = calloc(1, sizeof *pool);
    if (!pool) {
        core->failed = true;
        return NULL;
    }
    pool->hash = hash;
    pool->next = core->pools;
    return core->pools = pool;
}

void share_pool_last(struct pool **at)
{
    struct pool *pool = *at;
    *at = pool->next;
    while (*at)
        at = &(*at)->next;
    pool->next = NULL;
    *at = pool;
}

static struct share *share_of(struct core *core, const struct request *request, struct pool *pool)
{
    struct client *client = request->client;
    const uint64_t user = request->wanted.user ? hash_text(1, request->wanted.user) : 0;
    for (struct share *share = client->shares; share; share = share->next)
        if (share->pool == pool && share->user == user)
            return share;
    struct share *share = calloc(1, sizeof *share);
    if (!share) {
        core->failed = true;
        return NULL;
    }
    share->pool = pool;
    share->client = client;
    share->user = user;
    share->turn.owner = share;
    share->next = client->shares;
    client->shares = share;
    put_last(&pool->line, &share->turn);
    return share;
}

static void drop_share(struct share *share)
{
    struct share **at = &share->client->shares;
    while (*at != share)
        at = &(*at)->next;
    *at = share->next;
    take_out(&share->pool->line, &share->turn);
    free(share);
}

/* ---- coming, being served, going ---- */

void share_join(struct core *core, struct request *request, struct service *service)
{
    if (service->share)
        return;
    struct pool *pool = pool_of(core, service->model);
    struct share *share = pool ? share_of(core, request, pool) : NULL;
    if (!share)
        return;
    service->share = share;
    service->turn.owner = service;
    service->turn_items = 0;
    bool goes_on = request->n_running + request->n_done > 0;
    (goes_on ? put_first : put_last)(&share->line, &service->turn);
}

void share_leave(struct service *service)
{
    struct share *share = service->share;
    if (!share)
        return;
    take_out(&share->line, &service->turn);
    service->share = NULL;
    if (!share->line.first)
        drop_share(share);
}

void share_served(struct service *service, size_t n)
{
    struct share *share = service->share;
    service->turn_items += n;
    if (service->turn_items >= TURN_ITEMS) {
        take_out(&share->line, &service->turn);
        put_last(&share->line, &service->turn);
        service->turn_items = 0;
    }
    take_out(&share->pool->line, &share->turn);
    put_last(&share->pool->line, &share->turn);
}

void share_tidy(struct core *core)
{
    for (struct pool **at = &core->pools; *at;) {
        struct pool *pool = *at;
        if (pool->line.first) {
            at = &pool->next;
            continue;
        }
        *at = pool->next;
        free(pool);
    }
}
