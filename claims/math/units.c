/*
 * One table. Sizes are exact ratios to the kind's base unit: the metre, gram, second, litre, square
 * metre, degree, cent, byte, joule, watt, newton and the SI units after them.
 */
#include "claims/math/units.h"

#include <string.h>

#include "base/plain.h"

/* Names in lower case, singular, in whatever case they are written: none of them is another unit
 * then. */
static const struct unit_word words[] = {
    {"acre", UNIT_AREA, 40468564224, 10000000},
    {"amp", UNIT_CURRENT, 1, 1},
    {"ampere", UNIT_CURRENT, 1, 1},
    {"angstrom", UNIT_LENGTH, 1, 10000000000},
    {"billion", UNIT_SCALE, 1000000000, 1},
    {"bit", UNIT_DATA, 1, 8},
    {"byte", UNIT_DATA, 1, 1},
    {"celsius", UNIT_CELSIUS, 1, 1},
    {"cent", UNIT_DOLLAR, 1, 1},
    {"centimeter", UNIT_LENGTH, 1, 100},
    {"centimetre", UNIT_LENGTH, 1, 100},
    {"century", UNIT_MONTH, 1200, 1},
    {"cm", UNIT_LENGTH, 1, 100},
    {"coulomb", UNIT_CHARGE, 1, 1},
    {"crore", UNIT_SCALE, 10000000, 1},
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
    {"gauss", UNIT_FLUX_DENSITY, 1, 10000},
    {"gigabit", UNIT_DATA, 1000000000, 8},
    {"gigabyte", UNIT_DATA, 1000000000, 1},
    {"gram", UNIT_MASS, 1, 1},
    {"hectare", UNIT_AREA, 10000, 1},
    {"henry", UNIT_INDUCTANCE, 1, 1},
    {"hertz", UNIT_FREQUENCY, 1, 1},
    {"hour", UNIT_TIME, 3600, 1},
    {"hr", UNIT_TIME, 3600, 1},
    {"hundred", UNIT_SCALE, 100, 1},
    {"in", UNIT_LENGTH, 254, 10000},
    {"inch", UNIT_LENGTH, 254, 10000},
    {"inches", UNIT_LENGTH, 254, 10000},
    {"joule", UNIT_ENERGY, 1, 1},
    {"kelvin", UNIT_KELVIN, 1, 1},
    {"kg", UNIT_MASS, 1000, 1},
    {"kilobit", UNIT_DATA, 1000, 8},
    {"kilobyte", UNIT_DATA, 1000, 1},
    {"kilogram", UNIT_MASS, 1000, 1},
    {"kilojoule", UNIT_ENERGY, 1000, 1},
    {"kilometer", UNIT_LENGTH, 1000, 1},
    {"kilometre", UNIT_LENGTH, 1000, 1},
    {"kilonewton", UNIT_FORCE, 1000, 1},
    {"kilowatt", UNIT_POWER, 1000, 1},
    {"km", UNIT_LENGTH, 1000, 1},
    {"kph", UNIT_SPEED, 1000, 3600},
    {"lakh", UNIT_SCALE, 100000, 1},
    {"lb", UNIT_MASS, 45359237, 100000},
    {"liter", UNIT_VOLUME, 1, 1},
    {"litre", UNIT_VOLUME, 1, 1},
    {"megabit", UNIT_DATA, 1000000, 8},
    {"megabyte", UNIT_DATA, 1000000, 1},
    {"meter", UNIT_LENGTH, 1, 1},
    {"metre", UNIT_LENGTH, 1, 1},
    {"mi", UNIT_LENGTH, 1609344, 1000},
    {"micrometer", UNIT_LENGTH, 1, 1000000},
    {"microtesla", UNIT_FLUX_DENSITY, 1, 1000000},
    {"mile", UNIT_LENGTH, 1609344, 1000},
    {"milligram", UNIT_MASS, 1, 1000},
    {"milliliter", UNIT_VOLUME, 1, 1000},
    {"millilitre", UNIT_VOLUME, 1, 1000},
    {"millimeter", UNIT_LENGTH, 1, 1000},
    {"millimetre", UNIT_LENGTH, 1, 1000},
    {"million", UNIT_SCALE, 1000000, 1},
    {"millisecond", UNIT_TIME, 1, 1000},
    {"millitesla", UNIT_FLUX_DENSITY, 1, 1000},
    {"min", UNIT_TIME, 60, 1},
    {"minute", UNIT_TIME, 60, 1},
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
    {"terabyte", UNIT_DATA, 1000000000000, 1},
    {"tesla", UNIT_FLUX_DENSITY, 1, 1},
    {"thousand", UNIT_SCALE, 1000, 1},
    {"ton", UNIT_MASS, 0, 1},
    {"tonne", UNIT_MASS, 1000000, 1},
    {"trillion", UNIT_SCALE, 1000000000000, 1},
    {"usd", UNIT_DOLLAR, 100, 1},
    {"volt", UNIT_VOLTAGE, 1, 1},
    {"watt", UNIT_POWER, 1, 1},
    {"weber", UNIT_FLUX, 1, 1},
    {"week", UNIT_TIME, 604800, 1},
    {"yard", UNIT_LENGTH, 9144, 10000},
    {"yd", UNIT_LENGTH, 9144, 10000},
    {"year", UNIT_MONTH, 12, 1},
    {"yen", UNIT_YEN, 1, 1},
    {"yr", UNIT_MONTH, 12, 1},
};

