/*
 * flint.h - the headers of exact arithmetic, whose places differ between FLINT 3 and before.
 *
 * FLINT 3 has Arb and Calcium inside; before it they were libraries of their own.
 */
#ifndef SURETY_CLAIMS_MATH_FLINT_H
#define SURETY_CLAIMS_MATH_FLINT_H

#ifdef SURETY_FLINT2
#include <acb.h>
#include <acb_hypgeom.h>
#include <arb.h>
#include <calcium/ca.h>
#include <calcium/fmpz_mpoly_q.h>
#include <flint/fmpq.h>
#include <flint/fmpz.h>
#include <flint/fmpz_mpoly_factor.h>
#include <flint/fmpz_poly_factor.h>
#else
#include <flint/acb.h>
#include <flint/acb_hypgeom.h>
#include <flint/arb.h>
#include <flint/ca.h>
#include <flint/fmpq.h>
#include <flint/fmpz.h>
#include <flint/fmpz_mpoly_factor.h>
#include <flint/fmpz_mpoly_q.h>
#include <flint/fmpz_poly_factor.h>
#endif

#endif
