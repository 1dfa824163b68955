/* demo.h - where the demo model is: what commands use when no engine is named. */
#ifndef SURETY_SCALER_CLIENT_DEMO_H
#define SURETY_SCALER_CLIENT_DEMO_H

#include <stddef.h>

#include <surety/err.h>

/* Path of the model that is installed beside the program or under the prefix, or that stands in the
 * build folder. INVALID with what to do when there is none. */
enum surety_err demo_model(char *ret, size_t size, struct surety_error *err);

#endif
