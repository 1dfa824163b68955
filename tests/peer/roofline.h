/*
 * roofline.h - what this machine can do at best: bytes read and copied a second, multiply-adds a
 * second. Measured, not looked up: each takes a fraction of a second on the given threads, and the
 * best of some rounds counts. (Williams et al. 2009, "Roofline".)
 */
#ifndef SURETY_TESTS_PEER_ROOFLINE_H
#define SURETY_TESTS_PEER_ROOFLINE_H

#include <stdint.h>

struct roofline {
    double read_bytes;       /* a second, out of memory */
    double copy_bytes;       /* a second, read ones */
    double int8_products;    /* multiply-adds of bytes a second */
    double f32_products;     /* fused multiply-adds of F32 a second */
    const char *instruction; /* behind int8_products */
};

/* threads <= 64. Zeros where memory or threads are lacking, or the instruction set has neither. */
struct roofline roofline_measure(uint32_t threads);

#endif
