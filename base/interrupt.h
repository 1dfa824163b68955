/*
 * interrupt.h - Ctrl-C: the first asks for an end with what there is, the second ends at once.
 *
 * SIGINT, SIGTERM and SIGHUP alike, but for those that were ignored already. Also keeps SIGPIPE
 * from killing the program.
 */
#ifndef SURETY_BASE_INTERRUPT_H
#define SURETY_BASE_INTERRUPT_H

#include <stdbool.h>

void interrupt_install(void);

bool interrupt_came(void);

/* Where *interrupt_came is wanted as memory (worker.h): non-zero once a signal came. */
const volatile int *interrupt_flag(void);

/* A descriptor that becomes readable with the first signal; -1 without descriptors. */
int interrupt_fd(void);

/* Written to stderr before the second signal ends the program; NULL: nothing. A literal. */
void interrupt_restore(const char *sequence);

#endif
