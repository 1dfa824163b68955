/* builtin.h - the built-in profiles' texts, written by embed.py from the *.profile files. */
#ifndef SURETY_CLAIMS_READ_PROFILES_BUILTIN_H
#define SURETY_CLAIMS_READ_PROFILES_BUILTIN_H

extern const char *const builtin_profile_names[]; /* in order of the alphabet, NULL-terminated */
extern const char *const builtin_profile_texts[];

#endif
