/*
 * One table. Sizes are exact ratios to the kind's base unit: the metre, gram, second, litre, square
 * metre, degree, cent, byte, joule, watt, newton and the SI units after them.
 */
#include "claims/math/units.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Names in lower case, singular. A name of one or two letters counts only as written. */
static const struct unit_word words[] = {
    {"acre", UNIT_AREA, 40468564224, 10000000},
    {"amp", UNIT_CURRENT, 1, 1},
    {"ampere", UNIT_CURRENT, 1, 1},
    {"billion", UNIT_SCALE, 1000000000, 1},
    {"byte", UNIT_DATA, 1, 1},
    {"celsius", UNIT_CELSIUS, 1, 1},
    {"cent", UNIT_DOLLAR, 1, 1},
    {"centimeter", UNIT_LENGTH, 1, 100},
    {"centimetre", UNIT_LENGTH, 1, 100},
    {"century", UNIT_MONTH, 1200, 1},
    {"cm", UNIT_LENGTH, 1, 100},
    {"coulomb", UNIT_CHARGE, 1, 1},
    {"cu", UNIT_NONE, 0, 1},
    {"day", UNIT_TIME, 86400, 1},
    {"decade", UNIT_MONTH, 120, 1},
    {"deg", UNIT_ANGLE, 1, 1},
    {"degree", UNIT_ANGLE, 1, 1},
    {"dime", UNIT_DOLLAR, 10, 1},
    {"dollar", UNIT_DOLLAR, 100, 1},
    {"dozen", UNIT_SCALE, 12, 1},
    {"electronvolt", UNIT_ELECTRONVOLT, 1, 1},
    {"euro", UNIT_EURO, 1, 1},
    {"fahrenheit", UNIT_FAHRENHEIT, 1, 1},
    {"feet", UNIT_LENGTH, 3048, 10000},
    {"foot", UNIT_LENGTH, 3048, 10000},
    {"ft", UNIT_LENGTH, 3048, 10000},
    {"gallon", UNIT_VOLUME, 3785411784, 1000000000},
    {"gb", UNIT_DATA, 1000000000, 1},
    {"gram", UNIT_MASS, 1, 1},
    {"hectare", UNIT_AREA, 10000, 1},
    {"hertz", UNIT_FREQUENCY, 1, 1},
    {"hour", UNIT_TIME, 3600, 1},
    {"hr", UNIT_TIME, 3600, 1},
    {"hundred", UNIT_SCALE, 100, 1},
    {"in", UNIT_LENGTH, 254, 10000},
    {"inch", UNIT_LENGTH, 254, 10000},
    {"inches", UNIT_LENGTH, 254, 10000},
    {"joule", UNIT_ENERGY, 1, 1},
    {"kb", UNIT_DATA, 1000, 1},
    {"kelvin", UNIT_KELVIN, 1, 1},
    {"kg", UNIT_MASS, 1000, 1},
    {"kilogram", UNIT_MASS, 1000, 1},
    {"kilojoule", UNIT_ENERGY, 1000, 1},
    {"kilometer", UNIT_LENGTH, 1000, 1},
    {"kilometre", UNIT_LENGTH, 1000, 1},
    {"kilonewton", UNIT_FORCE, 1000, 1},
    {"kilowatt", UNIT_POWER, 1000, 1},
    {"km", UNIT_LENGTH, 1000, 1},
    {"kph", UNIT_SPEED, 1000, 3600},
    {"lb", UNIT_MASS, 45359237, 100000},
    {"liter", UNIT_VOLUME, 1, 1},
    {"litre", UNIT_VOLUME, 1, 1},
    {"mb", UNIT_DATA, 1000000, 1},
    {"meter", UNIT_LENGTH, 1, 1},
    {"metre", UNIT_LENGTH, 1, 1},
    {"mg", UNIT_MASS, 1, 1000},
    {"mi", UNIT_LENGTH, 1609344, 1000},
    {"micrometer", UNIT_LENGTH, 1, 1000000},
    {"mile", UNIT_LENGTH, 1609344, 1000},
    {"milligram", UNIT_MASS, 1, 1000},
    {"milliliter", UNIT_VOLUME, 1, 1000},
    {"millilitre", UNIT_VOLUME, 1, 1000},
    {"millimeter", UNIT_LENGTH, 1, 1000},
    {"millimetre", UNIT_LENGTH, 1, 1000},
    {"million", UNIT_SCALE, 1000000, 1},
    {"millisecond", UNIT_TIME, 1, 1000},
    {"min", UNIT_TIME, 60, 1},
    {"minute", UNIT_TIME, 60, 1},
    {"ml", UNIT_VOLUME, 1, 1000},
    {"mm", UNIT_LENGTH, 1, 1000},
    {"mole", UNIT_AMOUNT, 1, 1},
    {"month", UNIT_MONTH, 1, 1}, /* no fixed number of days */
    {"mph", UNIT_SPEED, 1609344, 3600000},
    {"nanometer", UNIT_LENGTH, 1, 1000000000},
    {"newton", UNIT_FORCE, 1, 1},
    {"nickel", UNIT_DOLLAR, 5, 1},
    {"ohm", UNIT_RESISTANCE, 1, 1},
    {"ounce", UNIT_MASS, 28349523125, 1000000000},
    {"oz", UNIT_MASS, 28349523125, 1000000000},
    {"pascal", UNIT_PRESSURE, 1, 1},
    {"penny", UNIT_DOLLAR, 1, 1},
    {"pound", UNIT_MASS, 45359237, 100000},
    {"quarter", UNIT_DOLLAR, 25, 1},
    {"rad", UNIT_ANGLE, 0, 1},
    {"radian", UNIT_ANGLE, 0, 1},
    {"rupee", UNIT_RUPEE, 1, 1},
    {"sec", UNIT_TIME, 1, 1},
    {"second", UNIT_TIME, 1, 1},
    {"sq", UNIT_NONE, 0, 1},
    {"thousand", UNIT_SCALE, 1000, 1},
    {"ton", UNIT_MASS, 0, 1},
    {"tonne", UNIT_MASS, 1000000, 1},
    {"trillion", UNIT_SCALE, 1000000000000, 1},
    {"usd", UNIT_DOLLAR, 100, 1},
    {"volt", UNIT_VOLTAGE, 1, 1},
    {"watt", UNIT_POWER, 1, 1},
    {"week", UNIT_TIME, 604800, 1},
    {"yard", UNIT_LENGTH, 9144, 10000},
    {"yd", UNIT_LENGTH, 9144, 10000},
    {"year", UNIT_MONTH, 12, 1},
    {"yen", UNIT_YEN, 1, 1},
    {"yr", UNIT_MONTH, 12, 1},
};

