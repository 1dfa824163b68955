/*
 * qualify.h - words after a number that make it another number, a bound, or take it back.
 *
 * Pure and thread-safe.
 */
#ifndef SURETY_CLAIMS_TEXT_QUALIFY_H
#define SURETY_CLAIMS_TEXT_QUALIFY_H

#include <stdbool.h>
#include <stddef.h>

/* True for "or more", "is not a solution", "less", "(rejected)", "point two"; false for words that
 * name what is counted: "apples", "more students", "different ways". */
bool qualify_number(const char *words, size_t len);

/* The words do arithmetic with a number: "double", "half of". */
bool qualify_operates(const char *folded);

#endif