/* Symbols that count only as written: mW is not MW, Gb is not GB. */
static const struct unit_word symbols[] = {
    {"Cal", UNIT_ENERGY, 4184, 1},
    {"GB", UNIT_DATA, 1000000000, 1},
    {"Gb", UNIT_DATA, 1000000000, 8},
    {"Gbit", UNIT_DATA, 1000000000, 8},
    {"KB", UNIT_DATA, 1000, 1},
    {"Kb", UNIT_DATA, 1000, 8},
    {"MB", UNIT_DATA, 1000000, 1},
    {"ML", UNIT_VOLUME, 1000000, 1},
    {"Mb", UNIT_DATA, 1000000, 8},
    {"Mbit", UNIT_DATA, 1000000, 8},
    {"Mg", UNIT_MASS, 1000000, 1},
    {"Ml", UNIT_VOLUME, 1000000, 1},
    {"Mm", UNIT_LENGTH, 1000000, 1},
    {"TB", UNIT_DATA, 1000000000000, 1},
    {"Tb", UNIT_DATA, 1000000000000, 8},
    {"Wb", UNIT_FLUX, 1, 1},
    {"gb", UNIT_DATA, 0, 1}, /* of bits or of bytes */
    {"ha", UNIT_AREA, 10000, 1},
    {"kB", UNIT_DATA, 1000, 1},
    {"kb", UNIT_DATA, 1000, 8},
    {"kbit", UNIT_DATA, 1000, 8},
    {"mH", UNIT_INDUCTANCE, 1, 1000},
    {"mT", UNIT_FLUX_DENSITY, 1, 1000},
    {"mb", UNIT_DATA, 0, 1},
    {"mg", UNIT_MASS, 1, 1000},
    {"ml", UNIT_VOLUME, 1, 1000},
    {"mm", UNIT_LENGTH, 1, 1000},
    {"nT", UNIT_FLUX_DENSITY, 1, 1000000000},
    {"tb", UNIT_DATA, 0, 1},
    {"uH", UNIT_INDUCTANCE, 1, 1000000},
    {"uT", UNIT_FLUX_DENSITY, 1, 1000000},
    {"Å", UNIT_LENGTH, 1, 10000000000},
    {"GJ", UNIT_ENERGY, 1000000000, 1},
    {"GWh", UNIT_ENERGY, 3600000000000, 1},
    {"GeV", UNIT_ELECTRONVOLT, 1000000000, 1},
    {"Gohm", UNIT_RESISTANCE, 1000000000, 1},
    {"MN", UNIT_FORCE, 1000000, 1},
    {"MV", UNIT_VOLTAGE, 1000000, 1},
    {"MWh", UNIT_ENERGY, 3600000000, 1},
    {"Mohm", UNIT_RESISTANCE, 1000000, 1},
    {"THz", UNIT_FREQUENCY, 1000000000000, 1},
    {"TW", UNIT_POWER, 1000000000000, 1},
    {"TWh", UNIT_ENERGY, 3600000000000000, 1},
    {"TeV", UNIT_ELECTRONVOLT, 1000000000000, 1},
    {"Wh", UNIT_ENERGY, 3600, 1},
    {"atm", UNIT_PRESSURE, 101325, 1},
    {"bar", UNIT_PRESSURE, 100000, 1},
    {"cL", UNIT_VOLUME, 1, 100},
    {"cal", UNIT_ENERGY, 4184, 1000},
    {"cl", UNIT_VOLUME, 1, 100},
    {"dL", UNIT_VOLUME, 1, 10},
    {"dl", UNIT_VOLUME, 1, 10},
    {"dm", UNIT_LENGTH, 1, 10},
    {"hPa", UNIT_PRESSURE, 100, 1},
    {"kA", UNIT_CURRENT, 1000, 1},
    {"kcal", UNIT_ENERGY, 4184, 1},
    {"kmol", UNIT_AMOUNT, 1000, 1},
    {"kohm", UNIT_RESISTANCE, 1000, 1},
    {"mC", UNIT_CHARGE, 1, 1000},
    {"mF", UNIT_CAPACITANCE, 1, 1000},
    {"mHz", UNIT_FREQUENCY, 1, 1000},
    {"mJ", UNIT_ENERGY, 1, 1000},
    {"mL", UNIT_VOLUME, 1, 1000},
    {"mN", UNIT_FORCE, 1, 1000},
    {"mPa", UNIT_PRESSURE, 1, 1000},
    {"meV", UNIT_ELECTRONVOLT, 1, 1000},
    {"mohm", UNIT_RESISTANCE, 1, 1000},
    {"nA", UNIT_CURRENT, 1, 1000000000},
    {"nC", UNIT_CHARGE, 1, 1000000000},
    {"nF", UNIT_CAPACITANCE, 1, 1000000000},
    {"nmol", UNIT_AMOUNT, 1, 1000000000},
    {"pA", UNIT_CURRENT, 1, 1000000000000},
    {"pF", UNIT_CAPACITANCE, 1, 1000000000000},
    {"ps", UNIT_TIME, 1, 1000000000000},
    {"uA", UNIT_CURRENT, 1, 1000000},
    {"uC", UNIT_CHARGE, 1, 1000000},
    {"uF", UNIT_CAPACITANCE, 1, 1000000},
    {"uJ", UNIT_ENERGY, 1, 1000000},
    {"uL", UNIT_VOLUME, 1, 1000000},
    {"uN", UNIT_FORCE, 1, 1000000},
    {"uV", UNIT_VOLTAGE, 1, 1000000},
    {"uW", UNIT_POWER, 1, 1000000},
    {"ug", UNIT_MASS, 1, 1000000},
    {"ul", UNIT_VOLUME, 1, 1000000},
    {"um", UNIT_LENGTH, 1, 1000000},
    {"umol", UNIT_AMOUNT, 1, 1000000},
    {"uohm", UNIT_RESISTANCE, 1, 1000000},
    {"us", UNIT_TIME, 1, 1000000},
    {"Nm", UNIT_ENERGY, 1, 1},
    {"degC", UNIT_CELSIUS, 1, 1},
    {"degF", UNIT_FAHRENHEIT, 1, 1},
    {"千米", UNIT_LENGTH, 1000, 1},
    {"公里", UNIT_LENGTH, 1000, 1},
    {"米", UNIT_LENGTH, 1, 1},
    {"分米", UNIT_LENGTH, 1, 10},
    {"厘米", UNIT_LENGTH, 1, 100},
    {"毫米", UNIT_LENGTH, 1, 1000},
    {"平方米", UNIT_AREA, 1, 1},
    {"平方厘米", UNIT_AREA, 1, 10000},
    {"立方米", UNIT_VOLUME, 1000, 1},
    {"升", UNIT_VOLUME, 1, 1},
    {"毫升", UNIT_VOLUME, 1, 1000},
    {"吨", UNIT_MASS, 1000000, 1},
    {"千克", UNIT_MASS, 1000, 1},
    {"公斤", UNIT_MASS, 1000, 1},
    {"克", UNIT_MASS, 1, 1},
    {"秒", UNIT_TIME, 1, 1},
    {"分钟", UNIT_TIME, 60, 1},
    {"小时", UNIT_TIME, 3600, 1},
    {"时", UNIT_TIME, 3600, 1},
    {"天", UNIT_TIME, 86400, 1},
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
    {"ng", UNIT_MASS, 1, 1000000000},
    {"nm", UNIT_LENGTH, 1, 1000000000},
    {"ns", UNIT_TIME, 1, 1000000000},
};

static const struct unit_word *find_symbol(const char *word, size_t len)
{
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
        if (symbols[i].name[0] == word[0] && strlen(symbols[i].name) == len &&
            memcmp(symbols[i].name, word, len) == 0)
            return &symbols[i];
    return NULL;
}

static const struct unit_word *find(const char *word, size_t len)
{
    size_t low = 0, high = sizeof words / sizeof *words;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = plain_compare(words[middle].name, word, len);
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