/* Symbols that count only as written: mW is not MW. */
static const struct unit_word symbols[] = {
    {"GHz", UNIT_FREQUENCY, 1000000000, 1},
    {"GPa", UNIT_PRESSURE, 1000000000, 1},
    {"GW", UNIT_POWER, 1000000000, 1},
    {"Hz", UNIT_FREQUENCY, 1, 1},
    {"MHz", UNIT_FREQUENCY, 1000000, 1},
    {"MJ", UNIT_ENERGY, 1000000, 1},
    {"MPa", UNIT_PRESSURE, 1000000, 1},
    {"MW", UNIT_POWER, 1000000, 1},
    {"MeV", UNIT_ELECTRONVOLT, 1000000, 1},
    {"Pa", UNIT_PRESSURE, 1, 1},
    {"eV", UNIT_ELECTRONVOLT, 1, 1},
    {"kHz", UNIT_FREQUENCY, 1000, 1},
    {"kJ", UNIT_ENERGY, 1000, 1},
    {"kN", UNIT_FORCE, 1000, 1},
    {"kPa", UNIT_PRESSURE, 1000, 1},
    {"kV", UNIT_VOLTAGE, 1000, 1},
    {"kW", UNIT_POWER, 1000, 1},
    {"kWh", UNIT_ENERGY, 3600000, 1},
    {"keV", UNIT_ELECTRONVOLT, 1000, 1},
    {"mA", UNIT_CURRENT, 1, 1000},
    {"mV", UNIT_VOLTAGE, 1, 1000},
    {"mW", UNIT_POWER, 1, 1000},
    {"mmol", UNIT_AMOUNT, 1, 1000},
    {"mol", UNIT_AMOUNT, 1, 1},
    {"ms", UNIT_TIME, 1, 1000},
    {"nm", UNIT_LENGTH, 1, 1000000000},
    {"ns", UNIT_TIME, 1, 1000000000},
};

static const struct unit_word *find_symbol(const char *word, size_t len)
{
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
        if (strlen(symbols[i].name) == len && memcmp(symbols[i].name, word, len) == 0)
            return &symbols[i];
    return NULL;
}

static const struct unit_word *find(const char *word, size_t len)
{
    size_t low = 0, high = sizeof words / sizeof *words;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strncasecmp(words[middle].name, word, len);
        if (order == 0)
            order = words[middle].name[len] != '\0';
        if (order == 0)
            return &words[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct unit_word *units_find(const char *word, size_t len)
{
    const struct unit_word *unit = find_symbol(word, len);
    if (!unit)
        unit = find(word, len);
    if (!unit && len > 2 && (word[len - 1] == 's' || word[len - 1] == 'S'))
        unit = find(word, len - 1);
    return unit;
}

bool units_is_word(const char *word, size_t len)
{
    return len > 1 && units_find(word, len);
}

bool units_is_letter(char c)
{
    return c && strchr("mgsLlhJNWVFCKAM", c);
}
