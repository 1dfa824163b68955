/*
 * units.h - which words are units, and how they convert.
 *
 * Pure and thread-safe.
 */
#ifndef SURETY_CLAIMS_MATH_UNITS_H
#define SURETY_CLAIMS_MATH_UNITS_H

#include <stdbool.h>
#include <stddef.h>

/* What a word measures; units of one kind convert into each other. */
enum unit_kind {
    UNIT_NONE,
    UNIT_LENGTH,
    UNIT_MASS,
    UNIT_TIME,
    UNIT_MONTH,
    UNIT_VOLUME,
    UNIT_AREA,
    UNIT_SPEED,
    UNIT_ANGLE,
    UNIT_TEMPERATURE,
    UNIT_DOLLAR,
    UNIT_EURO,
    UNIT_POUND,
    UNIT_YEN,
    UNIT_RUPEE,
    UNIT_DATA,
    UNIT_SCALE, /* a bare factor: dozen, million */
    UNIT_ENERGY,
    UNIT_POWER,
    UNIT_FORCE,
    UNIT_VOLTAGE,
    UNIT_CURRENT,
    UNIT_RESISTANCE,
    UNIT_FREQUENCY,
    UNIT_PRESSURE,
    UNIT_AMOUNT,
    UNIT_CHARGE,
    UNIT_CAPACITANCE,
    UNIT_KELVIN,
    UNIT_CELSIUS,
    UNIT_FAHRENHEIT,
    UNIT_ELECTRONVOLT,
    UNIT_MOLAR,
    UNIT_FLUX,
    UNIT_FLUX_DENSITY,
    UNIT_INDUCTANCE,
    UNIT_KIND_COUNT
};

/* A unit's name, singular or plural ("cm", "Inches"): its kind and size in the kind's base unit. */
struct unit_word {
    const char *name;
    enum unit_kind kind;
    long numerator, denominator;
};
const struct unit_word *units_find(const char *word, size_t len);

/* True for a unit of two letters or more, and for a letter that is one ("m"). */
bool units_is_word(const char *word, size_t len);
bool units_is_letter(char c);

#endif
