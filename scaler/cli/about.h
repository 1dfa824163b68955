/* about.h - what this build is made of, for `surety --version`. */
#ifndef SURETY_SCALER_CLI_ABOUT_H
#define SURETY_SCALER_CLI_ABOUT_H

#include <stdio.h>

/* Versions of the libraries, one a line. */
void about_print(FILE *out);

#endif
