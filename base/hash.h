/*
 * hash.h - the one 64-bit hash behind seeds, claim keys, profile hashes and model ids.
 *
 * FNV-1a (64 bits) over the bytes, then the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
 * Documented and fixed, so that a client in another language finds the same seeds. Not keyed: no
 * defence against chosen collisions, and never used where one would do harm.
 */
#ifndef SURETY_BASE_HASH_H
#define SURETY_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Hash of the bytes, continued from state (0 for a fresh start). */
uint64_t hash_bytes(uint64_t state, const void *data, size_t len);

/* hash_bytes over the string without its NUL, and over the 8 little-endian bytes of a number. */
uint64_t hash_text(uint64_t state, const char *text);
uint64_t hash_u64(uint64_t state, uint64_t value);

/* Writes the 16 hexadecimal digits of a hash and a NUL. */
void hash_hex(uint64_t hash, char out[17]);

#endif
